/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate check`: reads the configuration, the adapters, the database and the live broker, and
 * says all that is wrong, each at its place, in one go. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/cli.h"

int cli_check(int argc, char **argv, const struct settings *settings);

#endif
