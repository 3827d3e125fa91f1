/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate register merge`: what the organisations' lists say beside each other and beside the
 * register, and with --apply what they agree on into the register. What is open stays out of it. */
#ifndef CLI_REGISTER_MERGE_H
#define CLI_REGISTER_MERGE_H

#include "cli/cli.h"

/* argv[0] is "merge". */
int register_merge(int argc, char **argv, const struct settings *settings);

#endif
