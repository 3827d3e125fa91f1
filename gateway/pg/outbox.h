/* SPDX-License-Identifier: Apache-2.0 */
/* Reads dg.outbox for the feed worker (pipe/feed.h): a connection of its own and the advisory lock
 * `feed`, so that one process of the node publishes feeds. For: rows after the cursor, moving the
 * cursor, the heads of the topics, pruning. Not for: MQTT, JSON, masks, deciding when. Promises:
 * on_owned and on_lost alternate; one request at a time, refused at once (ERR_CLOSED when not
 * owned, ERR_FULL when one is under way, ERR_NOMEM) or answered exactly once, later and before
 * on_lost; rows come in feed_seq order without a hole, because feed_seq is dense and in commit
 * order. */
#ifndef PG_OUTBOX_H
#define PG_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/err.h"
#include "base/span.h"
#include "pg/conn.h"
#include "pipe/feed.h"

struct outbox;

/* Last feed_seq of a topic; borrowed for the callback. */
struct outbox_head {
    const char *sector, *township, *record;
    int64_t last_seq;
};

struct outbox_events {
    /* The lock is ours; cursor: what was published last. Read the heads before feed_start. */
    void (*on_owned)(void *ctx, int64_t cursor);
    void (*on_lost)(void *ctx);
};

typedef void (*outbox_heads)(void *arg, const struct outbox_head *heads, size_t n, enum err result);

/* lock_poll_ms: how often the lock is asked for while another process holds it. config's texts are
 * copied; events must live as long as the outbox. */
MUST_CHECK enum err outbox_new(struct outbox **out, uv_loop_t *loop,
                               const struct conn_config *config, uint32_t lock_poll_ms,
                               const struct outbox_events *events, void *ctx);
void outbox_start(struct outbox *o);
bool outbox_owned(const struct outbox *o);
/* read and move_cursor, for feed_new(); their ctx is the struct outbox. The cursor never goes back.
 */
extern const struct outbox_ops outbox_feed_ops;
/* Heads of all topics. */
MUST_CHECK enum err outbox_read_heads(struct outbox *o, outbox_heads done, void *arg);
/* Deletes up to rows_max published rows older than keep_days. */
MUST_CHECK enum err outbox_prune(struct outbox *o, uint32_t keep_days, uint32_t rows_max,
                                 outbox_moved done, void *arg);
/* "" when owned, else why not. */
const char *outbox_reason(const struct outbox *o);
/* A request under way is answered ERR_CLOSED, on_lost is called if owned; frees itself, then calls
 * closed. */
void outbox_close(struct outbox *o, void (*closed)(void *arg), void *arg);

#endif
