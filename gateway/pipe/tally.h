/* SPDX-License-Identifier: Apache-2.0 */
/* How many reports ended, by adapter, verdict and reason, as the database counts them for one lane.
 * For: holding these numbers and showing what they have grown by. Not for: counting (the
 * transaction that decides does that). Promises: as many rows as there are adapters, verdicts and
 * reasons, both of the latter closed lists; a number set twice is shown once. */
#ifndef PIPE_TALLY_H
#define PIPE_TALLY_H

#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/span.h"

/* The adapter of what is canonical already. */
#define TALLY_CANONICAL "canonical"

struct tally {
    struct map rows; /* by adapter, verdict and reason */
};

void tally_init(struct tally *t);
void tally_free(struct tally *t);
/* What the database says since the node exists; reason is empty unless rejected. ERR_NOMEM: the
 * next time it is said it will be right. */
MUST_CHECK enum err tally_set(struct tally *t, struct span adapter, struct span verdict,
                              struct span reason, int64_t n);
/* The metrics dualgate_adapter_reports_total and dualgate_rejections_total follow. Several lanes
 * add to the same. */
void tally_show(struct tally *t);

#endif
