/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where a report ends. Takes a committed batch, counts every verdict, and hands each
 * message's receipt to the sink; when the broker has taken all of them, says so. Nothing else counts. */
#ifndef PIPE_SETTLE_H
#define PIPE_SETTLE_H

#include "base/err.h"
#include "base/span.h"
#include "pipe/batch.h"

/* The sink that receipts want; app/ wires it to the second MQTT client. publish either returns an error
 * and never calls done, or ERR_OK and calls done exactly once: ERR_OK after the broker's PUBACK. */
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

/* Called once: ERR_OK when every receipt was taken by the broker, else the batch must be redelivered
 * (its receipts then go out again, as duplicates). */
typedef void (*settle_done)(void *arg, struct batch *batch, enum err result);

struct settler;

MUST_CHECK enum err settler_new(struct settler **out, const char *node, const struct sink *sink);
void settler_free(struct settler *s);
/* One batch at a time. */
MUST_CHECK enum err settle_batch(struct settler *s, struct batch *batch, settle_done done, void *arg);
/* The sink is gone: ends the batch under way with ERR_TRANSIENT (done is called). */
void settle_abort(struct settler *s);

#endif
