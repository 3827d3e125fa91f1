/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate version`: which program this is and what it was built and runs with. */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#include "cli/cli.h"

/* "0.1.0", as set by the build. */
const char *version_text(void);

int cli_version(int argc, char **argv, const struct settings *settings);

#endif
