/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate run`: the gateway, until SIGTERM or SIGINT; then it drains. */
#ifndef APP_RUN_H
#define APP_RUN_H

#include "cli/cli.h"

int app_run(int argc, char **argv, const struct settings *settings);

#endif
