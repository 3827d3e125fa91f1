/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/simulate_hazard.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/civil_time.h"

static const char *time_of(struct teller *t, int64_t us)
{
    char text[TIME_TEXT_MAX];
    time_format(us, text);
    return story_text(t->story, "%s", text);
}

static const char *date_of(struct teller *t, int64_t days)
{
    struct civil_date d = date_of_days(days);
    return story_text(t->story, "%04d-%02d-%02d", d.year, d.month, d.day);
}

static bool any_of(const char *state, const char *const *states)
{
    for (; *states != NULL; states++) {
        if (strcmp(state, *states) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_accepted(const char *state)
{
    return any_of(state, (const char *const[]){"ACCEPTED", "CLOSED", NULL});
}

static bool is_done(const char *state)
{
    return is_accepted(state) ||
           any_of(state, (const char *const[]){"RECTIFIED", "REINSPECTING", NULL});
}

void sim_hazard_make(struct teller *t, struct sim_hazard *h, int64_t registered_us, bool major)
{
    static const char *const sources[] = {"DAILY",        "DAILY",         "COMPREHENSIVE",
                                          "PROFESSIONAL", "SEASONAL",      "KEY_PERIOD",
                                          "EXPERT",       "MEASURE_FAILED"};
    const struct words_sector *sector = t->unit->entity->sector;
    struct civil_date day = date_of_time(registered_us);
    size_t which = major ? 0 : (size_t)dice_between(&t->dice, 1, WORDS_HAZARDS - 1);
    bool linked = t->n_links > 0 && registered_us > t->checked_us && t->checked_us > 0 &&
                  dice_chance(&t->dice, 60);
    *h = (struct sim_hazard){
        .unit = t->unit,
        .words = &sector->hazards[which],
        .link = linked ? &t->links[dice_below(&t->dice, t->n_links)] : NULL,
        .major = major,
        .source = sources[dice_below(&t->dice, sizeof sources / sizeof sources[0])],
        .registered_us = registered_us,
        .deadline_day = date_days(day) + dice_between(&t->dice, 3, major ? 30 : 10),
        .round = 1,
        .cost = dice_between(&t->dice, 1, major ? 900 : 60) * 500,
        .registrant = teller_person(t),
        .responsible = teller_person(t),
        .acceptor = &t->unit->persons[1],
    };
    dice_id(&t->dice, h->id);
    snprintf(h->number, sizeof h->number, "YH-%04d%02d-%08" PRIx64, day.year, day.month,
             dice_next(&t->dice) >> 32);
}

static void put_found(struct teller *t, const struct sim_hazard *h, struct sim_report *r)
{
    const char *registered = time_of(t, h->registered_us);
    if (h->link != NULL) {
        sim_put(r, "measure_id", h->link->measure);
        sim_put(r, "check_record_id", h->link->record);
    }
    sim_put(r, "name", h->words->name);
    sim_put(r, "level", h->major ? "MAJOR" : "GENERAL");
    sim_put(r, "found_at", registered);
    sim_put(r, "found_by", strcmp(h->source, "EXPERT") == 0 ? "THIRD_PARTY" : "SELF");
    sim_put(r, "registered_at", registered);
    sim_put(r, "registrant", h->registrant->name);
    sim_put(r, "source", h->source);
    sim_put(r, "manage_type", h->on_the_spot ? "ON_THE_SPOT" : "DEADLINE");
    sim_put(r, "discipline", h->words->discipline);
    sim_put(r, "description", story_text(t->story, "%s：%s", h->words->place, h->words->name));
    sim_put(r, "human_thing_mgmt", h->words->defect);
    sim_put(r, "place", h->words->place);
}

static void put_rectification(struct teller *t, struct sim_hazard *h, const char *state,
                              int64_t at_us, struct sim_report *r)
{
    sim_put(r, "control", h->words->control);
    sim_put(r, "cost", story_text(t->story, "%" PRId64, h->cost));
    sim_put(r, "resp_person", h->responsible->name);
    sim_put(r, "resp_dept", words_departments.at[h->unit->index % words_departments.n]);
    sim_put(r, "deadline", date_of(t, h->deadline_day));
    sim_put(r, "accept_person", h->acceptor->name);
    if (is_done(state)) {
        h->rectified_us = h->rectified_us ? h->rectified_us : at_us;
        sim_put(r, "rectified_at", time_of(t, h->rectified_us));
    }
    if (is_accepted(state)) {
        h->accepted_us = h->accepted_us ? h->accepted_us : at_us;
        sim_put(r, "accept_time", time_of(t, h->accepted_us));
        sim_put(r, "accept_comment", teller_pick(t, &words_acceptances));
    }
    if (strcmp(state, "CLOSED") == 0) {
        sim_put(r, "closed_at", time_of(t, at_us));
    }
}

/* A listed hazard is taken off the list before it is closed. */
static void put_major(struct teller *t, const struct sim_hazard *h, const char *state,
                      struct sim_report *r)
{
    if (h->major) {
        sim_put_raw(r, "major_basis",
                    story_text(t->story, "{\"standard_id\":\"%s\",\"clause\":\"第%zu条\"}",
                               h->unit->entity->sector->criterion, h->unit->index % 20 + 1));
        sim_put(r, "supervision_state", is_accepted(state) ? "DELISTED" : "LISTED");
    }
}

void sim_hazard_report(struct teller *t, struct sim_hazard *h, const char *state, int64_t at_us,
                       struct sim_report *r)
{
    struct sim_form form = sim_form_of(t->story->native, h->unit->entity->adapter, "hazard");
    bool numbered = form.record != NULL && form.mapping->container == CONTAINER_CSV;
    teller_report(t, r, "hazard", at_us);
    r->channel = "MOBILE";
    sim_put(r, "id", numbered ? h->number : h->id);
    put_found(t, h, r);
    put_rectification(t, h, state, at_us, r);
    sim_put(r, "state", state);
    sim_put_raw(r, "round", story_text(t->story, "%d", h->round));
    put_major(t, h, state, r);
    sim_put(r, "created_at", time_of(t, h->registered_us));
    sim_put(r, "created_by", h->registrant->name);
    sim_put(r, "updated_at", time_of(t, at_us));
    sim_put(r, "updated_by", h->responsible->name);
    h->state = state;
}

static const char *reason_for(struct teller *t, const char *state)
{
    if (strcmp(state, "VOID") == 0) {
        return teller_pick(t, &words_voids);
    }
    if (strcmp(state, "REJECTED") == 0) {
        return teller_pick(t, &words_refusals);
    }
    return teller_pick(t, is_accepted(state) ? &words_acceptances : &words_reasons);
}

void sim_hazard_transition(struct teller *t, struct sim_hazard *h, const char *state, int64_t at_us,
                           struct sim_report *r)
{
    teller_report(t, r, "hazard", at_us);
    r->op = "TRANSITION";
    r->channel = "MOBILE";
    sim_put(r, "id", h->id);
    sim_put(r, "from", h->state);
    sim_put(r, "to", state);
    sim_put(r, "at", time_of(t, at_us));
    sim_put(r, "by", h->acceptor->name);
    sim_put(r, "reason", reason_for(t, state));
    sim_put_raw(r, "round", story_text(t->story, "%d", h->round));
    h->state = state;
}
