/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate attachment get | list`: photos and documents that records name. */
#ifndef CLI_ATTACHMENT_H
#define CLI_ATTACHMENT_H

#include "cli/cli.h"

int cli_attachment(int argc, char **argv, const struct settings *settings);

#endif
