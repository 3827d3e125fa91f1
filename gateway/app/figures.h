/* SPDX-License-Identifier: Apache-2.0 */
/* What the page shows: the counters of this process by the names people use. */
#ifndef APP_FIGURES_H
#define APP_FIGURES_H

#include "admin/health.h"

/* node: what the node is called. */
void figures_say(const char *node, bool english, health_say say, void *arg);

#endif
