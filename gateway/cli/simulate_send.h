/* SPDX-License-Identifier: Apache-2.0 */
/* Sends messages as many publishers would, over one connection, and waits until each has its
 * receipt: a window of them under way, again after a time, and each receipt compared with what
 * should have come. */
#ifndef CLI_SIMULATE_SEND_H
#define CLI_SIMULATE_SEND_H

#include "cli/simulate_story.h"
#include "cli/simulate_tally.h"
#include "conf/settings.h"

struct sim_source {
    /* The next message, to live until done; NULL when there is none now. */
    const struct sim_message *(*next)(void *ctx);
    void (*done)(void *ctx, const struct sim_message *m); /* or NULL */
    bool endless;                                         /* until interrupted */
    void *ctx;
    size_t count; /* of a source that ends */
};

struct sim_sending {
    const struct settings *settings;
    struct sim_source source;
    int64_t rate;             /* messages a second, 0: as fast as receipts come */
    int64_t wait_ms;          /* before the first */
    int64_t repeat_after_ms;  /* what has no receipt is sent again */
    int64_t give_up_after_ms; /* without any receipt */
};

/* Adds to totals. ERR_NOMEM, or ERR_IO when the loop cannot be had; receipts that are missing or
 * unexpected are in the totals. */
MUST_CHECK enum err sim_send(const struct sim_sending *sending, struct sim_totals *totals);

#endif
