/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate schema`: the JSON Schema of canonical reports, for those who write publishers. */
#ifndef CLI_SCHEMA_H
#define CLI_SCHEMA_H

#include "cli/cli.h"

int cli_schema(int argc, char **argv, const struct settings *settings);

#endif
