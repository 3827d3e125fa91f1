/* SPDX-License-Identifier: Apache-2.0 */
/* What all subcommands share: exit codes and the shape of an entry. A subcommand is one file with
 * one entry point; main.c has the table. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "conf/settings.h"

enum cli_exit {
    CLI_DONE = 0,
    CLI_WRONG = 1, /* found something wrong, or could not do it */
    CLI_USAGE = 2, /* wrong usage */
};

/* argv[0] is the subcommand's name; options after it. */
typedef int (*cli_run)(int argc, char **argv, const struct settings *settings);

#endif
