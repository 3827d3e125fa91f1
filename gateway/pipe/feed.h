/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds accepted reports on to departments and townships (contract.md §4a): reads the outbox after
 * the cursor, publishes each item masked, moves the cursor once the broker has taken it. Knows
 * nothing of batches: what a killed gateway or broker left behind is simply still after the cursor.
 * Promises: in order of feed_seq, at least once, a repeat bears the same feed_seq and prev. */
#ifndef PIPE_FEED_H
#define PIPE_FEED_H

#include <stdint.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/span.h"
#include "model/schema.h"
#include "pipe/settle.h"

/* A row of the outbox; borrowed for the call. */
struct feed_row {
    int64_t feed_seq, prev, ledger_no;
    int64_t accepted_us;
    uint8_t hash[DIGEST_BYTES];
    const char *sector, *township, *record;
    struct span report; /* packed dualgate.v1.Report */
};

/* The source that the worker wants; pg/outbox.h implements it. Each call either returns an error
 * and never calls back, or ERR_OK and calls back exactly once, not from inside the call. One call
 * at a time. */
typedef void (*outbox_rows)(void *arg, const struct feed_row *rows, size_t n, enum err result);
typedef void (*outbox_moved)(void *arg, enum err result);

struct outbox_ops {
    /* Rows with feed_seq > after, ascending, at most rows_max. */
    enum err (*read)(void *ctx, int64_t after, uint32_t rows_max, outbox_rows done, void *arg);
    enum err (*move_cursor)(void *ctx, int64_t to, outbox_moved done, void *arg);
};

struct feed_settings {
    const char *node;
    uint32_t rows_max;         /* setting feed_rows_max */
    uint32_t poll_ms;          /* setting feed_poll_ms: how long to wait when the outbox is dry */
    uint32_t head_interval_ms; /* setting feed_head_interval_ms */
};

struct feed;

/* The sink that feeds want. retain: the head messages dp/v1/{node}/feed/head/{sector}/{township}.
 */
struct feed_sink_ops {
    enum err (*publish)(void *ctx, struct span topic, struct span payload, bool retain,
                        sink_done done, void *arg);
    void (*flush)(void *ctx);
};

MUST_CHECK enum err feed_new(struct feed **out, const struct feed_settings *settings,
                             const struct schema *schema, const struct clock *clock,
                             const struct outbox_ops *source, void *source_ctx,
                             const struct feed_sink_ops *sink, void *sink_ctx);
void feed_free(struct feed *f);
/* Other settings from now on; the node stays what it was. */
void feed_set(struct feed *f, const struct feed_settings *settings);
/* What dg.feed_head holds, before feed_start: so that a head message names every record of its
 * topic. */
MUST_CHECK enum err feed_seed_head(struct feed *f, const char *sector, const char *township,
                                   const char *record, int64_t last_seq);
/* The lock `feed` is ours and the sink is connected: go on after `cursor`. */
void feed_start(struct feed *f, int64_t cursor);
/* Lock or sink lost: nothing more is read; callbacks still to come are ignored. */
void feed_stop(struct feed *f);
/* Up to where everything was taken. */
int64_t feed_cursor(const struct feed *f);
/* Something was committed: look now instead of at the next poll. */
void feed_wake(struct feed *f);
/* Call every few milliseconds from the owner's timer, with the steady time. */
void feed_tick(struct feed *f, int64_t now_ms);
/* Topic of an item. */
void feed_topic(const char *node, const struct feed_row *row, struct buf *out);
/* Its payload, masked. ERR_DATA when the stored report does not unpack. */
MUST_CHECK enum err feed_payload(const struct schema *schema, const char *node,
                                 const struct feed_row *row, struct arena *scratch,
                                 struct buf *out);

#endif
