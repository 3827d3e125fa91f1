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

const struct read_limits *adapters_limits(const struct adapters *a);
const struct schema *adapters_schema(const struct adapters *a);

#endif
