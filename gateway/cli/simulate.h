/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate simulate`: a district of believable entities that report, for demos and load. */
#ifndef CLI_SIMULATE_H
#define CLI_SIMULATE_H

#include "cli/cli.h"

int cli_simulate(int argc, char **argv, const struct settings *settings);

#endif
