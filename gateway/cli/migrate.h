/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate migrate`: creates or upgrades the database schema, lists migrations, drafts one. */
#ifndef CLI_MIGRATE_H
#define CLI_MIGRATE_H

#include "cli/cli.h"

int cli_migrate(int argc, char **argv, const struct settings *settings);

#endif
