/* SPDX-License-Identifier: Apache-2.0 */
/* Running quarantined messages again: first judged offline by today's rules, then, if told so,
 * published on their own topic by the gateway's listener. */
#ifndef CLI_REQUEUE_H
#define CLI_REQUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/settings.h"
#include "pg/sync.h"

/* ids: n numbers of exchange.quarantine as text. Exit code of the command. */
int requeue(const struct settings *settings, struct sync *db, char **ids, size_t n, bool yes,
            bool json);

#endif
