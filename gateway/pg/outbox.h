/* SPDX-License-Identifier: Apache-2.0 */
/* Reads dg.outbox for the feed worker: a connection of its own and the advisory lock `feed`, so
 * that one process of the node publishes feeds. For: rows after the cursor, moving the cursor, the
 * heads of the topics, pruning. Not for: MQTT, JSON, masks, deciding when. Promises: on_owned and
 * on_lost alternate; one request at a time, refused at once or answered exactly once, later; rows
 * come in feed_seq order without a hole (feed_seq is dense and in commit order). */
#ifndef PG_OUTBOX_H
#define PG_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/err.h"
#include "base/span.h"
#include "pg/conn.h"

struct outbox;

/* Borrowed for the length of the callback. payload: the packed Report. */
struct outbox_row {
    int64_t feed_seq, prev;
    struct span sector, township, record;
    int64_t ledger_no;
    int64_t accepted_us;
    struct span hash; /* 32 bytes */
    struct span payload;
};

/* Last feed_seq of a topic. */
struct outbox_head {
    struct span sector, township, record;
    int64_t last_seq;
};

struct outbox_ops {
    /* The lock is ours; cursor: what was published last. */
    void (*on_owned)(void *ctx, int64_t cursor);
    /* It no longer is; the request under way was answered before. */
    void (*on_lost)(void *ctx);
};

typedef void (*outbox_rows)(void *arg, enum err result, const struct outbox_row *rows, size_t n);
typedef void (*outbox_heads)(void *arg, enum err result, const struct outbox_head *heads, size_t n);
typedef void (*outbox_done)(void *arg, enum err result);

/* lock_poll_ms: how often the lock is asked for while another process holds it. */
MUST_CHECK enum err outbox_new(struct outbox **out, uv_loop_t *loop,
                               const struct conn_config *config, uint32_t lock_poll_ms,
                               const struct outbox_ops *ops, void *ctx);
void outbox_start(struct outbox *o);
bool outbox_owned(const struct outbox *o);

/* All requests: ERR_CLOSED when not owned, ERR_FULL when one is under way, ERR_NOMEM; then the
 * callback is never called. */

/* Up to rows_max rows with feed_seq > after. */
MUST_CHECK enum err outbox_read(struct outbox *o, int64_t after, uint32_t rows_max,
                                outbox_rows done, void *arg);
/* Everything up to seq was taken by the broker. The cursor never goes back. */
MUST_CHECK enum err outbox_move_cursor(struct outbox *o, int64_t seq, outbox_done done, void *arg);
/* Heads that moved after `after` (0: all), for the retained head messages. */
MUST_CHECK enum err outbox_read_heads(struct outbox *o, int64_t after, outbox_heads done,
                                      void *arg);
/* Deletes up to rows_max published rows older than keep_days. */
MUST_CHECK enum err outbox_prune(struct outbox *o, uint32_t keep_days, uint32_t rows_max,
                                 outbox_done done, void *arg);
const char *outbox_reason(const struct outbox *o);
/* A request under way is answered ERR_CLOSED; frees itself, then calls closed. */
void outbox_close(struct outbox *o, void (*closed)(void *arg), void *arg);

#endif
