/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/simulate_native.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "adapt/adapt.h"
#include "base/alloc.h"
#include "model/civil_time.h"

#define TEXT_BYTES   64
#define SHANGHAI_US  (INT64_C(8) * 3600 * 1000000)
#define DAY_SECONDS  86400
#define MICROSECONDS 1000000

struct sim_native {
    struct schema *schema;
    struct adapters *adapters;
};

enum err sim_native_open(struct sim_native **out, const char *dir, struct buf *errors)
{
    static const struct read_limits limits = {500, 262144, 16};
    struct sim_native *n = mem_zalloc(sizeof *n);
    const char *why = NULL;
    if (n == NULL) {
        return ERR_NOMEM;
    }
    enum err e = schema_load(&n->schema, &why);
    if (e == ERR_OK) {
        e = adapters_load(dir, n->schema, &limits, &n->adapters, errors);
        if (e == ERR_NOT_FOUND) {
            buf_printf(errors, "%s: no adapters there\n", dir);
        }
    } else if (why != NULL) {
        buf_printf(errors, "schema: %s\n", why);
    }
    if (e != ERR_OK) {
        sim_native_close(n);
        return e;
    }
    *out = n;
    return ERR_OK;
}

void sim_native_close(struct sim_native *n)
{
    if (n != NULL) {
        adapters_free(n->adapters);
        schema_free(n->schema);
        mem_free(n);
    }
}

struct sim_form sim_form_of(const struct sim_native *n, const char *adapter, const char *record)
{
    struct sim_form f = {0};
    if (adapter == NULL || n == NULL) {
        return f;
    }
    f.mapping = adapters_find(n->adapters, span_of(adapter));
    for (size_t i = 0; f.mapping != NULL && i < f.mapping->n_records; i++) {
        if (strcmp(f.mapping->records[i].name, record) == 0) {
            f.record = &f.mapping->records[i];
        }
    }
    return f;
}

/* ---- one value, backwards through its steps ---- */

static const char *alias_of(const struct step *step, const char *value)
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
    default:
        return (int)(second % 60);
    }
}

static const char *write_moment(const struct step *step, const struct target *t, const char *value,
                                char room[TEXT_BYTES])
{
    const struct pattern *p = choose_pattern(step, t);
    struct civil_date date;
    int64_t second = 0;
    if (p == NULL || !moment_of(value, &date, &second)) {
        return value;
    }
    size_t len = 0;
    for (size_t i = 0; i < p->n_parts && len + 16 < TEXT_BYTES; i++) {
        const struct pattern_part *part = &p->parts[i];
        int n = part->what == 0
                    ? snprintf(room + len, TEXT_BYTES - len, "%.*s", SPAN_ARG(part->literal))
                    : snprintf(room + len, TEXT_BYTES - len, "%0*d", part->digits_min,
                               part_value(part->what, date, second));
        len += n > 0 ? (size_t)n : 0;
    }
    return room;
}

/* A whole number in the schema's unit, written in the source's. */
static const char *write_quantity(const struct step *step, const char *value, char room[TEXT_BYTES])
{
    int shift = -1;
    for (size_t i = 0; i < step->quantity.n; i++) {
        if (step->quantity.units[i].word.len == 0) {
            shift = step->quantity.units[i].shift;
        }
    }
    if (shift <= 0 || strlen(value) + (size_t)shift + 3 > TEXT_BYTES) {
        return value;
    }
    int len = snprintf(room, TEXT_BYTES, "%0*d%s", shift + 1 - (int)strlen(value), 0, value);
    if ((int)strlen(value) > shift) {
        len = snprintf(room, TEXT_BYTES, "%s", value);
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

static const char *word_before(const struct step *step, const char *value, char room[TEXT_BYTES])
{
    for (size_t i = 0; i < step->words.n; i++) {
        if (span_is(step->words.pairs[i].to, value)) {
            snprintf(room, TEXT_BYTES, "%.*s", SPAN_ARG(step->words.pairs[i].from));
            return room;
        }
    }
    return value;
}

/* What has no word in the source's list is written as it is: the gateway shall find it. */
static const char *step_back(const struct step *step, const struct target *t,
                             const struct sim_report *r, const char *value, char room[TEXT_BYTES])
{
    const char *alias = NULL;
    switch (step->kind) {
    case STEP_WORDS:
        return word_before(step, value, room);
    case STEP_CODES:
        alias = alias_of(step, value);
        return alias ? alias : value;
    case STEP_MOMENT:
        return write_moment(step, t, value, room);
    case STEP_QUANTITY:
        return write_quantity(step, value, room);
    case STEP_COMPANY:
        return r->unit->entity->company_code ? r->unit->entity->company_code : value;
    case STEP_TRIM:
    case STEP_FOLD:
    case STEP_ABSENT:
    case STEP_PAD:
    case STEP_DIGEST:
        return value;
    }
    return value;
}

bool sim_form_says(const struct sim_form *f, const char *field, const char *value)
{
    for (size_t i = 0; i < f->record->n_targets; i++) {
        const struct target *t = &f->record->targets[i];
        for (size_t s = 0; !t->of_envelope && strcmp(t->path, field) == 0 && s < t->n_steps; s++) {
            if (t->steps[s].kind == STEP_CODES) {
                return alias_of(&t->steps[s], value) != NULL;
            }
        }
    }
    return true;
}

/* ---- rows ---- */

static const char *canonical(const struct target *t, const struct sim_report *r,
                             char room[TIME_TEXT_MAX])
{
    if (t->n_sources == 0) {
        return NULL;
    }
    if (!t->of_envelope) {
        return sim_value(r, t->path);
    }
    if (strcmp(t->path, "uscc") == 0) {
        return r->uscc;
    }
    if (strcmp(t->path, "observed_at") == 0) {
        time_format(r->observed_us, room);
        return room;
    }
    return NULL;
}

/* A source may feed several fields: the first that has a value says what stands there. */
static const char *source_text(const struct record_map *record, struct span name,
                               const struct sim_report *r, char room[2][TEXT_BYTES])
{
    for (size_t i = 0; i < record->n_targets; i++) {
        const struct target *t = &record->targets[i];
        const char *value =
            t->n_sources > 0 && span_eq(t->sources[0].name, name) ? canonical(t, r, room[0]) : NULL;
        if (value == NULL) {
            continue;
        }
        for (size_t s = t->n_steps; s > 0; s--) {
            value = step_back(&t->steps[s - 1], t, r, value, room[1]);
        }
        return value;
    }
    return NULL;
}

static bool seen_before(const struct record_map *record, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        const struct target *t = &record->targets[k];
        if (t->n_sources > 0 && span_eq(t->sources[0].name, record->targets[i].sources[0].name)) {
            return true;
        }
    }
    return false;
}

static bool is_column(const struct record_map *record, size_t i)
{
    return record->targets[i].n_sources > 0 && !seen_before(record, i);
}

static void json_row(const struct record_map *record, const struct sim_report *r, struct buf *out)
{
    char room[2][TEXT_BYTES];
    const char *comma = "";
    buf_putc(out, '{');
    for (size_t i = 0; i < record->n_targets; i++) {
        struct span name = is_column(record, i) ? record->targets[i].sources[0].name : SPAN_NONE;
        const char *value = name.len > 0 ? source_text(record, name, r, room) : NULL;
        if (value != NULL) {
            buf_printf(out, "%s\"%.*s\":", comma, SPAN_ARG(name));
            buf_json_string(out, span_of(value));
            comma = ",";
        }
    }
    if (record->deletable && record->deleted_no.n > 0) {
        buf_printf(out, "%s\"%.*s\":", comma, SPAN_ARG(record->deleted.name));
        buf_json_string(out, record->deleted_no.at[0]);
    }
    buf_putc(out, '}');
}

static void csv_cell(const char *value, struct buf *out)
{
    bool quoted = strpbrk(value, ",\"\r\n") != NULL;
    if (quoted) {
        buf_putc(out, '"');
    }
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '"') {
            buf_putc(out, '"');
        }
        buf_putc(out, *at);
    }
    if (quoted) {
        buf_putc(out, '"');
    }
}

