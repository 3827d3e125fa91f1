/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate adapt`: an adapter run offline over files: canonical JSON, or the reasons for
 * rejection. Needs neither broker nor database; who is registered comes from a file. */
#ifndef CLI_ADAPT_H
#define CLI_ADAPT_H

#include "cli/cli.h"

int cli_adapt(int argc, char **argv, const struct settings *settings);

#endif
