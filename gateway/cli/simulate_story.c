/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/simulate_story.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

#define ARENA_BYTES_MAX    ((size_t)8 << 30)
#define TEXT_BYTES_MAX     1024
#define SHANGHAI_US        (INT64_C(8) * 3600 * 1000000)
#define WORK_FIRST_SECOND  (INT64_C(8) * 3600)
#define WORK_SECONDS       (INT64_C(10) * 3600)
#define MICROSECONDS       INT64_C(1000000)
#define MESSAGES_AT_FIRST  64
#define REPEATED_IN_1000   12
#define REPEATED_AFTER_MAX (INT64_C(3) * 86400)

void story_init(struct story *s, const struct district *d, const struct sim_native *native)
{
    *s = (struct story){.district = d, .native = native};
    arena_init(&s->arena, ARENA_BYTES_MAX);
    buf_init(&s->body, 0);
}

void story_free(struct story *s)
{
    mem_free(s->messages);
    buf_free(&s->body);
    arena_free(&s->arena);
}

const char *story_text(struct story *s, const char *format, ...)
{
    char text[TEXT_BYTES_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *copy = arena_strdup(&s->arena, text);
    s->failed = s->failed || copy == NULL;
    return copy ? copy : "";
}

/* ---- messages ---- */

void story_open(struct story *s, const struct district_unit *unit, const char *record)
{
    buf_reset(&s->body);
    s->unit = unit;
    s->record = record;
    s->reports = 0;
    s->form = sim_form_of(s->native, unit->entity->adapter, record);
}

void story_add(struct story *s, const struct sim_report *r)
{
    if (s->form.record != NULL) {
        sim_form_row(&s->form, r, s->reports == 0, &s->body);
    } else {
        buf_puts(&s->body, s->reports > 0 ? ",\n" : "");
        sim_report_json(r, &s->body);
    }
    s->reports++;
}

static struct sim_message *new_message(struct story *s)
{
    if (s->count == s->room) {
        size_t room = s->room ? s->room * 2 : MESSAGES_AT_FIRST;
        struct sim_message *more = mem_realloc(s->messages, room * sizeof *more);
        if (more == NULL) {
            s->failed = true;
            return NULL;
        }
        s->messages = more;
        s->room = room;
    }
    struct sim_message *m = &s->messages[s->count];
    *m = (struct sim_message){.order = s->count};
    s->count++;
    return m;
}

static struct span canonical_payload(struct story *s)
{
    const char *around = s->reports > 1 ? "[]" : "";
    char *text = arena_printf(&s->arena, "%.1s%.*s%.1s", around, (int)s->body.len, s->body.data,
                              around[0] ? around + 1 : "");
    return text ? span_of(text) : SPAN_NONE;
}

static const char *topic_of(struct story *s)
{
    const struct district_entity *e = s->unit->entity;
    return story_text(s, "dp/v1/%s/%s/%s/up/%s", s->district->node, e->sector->code, e->publisher,
                      s->form.record ? "native" : s->record);
}

static enum err fill(struct story *s, struct sim_message *m)
{
    m->topic = topic_of(s);
    m->reports = s->reports;
    m->content_type = "application/json";
    if (s->form.record == NULL) {
        m->payload = canonical_payload(s);
        return m->payload.at != NULL ? ERR_OK : ERR_NOMEM;
    }
    m->adapter = s->form.mapping->name;
    if (s->form.mapping->container == CONTAINER_CSV) {
        m->content_type =
            story_text(s, "text/csv; charset=%s", charset_name(s->form.mapping->charset));
    }
    return sim_form_wrap(&s->form, buf_span(&s->body), s->unit->entity->adapter_key, &s->arena,
                         &m->payload);
}

struct sim_message *story_close(struct story *s, int64_t at_us)
{
    struct sim_message *m =
        s->reports > 0 && !buf_failed(&s->body) && !s->failed ? new_message(s) : NULL;
    s->failed = s->failed || buf_failed(&s->body);
    if (m != NULL) {
        m->at_us = at_us;
        if (fill(s, m) != ERR_OK) {
            s->failed = true;
        }
    }
    return s->failed ? NULL : m;
}

void story_repeat(struct story *s, size_t index, int64_t at_us)
{
    struct sim_message *m = new_message(s);
    if (m != NULL) {
        size_t order = m->order;
        *m = s->messages[index];
        m->order = order;
        m->at_us = at_us;
    }
}

static int by_time(const void *a, const void *b)
{
    const struct sim_message *x = a;
    const struct sim_message *y = b;
    if (x->at_us != y->at_us) {
        return x->at_us < y->at_us ? -1 : 1;
    }
    return x->order < y->order ? -1 : x->order > y->order;
}

void story_sort(struct story *s)
{
    if (s->count > 0) {
        qsort(s->messages, s->count, sizeof *s->messages, by_time);
    }
}

/* ---- tellers ---- */

void teller_init(struct teller *t, struct story *s, const struct district_unit *unit,
                 struct sim_days days)
{
    *t = (struct teller){.story = s, .unit = unit, .days = days};
    dice_seed(&t->dice, s->district->seed, "unit", unit->index, 0);
}

int64_t teller_time(struct teller *t, int64_t day)
{
    int64_t last = t->days.count - 1;
    int64_t start = (t->days.first + (day < last ? day : last)) * SIM_DAY_US - SHANGHAI_US;
    int64_t second = WORK_FIRST_SECOND + dice_between(&t->dice, 0, WORK_SECONDS - 1);
    return start + second * MICROSECONDS;
}

int64_t teller_end(const struct teller *t)
{
    return (t->days.first + t->days.count) * SIM_DAY_US - SHANGHAI_US;
}

void teller_report(struct teller *t, struct sim_report *r, const char *record, int64_t at_us)
{
    sim_report_init(r, t->unit, record, &t->dice, at_us);
    r->seq = ++t->seq;
}

const struct district_person *teller_person(struct teller *t)
{
    return &t->unit->persons[dice_below(&t->dice, DISTRICT_PERSONS)];
}

const char *teller_pick(struct teller *t, const struct words_list *list)
{
    return list->at[dice_below(&t->dice, list->n)];
}

static void tell_unit(struct story *s, const struct district_unit *unit, struct sim_days days)
{
    struct teller t;
    teller_init(&t, s, unit, days);
    if (unit->entity->habit == HABIT_FULL) {
        tell_risks(&t);
    }
    tell_hazards(&t);
}

/* Impatient senders: the same bytes again, hours or days later. */
static void tell_repeats(struct story *s, struct sim_days days)
{
    struct dice dice;
    dice_seed(&dice, s->district->seed, "repeat", 0, 0);
    int64_t end = (days.first + days.count) * SIM_DAY_US - SHANGHAI_US;
    for (size_t i = 0, n = s->count; i < n && !s->failed; i++) {
        int64_t later =
            s->messages[i].at_us + dice_between(&dice, 3600, REPEATED_AFTER_MAX) * MICROSECONDS;
        if (dice_below(&dice, 1000) < REPEATED_IN_1000 || i == 0) {
            story_repeat(s, i, later < end ? later : end);
        }
    }
}

enum err story_tell(struct story *s, struct sim_days days)
{
    const struct district *d = s->district;
    for (size_t i = 0; i < d->n_entities && !s->failed; i++) {
        const struct district_entity *e = &d->entities[i];
        bool tells = e->habit == HABIT_FULL || e->habit == HABIT_SMALL;
        for (size_t u = e->reporting_from; tells && u < e->n_units && !s->failed; u++) {
            tell_unit(s, &e->units[u], days);
        }
    }
    tell_repeats(s, days);
    tell_wrong(s, days);
    story_sort(s);
    return s->failed ? ERR_NOMEM : ERR_OK;
}
