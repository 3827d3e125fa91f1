/* SPDX-License-Identifier: Apache-2.0 */
/* What the reports of a batch name by its hash: asking which of it is kept already, storing what is
 * new, noting who names what, and saying what is missing. One photo costs one row, however many
 * reports bring it. Not for: reading photos out of reports (model/attachments.h), serving them. */
#ifndef PG_ATTACHED_H
#define PG_ATTACHED_H

#include "base/buf.h"
#include "pg/steps.h"

/* $1 hashes: those that are kept, locked against pruning until the transaction ends. */
extern const struct pg_statement attached_known;

/* The hashes that the plan's reports name, sorted, each once, into the plan. ERR_NOMEM. */
MUST_CHECK enum err attached_gather(struct plan *p);
/* Of the answer to attached_known. ERR_NOMEM, ERR_FATAL. */
MUST_CHECK enum err attached_take(struct plan *p, const struct pg_result *r);
/* Before the claims are written: what is neither kept nor brought by this batch becomes a finding
 * of its report. ERR_NOMEM. */
MUST_CHECK enum err attached_find_missing(const struct plan *p, struct arena *arena);
/* After the claims. */
MUST_CHECK enum err attached_write(struct steps *s, const struct write_context *c);

#endif
