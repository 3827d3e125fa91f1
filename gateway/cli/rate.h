/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate rate`: the report rate of a month, n of d reporting units, by township and sector. The
 * figure is the database's (indicator.report_rate); here it is only printed. */
#ifndef CLI_RATE_H
#define CLI_RATE_H

#include "cli/cli.h"

int cli_rate(int argc, char **argv, const struct settings *settings);

#endif
