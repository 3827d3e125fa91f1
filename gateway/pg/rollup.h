/* SPDX-License-Identifier: Apache-2.0 */
/* Rows for dg.unit_month: how many reports of a plan fulfil the duty to report, by reporting unit
 * and month of their time in Asia/Shanghai. Which records count is a rule of the schema. */
#ifndef PG_ROLLUP_H
#define PG_ROLLUP_H

#include "base/arena.h"
#include "pg/plan.h"
#include "pg/rows.h"

/* One row a key, sorted. ERR_NOMEM. */
MUST_CHECK enum err rollup_add(const struct plan *p, struct arena *arena, struct rows *out);

#endif
