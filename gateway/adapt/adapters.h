/* SPDX-License-Identifier: Apache-2.0 */
/* The adapters of a gateway: one compiled mapping per folder of adapters/. A set is immutable; to
 * take up changed files load a new one, check it (adapt/sample.h), and swap the pointer between
 * messages. */
#ifndef ADAPT_ADAPTERS_H
#define ADAPT_ADAPTERS_H

#include "adapt/mapping.h"
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

/* Takes the i-th out of the set and frees it. */
void adapters_drop(struct adapters *a, size_t i);
/* Moves into `into` every adapter of `from` whose name it has not: what is not taken up anew stays
 * as it was. `from` keeps the others. What does not fit any more is left where it is. */
void adapters_inherit(struct adapters *into, struct adapters *from);
/* Was the adapter of that name made from the same text in both? False when one has none. */
bool adapters_same(const struct adapters *a, const struct adapters *b, struct span name);

/* Between messages. */
void adapters_set_limits(struct adapters *a, const struct read_limits *limits);
const struct read_limits *adapters_limits(const struct adapters *a);
const struct schema *adapters_schema(const struct adapters *a);

#endif
