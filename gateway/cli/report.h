/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate report FILE`: sends a file of reports as an enterprise would, from a durable outbox,
 * repeating each until its receipt is there. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/cli.h"

int cli_report(int argc, char **argv, const struct settings *settings);

#endif
