/* SPDX-License-Identifier: Apache-2.0 */
/* What adapters do: native messages into reports, problems in the source's words, answers in the
 * source's form. Which adapters there are: adapt/adapters.h; what a mapping may say:
 * adapters/README.md. */
#ifndef ADAPT_ADAPT_H
#define ADAPT_ADAPT_H

#include <stdint.h>

#include "adapt/adapters.h"
#include "model/register.h"
#include "model/report.h"

/* A native message into reports; ctx is a struct adapters. The shape of struct native_ops.read:
 * ERR_OK even if everything in it is wrong, ERR_NOT_FOUND when there is no such adapter, ERR_NOMEM.
 * payload must outlive the result. charset: as declared, or empty for the mapping's own. */
MUST_CHECK enum err adapt_read(void *ctx, struct span adapter, struct span payload,
                               struct span charset, const struct reg_publisher *publisher,
                               const struct registry *registry, int64_t received_us,
                               struct arena *arena, struct report_set *out);

/* The payload as it may be kept: without the values of the mapping's secret keys, where its
 * container lets them be found in the bytes (forms). The payload itself otherwise. To be read
 * instead of it. ERR_NOMEM only. */
MUST_CHECK enum err adapt_redact(void *ctx, struct span adapter, struct span payload,
                                 struct arena *arena, struct span *out);

/* After the rules: a problem that names a canonical field ("body.level", "uscc") is made to name
 * the source's field, which is what the sender knows. */
void adapt_blame(const struct adapters *a, struct span adapter, struct report *r,
                 struct arena *arena);

/* What became of one report, for an answer in the sector's own form. */
struct adapt_answer {
    struct span id;   /* as sent */
    struct span word; /* the verdict's */
    struct span text; /* why not, for people; or empty */
    bool ok;          /* the sender need not send it again */
};

/* Appends the answer. ERR_NOT_FOUND when the adapter has no form of its own; ERR_NOMEM when out
 * failed. */
MUST_CHECK enum err adapt_native_receipt(const struct adapters *a, struct span adapter,
                                         struct span request_id, const struct adapt_answer *rows,
                                         size_t n, struct buf *out);

#endif
