/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where a report ends. Takes a committed batch, hands each message's receipt to the
 * sink, and when the broker has taken all of them, says so. Nothing else shows counts. */
#ifndef PIPE_SETTLE_H
#define PIPE_SETTLE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "pipe/batch.h"

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

/* Called once: ERR_OK when every receipt was taken by the broker, else the batch must be
 * redelivered (its receipts then go out again, as duplicates). */
typedef void (*settle_done)(void *arg, struct batch *batch, enum err result);

struct settler;

/* native may be NULL. */
MUST_CHECK enum err settler_new(struct settler **out, const char *node, const struct sink *sink,
                                const struct native_answer_ops *native, void *native_ctx);
void settler_free(struct settler *s);
/* What the database counts for this lane since the node exists, after a commit or a sweep: the
 * counters shown to the world follow it, so they survive a crash and cannot drift from what is
 * stored. */
void settle_count(struct settler *s, const int64_t totals[VERDICT_COUNT]);
/* One batch at a time. The batch must live until done; done is never called from inside.
 * ERR_NOT_FOUND: there was nobody to answer; done will not come. Any
 * other error: no receipt is under way; the batch must be redelivered. */
MUST_CHECK enum err settle_batch(struct settler *s, struct batch *batch, settle_done done,
                                 void *arg);

#endif
