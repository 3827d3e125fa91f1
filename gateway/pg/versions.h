/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of records: new heads, newer heads, and versions that only pass into the history. For:
 * filling those rows. Not for: deciding who wins (pg/decide.h), heads that show what is in force
 * rather than what was reported (pg/life_writes.h). Promises: heads stand sorted by key, so that
 * lanes lock them in one order. */
#ifndef PG_VERSIONS_H
#define PG_VERSIONS_H

#include "pg/steps.h"

#define VERSIONS_STEPS_OF_RECORD 3

struct versions {
    struct rows *fresh, *newer, *past; /* by type index */
    size_t n_records;
};

MUST_CHECK enum err versions_init(struct versions *v, size_t n_records, size_t max_bytes);
void versions_free(struct versions *v);
void versions_begin(struct versions *v, const struct record_statements *statements);
/* The columns of a report's version that every record has. */
struct version_row versions_row(struct steps *s, const struct write_context *c,
                                const struct plan_item *it);
MUST_CHECK enum err versions_write(struct versions *v, struct steps *s,
                                   const struct write_context *c);

#endif
