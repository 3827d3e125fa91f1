/* SPDX-License-Identifier: Apache-2.0 */
/* SIGHUP: settings and adapters are read again. For: the order of that, and telling the log and the
 * metrics what came of it. Promises: a file that is wrong changes nothing it names; everything
 * wrong is said in one go; until a later SIGHUP finds all in order, dualgate_config_stale is 1. */
#ifndef APP_RELOAD_H
#define APP_RELOAD_H

#include "app/gateway.h"
#include "base/metric.h"
#include "conf/settings.h"

struct reload {
    struct settings now;    /* what every part points at; changed in place */
    struct settings source; /* holds the texts that `now` took over */
    bool taken;             /* source is in use */
    struct metric *ok, *refused, *stale;
};

/* at_start must outlive it. */
void reload_init(struct reload *r, const struct settings *at_start);
void reload_free(struct reload *r);
void reload_run(struct reload *r, struct gateway *g);

#endif
