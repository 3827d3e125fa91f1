/* SPDX-License-Identifier: Apache-2.0 */
/* Counts by adapter, verdict and reason in dg.lane_count. For: adding a batch's to those of its
 * lane in the batch's transaction, and reading them. Not for: showing them (pipe/tally.h). */
#ifndef PG_LANE_COUNT_H
#define PG_LANE_COUNT_H

#include "pg/result.h"
#include "pg/steps.h"
#include "pipe/tally.h"

/* $1 lane: adapter, verdict, reason, n of each row. */
extern const struct pg_statement statement_lane_counts;

/* A step that adds what ends with this plan and gives the new numbers back in the same form; none
 * when nothing ends: then *written is false. ERR_NOMEM. */
MUST_CHECK enum err lane_count_write(struct steps *s, const struct write_context *c, bool *written);
/* Rows of one of the two into the tally; r may be NULL. A row that cannot be taken is left out: the
 * next answer has it again. */
void lane_count_take(const struct pg_result *r, struct tally *into);

#endif
