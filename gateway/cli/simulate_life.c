/* SPDX-License-Identifier: Apache-2.0 */
/* The month of a reporting unit: its hazards, each along one of the usual ways, and a zero report
 * where there is nothing to say. */
#include <stdio.h>
#include <string.h>

#include "cli/simulate_hazard.h"
#include "model/civil_time.h"

#define STEPS_MAX     8
#define HOUR_US       (INT64_C(3600) * 1000000)
#define MONTH_DAYS    INT64_C(30)
#define MAJOR_PERCENT 5
#define BY_STEP       35 /* of a hundred moves are told as a transition */
#define LATE_PERCENT  4  /* of a hundred versions arrive after the one that follows them */
#define MONTHS_MAX    64

/* A way through the states; hours after the step before. */
static const struct way {
    unsigned below; /* of a hundred */
    bool on_the_spot;
    struct {
        const char *state;
        int hours_min, hours_max;
    } steps[STEPS_MAX];
} ways[] = {
    {30,
     false,
     {{"REGISTERED", 0, 0},
      {"ASSESSED", 1, 6},
      {"RECTIFYING", 2, 20},
      {"RECTIFIED", 24, 120},
      {"REINSPECTING", 4, 30},
      {"ACCEPTED", 1, 20},
      {"CLOSED", 12, 72},
      {NULL, 0, 0}}},
    {50, true, {{"REGISTERED", 0, 0}, {"ACCEPTED", 1, 5}, {NULL, 0, 0}}},
    {64,
     false,
     {{"REGISTERED", 0, 0},
      {"RECTIFYING", 2, 30},
      {"RECTIFIED", 24, 90},
      {"REJECTED", 8, 40},
      {"RECTIFYING", 2, 10},
      {"RECTIFIED", 24, 60},
      {"ACCEPTED", 8, 48},
      {NULL, 0, 0}}},
    {80, false, {{"REGISTERED", 0, 0}, {"RECTIFYING", 3, 40}, {NULL, 0, 0}}},
    {86, false, {{"REGISTERED", 0, 0}, {"VOID", 4, 40}, {NULL, 0, 0}}},
    {94,
     false,
     {{"REGISTERED", 0, 0},
      {"RECTIFYING", 2, 30},
      {"EXTENSION_REQUESTED", 40, 70},
      {"RECTIFYING", 10, 40},
      {"RECTIFIED", 48, 96},
      {"ACCEPTED", 12, 60},
      {NULL, 0, 0}}},
    {100, false, {{"RECTIFYING", 0, 0}, {"RECTIFIED", 30, 160}, {"CLOSED", 10, 60}, {NULL, 0, 0}}},
};

static const struct way *choose_way(struct dice *dice)
{
    uint64_t at = dice_below(dice, 100);
    const struct way *way = ways;
    while (at >= way->below) {
        way++;
    }
    return way;
}

/* Whole versions where only they can say what has changed. */
static bool is_told_by_step(struct teller *t, const struct sim_hazard *h, const char *state)
{
    return h->state != NULL && !h->major && strcmp(state, "CLOSED") != 0 &&
           t->unit->entity->adapter == NULL && dice_chance(&t->dice, BY_STEP);
}

void sim_hazard_tell(struct teller *t, struct sim_hazard *h, const char *state, int64_t at_us,
                     int64_t sent_us)
{
    struct sim_report r;
    story_open(t->story, t->unit, "hazard");
    if (t->story->form.record != NULL && !sim_form_says(&t->story->form, "state", state)) {
        return; /* the source's system has no such state */
    }
    if (h->state != NULL && strcmp(h->state, "REJECTED") == 0) {
        h->round++;
        h->rectified_us = 0;
    }
    if (is_told_by_step(t, h, state)) {
        sim_hazard_transition(t, h, state, at_us, &r);
    } else {
        sim_hazard_report(t, h, state, at_us, &r);
    }
    story_add(t->story, &r);
    (void)story_close(t->story, sent_us);
}

