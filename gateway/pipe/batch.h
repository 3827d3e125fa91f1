/* SPDX-License-Identifier: Apache-2.0 */
/* Groups messages into what one transaction commits. For: bounding what is held by count and bytes,
 * and handing it on. Not for: talking to the database, deciding what happens to a failed report,
 * timing (the gate knows when the socket is dry or the age is up, and says batch_close). Promises:
 * every message added is in exactly one batch; order of arrival is kept; at most the limits plus
 * one message are held. */
#ifndef PIPE_BATCH_H
#define PIPE_BATCH_H

#include <stdbool.h>

#include "base/err.h"
#include "pipe/message.h"

struct batch {
    struct list messages; /* struct message.link, in order of arrival */
    size_t n_messages;
    size_t n_entries;
    size_t bytes;
    int64_t opened_ms; /* steady time of the first message */

    /* filled by the store on success */
    int32_t lane;
    int64_t no;
    int64_t committed_us;
};

struct batch_limits {
    size_t messages_max; /* setting batch.messages_max */
    size_t reports_max;  /* setting batch.reports_max; arrays make it matter */
    size_t bytes_max;    /* setting batch.bytes_max */
};

void batch_init(struct batch *b);
void batch_add(struct batch *b, struct message *m, int64_t now_ms);
bool batch_full(const struct batch *b, const struct batch_limits *limits);
bool batch_empty(const struct batch *b);
/* Frees every message and empties the batch. */
void batch_clear(struct batch *b);

/* The store that batches want; pg/lane.h implements it. commit either returns an error and never
 * calls done, or returns ERR_OK and calls done exactly once later, not from inside commit. On
 * ERR_OK in done every entry has its verdict, the batch its number and time, and everything is
 * committed. On any other error nothing was committed. The batch must live until done. */
typedef void (*store_done)(void *arg, struct batch *batch, enum err result);

struct store_ops {
    enum err (*commit)(void *ctx, struct batch *batch, store_done done, void *arg);
};

struct store {
    const struct store_ops *ops;
    void *ctx;
};

#endif
