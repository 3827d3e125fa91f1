/* SPDX-License-Identifier: Apache-2.0 */
/* Fills a plan's verdicts and lists (contract.md §3, §4). Pure. */
#ifndef PG_DECIDE_H
#define PG_DECIDE_H

#include "pg/plan.h"

/* parked_room: how many more reports may wait for a parent. Once for each plan. ERR_NOMEM only. */
MUST_CHECK enum err decide_plan(struct plan *p, size_t parked_room);

/* <0 when a is the older version, ties broken by ledger number. */
int decide_order(const struct order_key *a, int64_t a_tie, const struct order_key *b,
                 int64_t b_tie);

#endif
