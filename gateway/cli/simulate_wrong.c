/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input as it really comes, a few of each kind a month. Each is one report that is right but
 * for one thing, and says for which reason it must be refused. */
#include <string.h>

#include "cli/simulate_hazard.h"
#include "model/civil_time.h"

#define ROUNDS_PER_MONTH 3
#define MONTH_DAYS       30
#define TRIES            64
#define LOST_CHARS       8
/* Numbers of codes that no entity of the district has. */
#define STRANGER UINT64_C(1000000000)

/* What is spoiled: the report before it is written, or the message after. */
struct spoiled {
    struct teller *teller;
    struct sim_report *report;
    struct sim_message *message;
};

static struct story *story_of(const struct spoiled *s)
{
    return s->teller->story;
}

static void unknown_level(struct spoiled *s)
{
    sim_change(s->report, "level", "7");
}

static void no_name(struct spoiled *s)
{
    sim_change(s->report, "name", NULL);
}

static void no_such_day(struct spoiled *s)
{
    sim_change(s->report, "deadline", "2021-02-30");
}

static void no_deadline(struct spoiled *s)
{
    sim_change(s->report, "deadline", NULL);
}

static void number_for_an_id(struct spoiled *s)
{
    sim_change(s->report, "id", "YH-12");
}

static void far_future(struct spoiled *s)
{
    const struct civil_date day = {2099, 1, 1};
    s->report->observed_us = date_days(day) * SIM_DAY_US;
}

static void one_character_wrong(struct spoiled *s)
{
    const char *uscc = s->report->uscc;
    s->report->uscc = story_text(story_of(s), "%.17s%c", uscc, uscc[17] == '3' ? '4' : '3');
}

static void nobody_registered(struct spoiled *s)
{
    char uscc[DISTRICT_USCC + 1];
    district_uscc(story_of(s)->district->seed, "51", STRANGER + dice_below(&s->teller->dice, 1000),
                  uscc);
    s->report->uscc = story_text(story_of(s), "%s", uscc);
}

static void other_city(struct spoiled *s)
{
    s->report->division = "410300001";
}

static void zero_hazard(struct spoiled *s)
{
    s->report->op = "ZERO";
}

static void wrong_msg_id(struct spoiled *s)
{
    memcpy(s->report->msg_id, "20200411-0001", sizeof "20200411-0001");
}

/* ---- after writing ---- */

static void other_topic(struct spoiled *s, const char *sector, const char *publisher,
                        const char *record)
{
    s->message->topic = story_text(story_of(s), "dp/v1/%s/%s/%s/up/%s", story_of(s)->district->node,
                                   sector, publisher, record);
}

static void other_sector(struct spoiled *s)
{
    const struct district_entity *e = s->teller->unit->entity;
    const char *sector = words_sectors[strcmp(e->sector->code, "other") == 0 ? 1 : 15].code;
    other_topic(s, sector, e->publisher, "hazard");
}

static void misspelt_record(struct spoiled *s)
{
    const struct district_entity *e = s->teller->unit->entity;
    other_topic(s, e->sector->code, e->publisher, "harzard");
}

static void somebody_elses(struct spoiled *s)
{
    char uscc[DISTRICT_USCC + 1];
    district_uscc(story_of(s)->district->seed, "51", STRANGER, uscc);
    other_topic(s, s->teller->unit->entity->sector->code, uscc, "hazard");
}

static void cut_off(struct spoiled *s)
{
    s->message->payload.len -= s->message->payload.len / 3;
}

static const struct wrong {
    enum reason reason;
    void (*before)(struct spoiled *s); /* or NULL */
    void (*after)(struct spoiled *s);  /* or NULL */
} wrongs[] = {
    {REASON_UNKNOWN_CODE, unknown_level, NULL},
    {REASON_MISSING_FIELD, no_name, NULL},
    {REASON_BAD_DATE, no_such_day, NULL},
    {REASON_DEADLINE_MISSING, no_deadline, NULL},
    {REASON_BAD_FORMAT, number_for_an_id, NULL},
    {REASON_TIME_IN_FUTURE, far_future, NULL},
    {REASON_BAD_USCC, one_character_wrong, NULL},
    {REASON_UNKNOWN_ENTITY, nobody_registered, NULL},
    {REASON_WRONG_DIVISION, other_city, NULL},
    {REASON_OP_NOT_ALLOWED, zero_hazard, NULL},
    {REASON_BAD_MSG_ID, wrong_msg_id, NULL},
    {REASON_WRONG_SECTOR, NULL, other_sector},
    {REASON_UNKNOWN_RECORD, NULL, misspelt_record},
    {REASON_NOT_AUTHORISED, NULL, somebody_elses},
    {REASON_UNREADABLE, NULL, cut_off},
};

