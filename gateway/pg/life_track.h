/* SPDX-License-Identifier: Apache-2.0 */
/* What was said about one hazard, in the total order of versions, and the life that follows from
 * it. For: taking what arrives last at once, and going through the rest again when something
 * arrives that belongs before. Not for: the rules (model/life.h), asking the database. Promises:
 * the life depends on what was taken, not on the order in which it came; what is refused leaves no
 * trace. */
#ifndef PG_LIFE_TRACK_H
#define PG_LIFE_TRACK_H

#include "base/arena.h"
#include "base/err.h"
#include "model/life.h"
#include "model/report.h"

struct life_said {
    struct life_event event;
    struct order_key order;
    int64_t tie; /* ledger number, or one above all of them */
};

struct life_track {
    struct hazard_life base; /* what follows from all that is not in `said` */
    bool has_base;
    struct order_key base_order; /* of the newest of those */
    int64_t base_tie;
    struct hazard_life now;
    struct life_said **said; /* in order */
    size_t n, cap;
};

void life_track_begin(struct life_track *t);
/* The stored life, and the newest thing it follows from. Before anything is added. */
void life_track_base(struct life_track *t, const struct hazard_life *life,
                     const struct order_key *order, int64_t tie);
/* Does it belong before what the stored life already follows from? */
bool life_track_is_past(const struct life_track *t, const struct order_key *order, int64_t tie);
/* Everything stored, in order, instead of the base. Before anything is added. */
void life_track_past(struct life_track *t, struct life_said **said, size_t n);
/* s must live as long as the track. *found and *refused are about s alone; refused: not added.
 * ERR_NOMEM. */
MUST_CHECK enum err life_track_add(struct life_track *t, struct arena *arena, struct life_said *s,
                                   struct life_findings *found, enum reason *refused);
/* The newest thing that the life follows from; false when there is none. */
bool life_track_newest(const struct life_track *t, struct order_key *order, int64_t *tie);

#endif
