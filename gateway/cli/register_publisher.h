/* SPDX-License-Identifier: Apache-2.0 */
/* `dualgate register publisher set CODE`: makes or changes a publisher, and for whom it may report.
 */
#ifndef CLI_REGISTER_PUBLISHER_H
#define CLI_REGISTER_PUBLISHER_H

#include "cli/cli.h"

/* argv[0] is "publisher". */
int register_publisher(int argc, char **argv, const struct settings *settings);

#endif
