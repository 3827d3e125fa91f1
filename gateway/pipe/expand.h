/* SPDX-License-Identifier: Apache-2.0 */
/* What the node makes of a report beside storing it: each finding of an inspection becomes a hazard
 * of the inspected unit, found by an authority. For: making these reports and judging them like any
 * other. Not for: deciding whether they are stored (pg/decide: only with their inspection, and only
 * where no hazard of that id is known). Promises: the same finding gives the same hazard, however
 * often and by whomever it is sent; a finding that names its hazard gives none; what is wrong with
 * a hazard is said of the finding, and its inspection is not taken. */
#ifndef PIPE_EXPAND_H
#define PIPE_EXPAND_H

#include "model/rules.h"
#include "pipe/message.h"

/* Fills e->wake of an entry without a problem; may give it one. ERR_NOMEM only. */
MUST_CHECK enum err expand_entry(const struct rules_context *ctx, struct entry *e,
                                 struct arena *arena);
/* Puts what was made among the message's entries, each behind the one it comes from. ERR_NOMEM
 * only. */
MUST_CHECK enum err expand_join(struct message *m);

#endif