#define N_WRONGS (sizeof wrongs / sizeof wrongs[0])

/* Some reporting unit with, or without, an adapter. NULL when none was found. */
static const struct district_unit *some_unit(struct dice *dice, const struct district *d,
                                             const char *adapter)
{
    for (int i = 0; i < TRIES; i++) {
        size_t near = adapter != NULL && i >= TRIES / 2 ? WORDS_SECTORS : d->n_entities;
        const struct district_entity *e = &d->entities[dice_below(dice, near)];
        bool same = adapter == NULL ? e->adapter == NULL
                                    : e->adapter != NULL && strcmp(e->adapter, adapter) == 0;
        if (same && e->habit == HABIT_FULL) {
            return &e->units[e->reporting_from];
        }
    }
    return NULL;
}

static void tell_wrong_canonical(struct teller *t, const struct wrong *wrong, int64_t at_us)
{
    struct sim_hazard h;
    struct sim_report r;
    sim_hazard_make(t, &h, at_us, false);
    sim_hazard_report(t, &h, "RECTIFYING", at_us, &r);
    struct spoiled s = {.teller = t, .report = &r};
    if (wrong->before != NULL) {
        wrong->before(&s);
    }
    story_open(t->story, t->unit, "hazard");
    story_add(t->story, &r);
    s.message = story_close(t->story, at_us);
    if (s.message != NULL) {
        s.message->reason = wrong->reason;
        if (wrong->after != NULL) {
            wrong->after(&s);
        }
    }
}

/* Two good rows and a bad one behind them: an adapter takes what is right. */
static void tell_wrong_row(struct teller *t, int64_t at_us)
{
    story_open(t->story, t->unit, "hazard");
    for (size_t i = 0; i < 3; i++) {
        struct sim_hazard h;
        struct sim_report r;
        sim_hazard_make(t, &h, at_us, false);
        sim_hazard_report(t, &h, "RECTIFYING", at_us, &r);
        if (i == 2) {
            sim_change(&r, "level", "7");
        }
        story_add(t->story, &r);
    }
    struct sim_message *m = story_close(t->story, at_us);
    if (m != NULL) {
        m->reason = REASON_UNKNOWN_CODE;
        m->wrong = 2;
    }
}

/* An envelope whose end was lost on the way is not a whole number of blocks. */
static void tell_damaged_envelope(struct teller *t, int64_t at_us)
{
    struct sim_hazard h;
    struct sim_report r;
    sim_hazard_make(t, &h, at_us, false);
    sim_hazard_report(t, &h, "RECTIFYING", at_us, &r);
    story_open(t->story, t->unit, "hazard");
    story_add(t->story, &r);
    struct sim_message *m = story_close(t->story, at_us);
    if (m != NULL && m->payload.len > 16) {
        const char *end = strrchr(m->payload.at, '"');
        const char *cut = arena_printf(&t->story->arena, "%.*s%s",
                                       (int)(end - m->payload.at) - LOST_CHARS, m->payload.at, end);
        t->story->failed = t->story->failed || cut == NULL;
        m->payload = span_of(cut);
        m->reason = REASON_BAD_ENVELOPE;
        m->reports = 1;
    }
}

/* One of a kind, from a unit that reports in this form. */
static void tell_one(struct story *s, struct sim_days days, uint64_t number, const char *adapter,
                     void (*tell)(struct teller *t, int64_t at_us), const struct wrong *wrong)
{
    struct dice dice;
    dice_seed(&dice, s->district->seed, "wrong", number, 0);
    const struct district_unit *unit = some_unit(&dice, s->district, adapter);
    if (unit == NULL || s->failed) {
        return;
    }
    struct teller t;
    teller_init(&t, s, unit, days);
    t.dice = dice;
    int64_t at_us = teller_time(&t, dice_between(&t.dice, 0, days.count - 1));
    if (wrong != NULL) {
        tell_wrong_canonical(&t, wrong, at_us);
    } else {
        tell(&t, at_us);
    }
}

void tell_wrong(struct story *s, struct sim_days days)
{
    int64_t rounds = (days.count * ROUNDS_PER_MONTH + MONTH_DAYS - 1) / MONTH_DAYS;
    uint64_t number = 0;
    for (int64_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < N_WRONGS; i++) {
            tell_one(s, days, number++, NULL, NULL, &wrongs[i]);
        }
        tell_one(s, days, number++, "hazchem", tell_wrong_row, NULL);
        tell_one(s, days, number++, "gongmao", tell_wrong_row, NULL);
        tell_one(s, days, number++, "hazchem", tell_damaged_envelope, NULL);
    }
}
