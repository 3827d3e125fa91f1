/* SPDX-License-Identifier: Apache-2.0 */
/* The district going on, now: a report at a time, with the clock's time. */
#ifndef CLI_SIMULATE_LIVE_H
#define CLI_SIMULATE_LIVE_H

#include "base/clock.h"
#include "cli/simulate_send.h"

struct sim_live;

MUST_CHECK enum err sim_live_new(struct sim_live **out, const struct district *d,
                                 const struct sim_native *native, const struct clock *clock);
void sim_live_free(struct sim_live *l);
struct sim_source sim_live_source(struct sim_live *l);

#endif
