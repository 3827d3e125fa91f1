/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate register import FILE`: a CSV file into a table of the register. Every bad line is told
 * in one go; nothing is imported when there is one, unless bad lines are to be skipped; importing
 * the same file again changes nothing. */
#ifndef CLI_REGISTER_IMPORT_H
#define CLI_REGISTER_IMPORT_H

#include "cli/cli.h"

/* argv[0] is "import". */
int register_import(int argc, char **argv, const struct settings *settings);

#endif
