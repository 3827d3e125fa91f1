/* SPDX-License-Identifier: Apache-2.0 */
/* One event being taken into a life: what the kinds of events have in common. For: model/life and
 * model/life_beside alone. Not for: callers of life_step(). */
#ifndef MODEL_LIFE_TAKING_H
#define MODEL_LIFE_TAKING_H

#include "codes.pb-c.h"
#include "model/life.h"

struct life_taking {
    const struct hazard_life *before;
    const struct life_event *e;
    struct hazard_life *life;    /* after */
    struct life_findings *found; /* or NULL */
    enum reason refused;
};

/* Names of codes; "" for none. */
const char *life_state_name(int state);
const char *life_level_name(int level);
const char *life_finder_name(int finder);
const char *life_supervision_name(int supervision);
const char *life_request_name(enum life_request what);

void life_find(struct life_taking *s, enum finding_code code, const char *field,
               const char *reported, const char *expected);
void life_find_days(struct life_taking *s, enum finding_code code, const char *field,
                    int64_t reported, int64_t expected);
/* A unit says it of a hazard that it may not make smaller alone. */
bool life_needs_authority(const struct life_taking *s);
void life_drop_request(struct hazard_life *life);
/* Accepted or closed. */
bool life_is_done(int state);
/* Times that belong to the state in force; what belongs to a later one goes when the hazard falls
 * back. A general hazard that is accepted counts as closed. */
void life_settle_times(struct hazard_life *life);

/* What stands beside a hazard, in model/life_beside.c. */
void life_take_extension(struct life_taking *s);
void life_take_supervision(struct life_taking *s);
void life_take_decision(struct life_taking *s);

#endif