static void tell_hazard(struct teller *t, int64_t registered_us, bool major)
{
    const struct way *way = choose_way(&t->dice);
    struct sim_hazard h;
    int64_t at_us = registered_us;
    sim_hazard_make(t, &h, registered_us, major);
    h.on_the_spot = way->on_the_spot && !major;
    for (size_t i = 0; i < STEPS_MAX && way->steps[i].state != NULL; i++) {
        int64_t hours = dice_between(&t->dice, way->steps[i].hours_min, way->steps[i].hours_max);
        at_us += hours * HOUR_US + dice_between(&t->dice, 0, i > 0 ? 3000 : 0) * 1000000;
        if (at_us >= teller_end(t)) {
            return;
        }
        bool late = i > 0 && dice_chance(&t->dice, LATE_PERCENT);
        int64_t sent_us = late ? at_us + 6 * SIM_DAY_US : at_us;
        sim_hazard_tell(t, &h, way->steps[i].state, at_us, sent_us);
    }
}

/* ---- the month ---- */

struct months {
    unsigned first; /* year · 12 + month - 1 */
    bool any[MONTHS_MAX], major[MONTHS_MAX];
};

static unsigned month_of(int64_t us)
{
    struct civil_date d = date_of_time(us);
    return (unsigned)(d.year * 12 + d.month - 1);
}

static void note(struct months *m, int64_t at_us, bool major)
{
    unsigned i = month_of(at_us) - m->first;
    if (i < MONTHS_MAX) {
        m->any[i] = true;
        m->major[i] = m->major[i] || major;
    }
}

static void tell_zero(struct teller *t, unsigned month, const char *kind, int64_t at_us)
{
    struct sim_report r;
    char now[TIME_TEXT_MAX];
    time_format(at_us, now);
    teller_report(t, &r, "zero_report", at_us);
    r.op = "ZERO";
    sim_put(&r, "period", story_text(t->story, "%04u-%02u", month / 12, month % 12 + 1));
    sim_put(&r, "kind", kind);
    sim_put(&r, "statement", teller_pick(t, &words_statements));
    sim_put_raw(&r, "checks_done", story_text(t->story, "%d", (int)dice_between(&t->dice, 2, 30)));
    sim_put(&r, "signer", t->unit->persons[0].name);
    sim_put(&r, "signed_at", story_text(t->story, "%s", now));
    story_open(t->story, t->unit, "zero_report");
    story_add(t->story, &r);
    (void)story_close(t->story, at_us);
}

/* On the last day of each month that the days reach, or on the last day there is. */
static void tell_zeros(struct teller *t, const struct months *m)
{
    bool small = t->unit->entity->habit == HABIT_SMALL;
    for (int64_t d = 0; d < t->days.count; d++) {
        struct civil_date today = date_of_days(t->days.first + d);
        struct civil_date next = date_of_days(t->days.first + d + 1);
        unsigned month = (unsigned)(today.year * 12 + today.month - 1);
        if ((next.month == today.month && d + 1 < t->days.count) ||
            month - m->first >= MONTHS_MAX) {
            continue;
        }
        if (!m->any[month - m->first] && !small) {
            tell_zero(t, month, "HAZARD", teller_time(t, d));
        } else if (!m->major[month - m->first] && (small || dice_chance(&t->dice, 30))) {
            tell_zero(t, month, "MAJOR_HAZARD", teller_time(t, d));
        }
    }
}

/* A large entity finds more. Always one at least in the first sixteen, so that all sectors show. */
static int64_t how_many(struct teller *t)
{
    const struct district_entity *e = t->unit->entity;
    int64_t most = e->above_scale ? 4 : 2;
    int64_t n = (dice_between(&t->dice, 0, most * MONTH_DAYS) * t->days.count + MONTH_DAYS * 15) /
                (MONTH_DAYS * MONTH_DAYS);
    return n == 0 && e->index < WORDS_SECTORS ? 1 : n;
}

void tell_hazards(struct teller *t)
{
    struct months months = {.first = month_of(t->days.first * SIM_DAY_US)};
    bool small = t->unit->entity->habit == HABIT_SMALL;
    int64_t n = small ? dice_chance(&t->dice, 6) : how_many(t);
    for (int64_t i = 0; i < n; i++) {
        bool major = small || dice_chance(&t->dice, MAJOR_PERCENT);
        int64_t at_us = teller_time(t, dice_between(&t->dice, 1, t->days.count));
        tell_hazard(t, at_us, major);
        note(&months, at_us, major);
    }
    tell_zeros(t, &months);
}
