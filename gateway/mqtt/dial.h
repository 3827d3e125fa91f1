/* SPDX-License-Identifier: Apache-2.0 */
/* When to try the broker next, and at which of its addresses: the name is resolved without blocking
 * (uv_getaddrinfo), each of its addresses has its turn without waiting, and then comes the backoff.
 * Every attempt stands against a deadline. Not for connecting: who dials does that.
 *
 * Promises: one attempt at a time, of which on_failed says at most once that it is over; nothing is
 * called after dial_stop but by a later dial_start or dial_later. */
#ifndef MQTT_DIAL_H
#define MQTT_DIAL_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/backoff.h"

struct dial_settings {
    const char *who; /* for logs; like host it must outlive the dial */
    const char *host;
    uint16_t port;
    uint32_t deadline_ms; /* from resolving to dial_reached */
    uint32_t backoff_first_ms, backoff_max_ms;
};

/* Either may be called from inside dial_start. */
struct dial_ops {
    /* Connect to this numeric address. */
    void (*on_address)(void *ctx, const char *address);
    /* There is no address, or the deadline has passed. The caller says what comes: dial_later or
     * dial_stop. */
    void (*on_failed)(void *ctx, const char *reason);
};

struct dial {
    uv_loop_t *loop;
    struct dial_settings settings;
    const struct dial_ops *ops;
    void *ctx;
    struct backoff backoff;
    uv_timer_t timer; /* deadline of the attempt, or the wait before it */
    uv_getaddrinfo_t request;
    bool resolving; /* the request is under way */
    bool awaited;   /* an attempt waits for its answer */
    struct addrinfo *addresses, *next_address;
    bool timer_closed;
    void (*closed)(void *ctx); /* not NULL: closing */
};

void dial_init(struct dial *d, uv_loop_t *loop, const struct dial_settings *settings,
               const struct dial_ops *ops, void *ctx);
/* An attempt, now. */
void dial_start(struct dial *d);
/* The attempt, if any, is over, and there will be another: at once while an address has not had its
 * turn, else after the backoff. */
void dial_later(struct dial *d);
/* The attempt has succeeded: its deadline no longer counts. */
void dial_reached(struct dial *d);
/* What was reached works as a whole: the backoff begins anew. */
void dial_proven(struct dial *d);
/* No attempt until dial_start. The addresses are kept. */
void dial_stop(struct dial *d);
/* The next attempt resolves anew. */
void dial_forget(struct dial *d);
/* After dial_stop. closed, later: the dial may be freed. */
void dial_close(struct dial *d, void (*closed)(void *ctx));

#endif
