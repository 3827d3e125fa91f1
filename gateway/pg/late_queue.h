/* SPDX-License-Identifier: Apache-2.0 */
/* Second receipts on their way from the table to the broker: handed out in the order of their
 * numbers, deleted with the next request once they are published, handed out again from the first
 * that failed. For: that bookkeeping of one lane. Not for: reading a row (pg/late.h), deciding when
 * to ask (pg/lane.h). Promises: never more than `max` handed out and unpublished; what was not
 * deleted when the lane is lost is handed out again by its next owner. */
#ifndef PG_LATE_QUEUE_H
#define PG_LATE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "pg/conn.h"
#include "pg/late.h"

struct late_queue {
    int32_t lane;
    size_t max;
    struct arena arena;
    int64_t last;  /* handed out up to here */
    int64_t again; /* the first that could not be published, or 0 */
    size_t out;    /* handed out, not yet published */
    int64_t *gone; /* published, to be deleted */
    size_t gone_n, deleting;
    struct buf array;
};

/* To be freed also after ERR_NOMEM. */
MUST_CHECK enum err late_queue_init(struct late_queue *q, int32_t lane, size_t max,
                                    size_t arena_max_bytes);
void late_queue_free(struct late_queue *q);
/* The lane is lost. */
void late_queue_forget(struct late_queue *q);
/* Deletes what was published and takes what is new; the answer is for late_queue_take. ERR_NOMEM,
 * else as conn_send. */
MUST_CHECK enum err late_queue_ask(struct late_queue *q, struct conn *conn, conn_done done,
                                   void *arg);
void late_queue_take(struct late_queue *q, const struct pg_reply *reply,
                     void (*hand_out)(void *ctx, const struct late_receipt *r), void *ctx);
void late_queue_published(struct late_queue *q, int64_t no);
void late_queue_failed(struct late_queue *q, int64_t no);

#endif
