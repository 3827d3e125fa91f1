/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate feed`: receives accepted reports as a department (by sector) or a township would, each
 * once, and says where something is missing. */
#ifndef CLI_FEED_H
#define CLI_FEED_H

#include "cli/cli.h"

int cli_feed(int argc, char **argv, const struct settings *settings);

#endif
