/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate register`: who reports, for whom and where: import, list, show, publisher set. */
#ifndef CLI_REGISTER_H
#define CLI_REGISTER_H

#include "cli/cli.h"

int cli_register(int argc, char **argv, const struct settings *settings);

#endif
