/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where a report ends. Takes a committed batch, hands each message's receipt to the
 * sink, and when the broker has taken all of them, says so. Nothing else shows counts. */
#ifndef PIPE_SETTLE_H
#define PIPE_SETTLE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "pipe/batch.h"
#include "pipe/tally.h"

/* The sink that receipts want; app/ wires it to the second MQTT client. publish either returns an
 * error and never calls done, or ERR_OK and calls done exactly once: ERR_OK after the broker's
 * PUBACK. */
typedef void (*sink_done)(void *arg, enum err result);

struct sink_ops {
    enum err (*publish)(void *ctx, struct span topic, struct span payload, struct span correlation,
                        sink_done done, void *arg);
    /* Everything published so far may leave now (uncork). */
    void (*flush)(void *ctx);
};

struct sink {
    const struct sink_ops *ops;
    void *ctx;
};

/* The answer a native format has of its own (contract.md §2, down/receipt/native); adapt/
 * implements it. Returns false when the adapter of this message has none. */
struct native_answer_ops {
    bool (*write)(void *ctx, const struct batch *batch, const struct message *m, struct buf *out);
};

/* Receipts of several batches may be under way at once. */
struct settler_ops {
    /* A receipt was not taken (the sink is gone): what is not yet acknowledged must be redelivered.
     * Called for each of them. */
    void (*on_failed)(void *ctx);
    /* None is under way any more. */
    void (*on_idle)(void *ctx);
};

struct settler;

/* native may be NULL. */
MUST_CHECK enum err settler_new(struct settler **out, const char *node, const struct sink *sink,
                                const struct native_answer_ops *native, void *native_ctx,
                                const struct settler_ops *ops, void *ctx);
void settler_free(struct settler *s);
/* What the database counts for this lane since the node exists, after a commit or a sweep: the
 * counters shown to the world follow it, so they survive a crash and cannot drift from what is
 * stored. by_adapter: the same in more detail, or NULL. */
void settle_count(struct settler *s, const int64_t totals[VERDICT_COUNT], struct tally *by_adapter);
/* Hands the receipts of a committed batch to the sink; the batch is not needed afterwards. On an
 * error some receipts are not under way: the batch must be redelivered. Never calls back from
 * inside. */
MUST_CHECK enum err settle_batch(struct settler *s, const struct batch *batch);
/* Receipts handed over and not yet taken. */
size_t settler_waiting(const struct settler *s);

#endif
