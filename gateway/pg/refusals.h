/* SPDX-License-Identifier: Apache-2.0 */
/* Quarantine rows of a plan: what was rejected, in conflict or expired, whole, with its reason in
 * words. The same bytes on the same topic twice in a batch are one row with times = 2. */
#ifndef PG_REFUSALS_H
#define PG_REFUSALS_H

#include "base/arena.h"
#include "base/buf.h"
#include "pg/plan.h"
#include "pg/rows.h"

/* scratch is emptied. ERR_NOMEM. */
MUST_CHECK enum err refusals_add(const struct plan *p, int64_t now_us, struct arena *arena,
                                 struct buf *scratch, struct rows *out);

#endif
