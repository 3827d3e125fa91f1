/* SPDX-License-Identifier: Apache-2.0 */
/* The adapters of a gateway: one compiled mapping per folder of adapters/, and what is done with
 * them. A set is immutable; to take up changed files load a new one, check it, and swap the pointer
 * between messages. */
#ifndef ADAPT_ADAPT_H
#define ADAPT_ADAPT_H

#include <stdint.h>

#include "adapt/mapping.h"
#include "model/register.h"
#include "model/report.h"

struct adapters;

/* Loads every <dir>/<name>/mapping.yaml. ERR_OK when all are good. ERR_INVALID when some are not:
 * *out then holds the others, and complaints has a line file:line:column: text for each mistake.
 * Samples are not run: see adapt/sample.h. ERR_NOT_FOUND when there is no such folder, ERR_NOMEM;
 * then *out is NULL. schema must outlive the set. */
MUST_CHECK enum err adapters_load(const char *dir, const struct schema *schema,
                                  const struct read_limits *limits, struct adapters **out,
                                  struct buf *complaints);
/* A set of one, loaded from dir/name. */
MUST_CHECK enum err adapters_load_one(const char *dir, const char *name,
                                      const struct schema *schema, const struct read_limits *limits,
                                      struct adapters **out, struct buf *complaints);
void adapters_free(struct adapters *a);
size_t adapters_count(const struct adapters *a);
const struct mapping *adapters_at(const struct adapters *a, size_t i);
/* NULL when there is none of that name. */
const struct mapping *adapters_find(const struct adapters *a, struct span name);

/* A native message into reports; ctx is a struct adapters. The shape of struct native_ops.read:
 * ERR_OK even if everything in it is wrong, ERR_NOT_FOUND when there is no such adapter, ERR_NOMEM.
 * payload must outlive the result. charset: as declared, or empty for the mapping's own. */
MUST_CHECK enum err adapt_read(void *ctx, struct span adapter, struct span payload,
                               struct span charset, const struct reg_publisher *publisher,
                               const struct registry *registry, int64_t received_us,
                               struct arena *arena, struct report_set *out);

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
