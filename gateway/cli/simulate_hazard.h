/* SPDX-License-Identifier: Apache-2.0 */
/* One hazard from its registration on: what it says of itself in each state. */
#ifndef CLI_SIMULATE_HAZARD_H
#define CLI_SIMULATE_HAZARD_H

#include "cli/simulate_story.h"

struct sim_hazard {
    const struct district_unit *unit;
    const struct words_hazard *words;
    const struct sim_link *link; /* or NULL: found outside the checks */
    char id[ID_CHARS + 1];
    char number[24]; /* the entity's own, where the format wants one */
    bool major;
    bool on_the_spot;
    const char *source;
    const char *state; /* as told last, NULL: not yet */
    int64_t registered_us, rectified_us, accepted_us;
    int64_t deadline_day;
    int round;
    int64_t cost;
    const struct district_person *registrant, *responsible, *acceptor;
};

void sim_hazard_make(struct teller *t, struct sim_hazard *h, int64_t registered_us, bool major);
/* The whole record in this state. */
void sim_hazard_report(struct teller *t, struct sim_hazard *h, const char *state, int64_t at_us,
                       struct sim_report *r);
/* Only the step from h->state. */
void sim_hazard_transition(struct teller *t, struct sim_hazard *h, const char *state, int64_t at_us,
                           struct sim_report *r);
/* A message of the next step, whole or as a transition; none where the unit's system has no such
 * state. */
void sim_hazard_tell(struct teller *t, struct sim_hazard *h, const char *state, int64_t at_us,
                     int64_t sent_us);

#endif
