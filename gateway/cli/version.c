/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/version.h"

#include <libpq-fe.h>
#include <mosquitto.h>
#include <protobuf-c/protobuf-c.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

/* Made by the build from its version and the commit. */
extern const char dualgate_version[];

const char *version_text(void)
{
    return dualgate_version;
}

static void print(bool json)
{
    int major;
    int minor;
    int patch;
    int pq = PQlibVersion();
    mosquitto_lib_version(&major, &minor, &patch);
    const char *uv = uv_version_string();
    const char *pb = protobuf_c_version();
    if (json) {
        printf("{\"dualgate\":\"%s\",\"libmosquitto\":\"%d.%d.%d\",\"libpq\":\"%d.%d\","
               "\"libuv\":\"%s\",\"protobuf_c\":\"%s\"}\n",
               version_text(), major, minor, patch, pq / 10000, pq % 10000, uv, pb);
    } else {
        printf("dualgate %s\nlibmosquitto %d.%d.%d\nlibpq %d.%d\nlibuv %s\nprotobuf-c %s\n",
               version_text(), major, minor, patch, pq / 10000, pq % 10000, uv, pb);
    }
}

int cli_version(int argc, char **argv, const struct settings *settings)
{
    (void)settings;
    bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        puts("usage: dualgate version [--json]");
        return CLI_DONE;
    }
    if (argc > 1 && !json) {
        fprintf(stderr, "dualgate version: unknown option \"%s\"\n", argv[1]);
        return CLI_USAGE;
    }
    print(json);
    return CLI_DONE;
}
