/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/schema.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/json_schema.h"
#include "cli/options.h"

static const char usage_text[] =
    "usage: dualgate schema [RECORD] [--dir DIR]\n\n"
    "Without RECORD the names of all records. With one, the JSON Schema of a report of it, for\n"
    "publishers that want to check before they send. --dir writes one file for each record,\n"
    "DIR/<record>.schema.json. What the schema refuses the gateway refuses too; the gateway also\n"
    "knows the register, the sector's profile (x-required-in) and rules across fields.\n";

static int list(const struct schema *schema)
{
    for (size_t i = 0; i < schema->n_records; i++) {
        const Dualgate__V1__RecordRule *rule = schema->records[i].rule;
        printf("%-22s %s\n", schema->records[i].name, rule->zh ? rule->zh : "");
    }
    return CLI_DONE;
}

static int print(const struct schema *schema, const char *name)
{
    const struct record_type *record = schema_record(schema, span_of(name));
    if (record == NULL) {
        fprintf(stderr, "dualgate schema: there is no record \"%s\"\n", name);
        return CLI_USAGE;
    }
    struct buf out;
    buf_init(&out, 0);
    json_schema_write(schema, record, &out);
    bool whole = !buf_failed(&out) && fwrite(out.data, 1, out.len, stdout) == out.len;
    buf_free(&out);
    return whole ? CLI_DONE : CLI_WRONG;
}

static int write_file(const struct schema *schema, const struct record_type *record,
                      const char *dir)
{
    struct buf path;
    struct buf out;
    buf_init(&path, 0);
    buf_init(&out, 0);
    buf_printf(&path, "%s/%s.schema.json", dir, record->name);
    json_schema_write(schema, record, &out);
    FILE *file = buf_failed(&out) || buf_failed(&path) ? NULL : fopen(buf_text(&path), "we");
    bool whole = file != NULL && fwrite(out.data, 1, out.len, file) == out.len;
    if (file != NULL && fclose(file) != 0) {
        whole = false;
    }
    if (!whole) {
        fprintf(stderr, "dualgate schema: %s: cannot be written\n", buf_text(&path));
    }
    buf_free(&out);
    buf_free(&path);
    return whole ? CLI_DONE : CLI_WRONG;
}

static int write_files(const struct schema *schema, const char *dir)
{
    int code = CLI_DONE;
    for (size_t i = 0; i < schema->n_records && code == CLI_DONE; i++) {
        code = write_file(schema, &schema->records[i], dir);
    }
    return code;
}

int cli_schema(int argc, char **argv, const struct settings *settings)
{
    (void)settings;
    const char *dir = NULL;
    const struct option_row rows[] = {
        {.name = "dir", .text = &dir},
    };
    int code = options_read("schema", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    if (argc - optind > 1 || (dir != NULL && optind < argc)) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    struct schema *schema = NULL;
    const char *why = "";
    if (schema_load(&schema, &why) != ERR_OK) {
        fprintf(stderr, "dualgate schema: %s\n", why);
        return CLI_WRONG;
    }
    code = dir             ? write_files(schema, dir)
           : optind < argc ? print(schema, argv[optind])
                           : list(schema);
    schema_free(schema);
    return code;
}