/* r NULL: the header. */
static void csv_row(const struct record_map *record, const struct sim_report *r, struct buf *out)
{
    char room[2][TEXT_BYTES];
    const char *comma = "";
    for (size_t i = 0; i < record->n_targets; i++) {
        if (!is_column(record, i)) {
            continue;
        }
        struct span name = record->targets[i].sources[0].name;
        const char *value = r != NULL ? source_text(record, name, r, room) : NULL;
        buf_puts(out, comma);
        if (r == NULL) {
            buf_put_span(out, name);
        } else {
            csv_cell(value ? value : "", out);
        }
        comma = ",";
    }
    buf_puts(out, "\r\n");
}

void sim_form_row(const struct sim_form *f, const struct sim_report *r, bool first,
                  struct buf *rows)
{
    if (f->mapping->container == CONTAINER_CSV) {
        if (first) {
            csv_row(f->record, NULL, rows);
        }
        csv_row(f->record, r, rows);
    } else {
        buf_putc(rows, first ? '[' : ',');
        json_row(f->record, r, rows);
    }
}

/* ---- the whole ---- */

/* {"path":"/riskUnit","datas":"…"} with the mapping's names. */
static enum err seal(const struct sim_form *f, struct span rows, const char *key, struct buf *out)
{
    const struct mapping *m = f->mapping;
    buf_puts(out, "{");
    if (m->find == FIND_MEMBER && f->record->match.n > 0) {
        buf_printf(out, "\"%.*s\":\"%s%.*s\",", SPAN_ARG(m->find_name),
                   m->find_last_part ? "/" : "", SPAN_ARG(f->record->match.at[0]));
    }
    buf_printf(out, "\"%.*s\":\"", SPAN_ARG(m->sealed_member));
    enum err e = envelope_seal(m->envelope, rows, span_of(key), out);
    buf_puts(out, "\"}");
    return e;
}

enum err sim_form_wrap(const struct sim_form *f, struct span rows, const char *key,
                       struct arena *arena, struct span *payload)
{
    struct buf plain, out;
    buf_init(&plain, 0);
    buf_init(&out, 0);
    buf_put_span(&plain, rows);
    buf_puts(&plain, f->mapping->container == CONTAINER_JSON ? "]" : "");
    struct span bytes = buf_span(&plain);
    enum err e = charset_encode(f->mapping->charset, buf_span(&plain), arena, &bytes);
    if (e == ERR_OK && f->mapping->envelope != ENVELOPE_NONE) {
        e = seal(f, bytes, key, &out);
        bytes = buf_span(&out);
    }
    char *copy = e == ERR_OK ? arena_strndup(arena, bytes.at, bytes.len) : NULL;
    *payload = (struct span){copy, bytes.len};
    if (e == ERR_OK && (copy == NULL || buf_failed(&plain) || buf_failed(&out))) {
        e = ERR_NOMEM;
    }
    buf_free(&plain);
    buf_free(&out);
    return e;
}
