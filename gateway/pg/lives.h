/* SPDX-License-Identifier: Apache-2.0 */
/* Where a plan meets the lives of records that have one (today hazards): which reports say
 * something about which life, what has to be asked for it, what they change and what they may not.
 * For: pg/plan, pg/inquiry and pg/decide, which know no record by name. Not for: the rules
 * (model/life.h), rows (pg/life_writes.h). */
#ifndef PG_LIVES_H
#define PG_LIVES_H

#include "pg/plan.h"

/* By type index, whose life a report of that type says something about. */
void lives_types(const struct schema *schema, const struct record_type **out);
/* Did an organisation say it? It speaks on its own topic only, so the topic tells. */
bool lives_by_authority(const struct plan_item *it);
/* The item's records are named: joins it to the life it is about. ERR_NOMEM. */
MUST_CHECK enum err lives_name(struct plan *p, struct plan_item *it);
/* The database has the head of this life. */
void lives_found(struct plan_life *l, const struct life_stored *stored);
/* Marks the lives whose past must be read; how many have been marked and not asked about. */
size_t lives_wanting_past(struct plan *p);
/* One more of what was said before, in order. ERR_NOMEM. */
MUST_CHECK enum err lives_add_past(struct plan *p, struct plan_life *l, struct life_said *said);
/* That was all that was read; complete: nothing was left out. */
void lives_past(struct plan_life *l, bool complete);

/* Is what is in force less than the item says? A unit can work out beforehand under which id a
 * finding will become a hazard, and report a smaller one there. */
bool lives_say_less(const struct plan_item *it);
/* An item that is about to be stored: false when it must not be (*why), or when memory ran out
 * (p->starved). */
bool lives_take(struct plan *p, struct plan_item *it, enum reason *why);
/* It is stored; newest: it gives its own head's order, and that of the life's head. */
void lives_taken(struct plan_item *it, bool newest);
/* After the commit: what was found, into the entry. */
void lives_settle(const struct plan_item *it);

#endif
