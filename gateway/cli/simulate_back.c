/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/simulate_back.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/civil_time.h"

#define SHANGHAI_US  (INT64_C(8) * 3600 * 1000000)
#define DAY_SECONDS  86400
#define MICROSECONDS 1000000

const char *sim_back_code(const struct step *step, const char *value)
{
    const struct code_value *code = code_by_name(step->codes.list, span_of(value));
    for (size_t i = 0; code != NULL && code->rule != NULL && i < code->rule->n_alias; i++) {
        const char *alias = code->rule->alias[i];
        size_t n = step->codes.system.len;
        if (strncmp(alias, step->codes.system.at, n) == 0 && alias[n] == ':') {
            return alias + n + 1;
        }
    }
    return NULL;
}

static bool moment_of(const char *value, struct civil_date *date, int64_t *second)
{
    int64_t us = 0;
    *second = 0;
    if (date_parse(span_of(value), date)) {
        return true;
    }
    if (!time_parse(span_of(value), &us)) {
        return false;
    }
    *date = date_of_time(us);
    *second = (us + SHANGHAI_US) / MICROSECONDS - date_days(*date) * DAY_SECONDS;
    return true;
}

static bool has_seconds(const struct pattern *p)
{
    for (size_t i = 0; i < p->n_parts; i++) {
        if (p->parts[i].what == 's') {
            return true;
        }
    }
    return false;
}

/* An order of versions needs the second; a field takes the source's favourite form. */
static const struct pattern *choose_pattern(const struct step *step, const struct target *t)
{
    bool day_only = t->field->rule->format == DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DATE;
    for (size_t i = 0; i < step->moment.n; i++) {
        const struct pattern *p = &step->moment.patterns[i];
        bool fits = p->kind == PATTERN_PARTS && p->has_date && !(day_only && p->has_time);
        if (fits && (!t->of_envelope || has_seconds(p))) {
            return p;
        }
    }
    return NULL;
}

static int part_value(char what, struct civil_date date, int64_t second)
{
    switch (what) {
    case 'y':
        return date.year;
    case 'M':
        return date.month;
    case 'd':
        return date.day;
    case 'H':
        return (int)(second / 3600);
    case 'm':
        return (int)(second / 60 % 60);
    case 'S':
        return 0;
    default:
        return (int)(second % 60);
    }
}

static const char *write_moment(const struct step *step, const struct target *t, const char *value,
                                char room[SIM_BACK_BYTES])
{
    const struct pattern *p = choose_pattern(step, t);
    struct civil_date date;
    int64_t second = 0;
    if (p == NULL || !moment_of(value, &date, &second)) {
        return value;
    }
    size_t len = 0;
    for (size_t i = 0; i < p->n_parts && len + 16 < SIM_BACK_BYTES; i++) {
        const struct pattern_part *part = &p->parts[i];
        int n = part->what == 0
                    ? snprintf(room + len, SIM_BACK_BYTES - len, "%.*s", SPAN_ARG(part->literal))
                    : snprintf(room + len, SIM_BACK_BYTES - len, "%0*d", part->digits_min,
                               part_value(part->what, date, second));
        len += n > 0 ? (size_t)n : 0;
    }
    return room;
}

/* A whole number in the schema's unit, written in the source's. */
static const char *write_quantity(const struct step *step, const char *value,
                                  char room[SIM_BACK_BYTES])
{
    int shift = -1;
    for (size_t i = 0; i < step->quantity.n; i++) {
        if (step->quantity.units[i].word.len == 0) {
            shift = step->quantity.units[i].shift;
        }
    }
    if (shift <= 0 || strlen(value) + (size_t)shift + 3 > SIM_BACK_BYTES) {
        return value;
    }
    int len = snprintf(room, SIM_BACK_BYTES, "%0*d%s", shift + 1 - (int)strlen(value), 0, value);
    if ((int)strlen(value) > shift) {
        len = snprintf(room, SIM_BACK_BYTES, "%s", value);
    }
    memmove(room + len - shift + 1, room + len - shift, (size_t)shift + 1);
    room[len - shift] = '.';
    for (len++; len > 1 && room[len - 1] == '0'; len--) {
        room[len - 1] = '\0';
    }
    if (room[len - 1] == '.') {
        room[len - 1] = '\0';
    }
    return room;
}

static const char *word_before(const struct step *step, const char *value,
                               char room[SIM_BACK_BYTES])
{
    for (size_t i = 0; i < step->words.n; i++) {
        if (span_is(step->words.pairs[i].to, value)) {
            snprintf(room, SIM_BACK_BYTES, "%.*s", SPAN_ARG(step->words.pairs[i].from));
            return room;
        }
    }
    return value;
}

/* What has no word in the source's list is written as it is: the gateway shall find it. */
static const char *step_back(const struct step *step, const struct target *t,
                             const char *company_code, const char *value, char room[SIM_BACK_BYTES])
{
    const char *alias = NULL;
    switch (step->kind) {
    case STEP_WORDS:
        return word_before(step, value, room);
    case STEP_CODES:
        alias = sim_back_code(step, value);
        return alias ? alias : value;
    case STEP_MOMENT:
        return write_moment(step, t, value, room);
    case STEP_QUANTITY:
        return write_quantity(step, value, room);
    case STEP_COMPANY:
        return company_code ? company_code : value;
    case STEP_TRIM:
    case STEP_FOLD:
    case STEP_ABSENT:
    case STEP_PAD:
    case STEP_ORGANISATION:
        return value;
    }
    return value;
}

const char *sim_back(const struct target *t, const char *company_code, const char *value,
                     char room[SIM_BACK_BYTES])
{
    for (size_t s = t->n_steps; s > 0; s--) {
        value = step_back(&t->steps[s - 1], t, company_code, value, room);
    }
    return value;
}
