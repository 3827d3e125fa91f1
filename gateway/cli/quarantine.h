/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate quarantine`: what was rejected or in conflict, with its original bytes; and running it
 * again once the cause is mended. */
#ifndef CLI_QUARANTINE_H
#define CLI_QUARANTINE_H

#include "cli/cli.h"

int cli_quarantine(int argc, char **argv, const struct settings *settings);

#endif
