/* SPDX-License-Identifier: Apache-2.0 */
/* The one binary: finds the subcommand, reads the settings it needs, hands over. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/run.h"
#include "base/metric.h"
#include "cli/adapt.h"
#include "cli/attachment.h"
#include "cli/check.h"
#include "cli/feed.h"
#include "cli/migrate.h"
#include "cli/quarantine.h"
#include "cli/rate.h"
#include "cli/register.h"
#include "cli/report.h"
#include "cli/schema.h"
#include "cli/simulate.h"
#include "cli/version.h"

struct command {
    const char *name;
    cli_run run;
    const char *help;
};

static const struct command commands[] = {
    {"run", app_run, "the gateway"},
    {"check", cli_check, "configuration, adapters, database and broker: say all that is wrong"},
    {"migrate", cli_migrate, "create or upgrade the database schema"},
    {"adapt", cli_adapt, "run an adapter offline: canonical JSON, or the reasons"},
    {"report", cli_report, "send a file of reports, repeat until the receipts are there"},
    {"feed", cli_feed, "receive accepted reports as a department would"},
    {"register", cli_register, "the register: import, list, show, publisher set"},
    {"quarantine", cli_quarantine, "what was rejected: list, show, requeue"},
    {"rate", cli_rate, "report rate of a month by township and sector"},
    {"attachment", cli_attachment, "photos and documents: list them, get one"},
    {"schema", cli_schema, "the records, and the JSON Schema of their reports"},
    {"simulate", cli_simulate, "a district of believable entities that report"},
    {"version", cli_version, "version of this program and its libraries"},
};

#define N_COMMANDS (sizeof commands / sizeof *commands)

static void usage(FILE *to)
{
    fputs("usage: dualgate COMMAND [--config FILE] [OPTIONS]\n\n", to);
    for (size_t i = 0; i < N_COMMANDS; i++) {
        fprintf(to, "  %-11s %s\n", commands[i].name, commands[i].help);
    }
    fputs("\nSettings are read from --config, else from $DUALGATE_CONFIG.\n"
          "Every command has --help. Exit codes: 0 done, 1 found something wrong, 2 wrong usage.\n",
          to);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

/* Takes --config FILE or --config=FILE out of argv. False when FILE is missing. */
static bool take_config(int *argc, char **argv, const char **path)
{
    int kept = 1;
    for (int i = 1; i < *argc; i++) {
        if (strncmp(argv[i], "--config=", 9) == 0) {
            *path = argv[i] + 9;
        } else if (strcmp(argv[i], "--config") == 0) {
            if (i + 1 == *argc) {
                return false;
            }
            *path = argv[++i];
        } else {
            argv[kept++] = argv[i];
        }
    }
    argv[kept] = NULL;
    *argc = kept;
    return true;
}

/* 0 when s is usable. */
static int load_settings(struct settings *s, const char *path)
{
    struct buf errors;
    buf_init(&errors, 0);
    enum err e = settings_load(s, path, &errors);
    if (e != ERR_OK) {
        fputs(buf_text(&errors), stderr);
        if (errors.len == 0) {
            fprintf(stderr, "dualgate: %s: %s\n", path ? path : "settings", err_text(e));
        }
    }
    buf_free(&errors);
    return e == ERR_OK ? CLI_DONE : CLI_USAGE;
}

int main(int argc, char **argv)
{
    const char *config = getenv("DUALGATE_CONFIG");
    if (config != NULL && config[0] == '\0') {
        config = NULL;
    }
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        usage(argc < 2 ? stderr : stdout);
        return argc < 2 ? CLI_USAGE : CLI_DONE;
    }
    const struct command *command =
        find_command(strcmp(argv[1], "--version") == 0 ? "version" : argv[1]);
    if (command == NULL) {
        fprintf(stderr, "dualgate: there is no command \"%s\"; see dualgate --help\n", argv[1]);
        return CLI_USAGE;
    }
    argc--;
    argv++;
    if (!take_config(&argc, argv, &config)) {
        fputs("dualgate: --config needs a file\n", stderr);
        return CLI_USAGE;
    }
    struct settings settings;
    int code = load_settings(&settings, config);
    if (code == CLI_DONE) {
        code = command->run(argc, argv, &settings);
    }
    settings_free(&settings);
    metric_free_all();
    return code;
}
