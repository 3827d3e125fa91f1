/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/simulate_native.h"

#include <string.h>

#include "adapt/adapt.h"
#include "base/alloc.h"
#include "cli/simulate_back.h"
#include "model/civil_time.h"

struct sim_native {
    struct schema *schema;
    struct adapters *adapters;
};

enum err sim_native_open(struct sim_native **out, const char *dir, struct buf *errors)
{
    static const struct read_limits limits = {
        .reports_max = 500, .report_bytes_max = 262144, .depth_max = 16};
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

/* Neither a text or list put together of several values nor a row that is several records is taken
 * apart again: such records are reported in canonical form. */
static bool runs_backwards(const struct mapping *m, const struct record_map *record)
{
    for (size_t i = 0; i < record->n_targets; i++) {
        enum target_from from = record->targets[i].from;
        if (from == TARGET_TEMPLATE || from == TARGET_ITEMS) {
            return false;
        }
    }
    for (size_t i = 0; i < m->n_records; i++) {
        if (m->records[i].inner && &m->records[m->records[i].base] == record) {
            return false;
        }
    }
    return !record->inner;
}

struct sim_form sim_form_of(const struct sim_native *n, const char *adapter, const char *record)
{
    struct sim_form f = {0};
    if (adapter == NULL || n == NULL) {
        return f;
    }
    f.mapping = adapters_find(n->adapters, span_of(adapter));
    for (size_t i = 0; f.mapping != NULL && i < f.mapping->n_records; i++) {
        if (strcmp(f.mapping->records[i].name, record) == 0 &&
            runs_backwards(f.mapping, &f.mapping->records[i])) {
            f.record = &f.mapping->records[i];
        }
    }
    return f;
}

bool sim_form_says(const struct sim_form *f, const char *field, const char *value)
{
    for (size_t i = 0; i < f->record->n_targets; i++) {
        const struct target *t = &f->record->targets[i];
        for (size_t s = 0; !t->of_envelope && strcmp(t->path, field) == 0 && s < t->n_steps; s++) {
            if (t->steps[s].kind == STEP_CODES) {
                return sim_back_code(&t->steps[s], value) != NULL;
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
                               const struct sim_report *r, char room[2][SIM_BACK_BYTES])
{
    for (size_t i = 0; i < record->n_targets; i++) {
        const struct target *t = &record->targets[i];
        const char *value =
            t->n_sources > 0 && span_eq(t->sources[0].name, name) ? canonical(t, r, room[0]) : NULL;
        if (value == NULL) {
            continue;
        }
        return sim_back(t, r->unit->entity->company_code, value, room[1]);
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
    char room[2][SIM_BACK_BYTES];
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
    char room[2][SIM_BACK_BYTES];
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
        buf_printf(out, "\"%.*s\":\"%s%.*s\",", SPAN_ARG(m->find_source.name),
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
    struct buf plain;
    struct buf out;
    buf_init(&plain, 0);
    buf_init(&out, 0);
    buf_put_span(&plain, rows);
    buf_puts(&plain, f->mapping->container == CONTAINER_JSON ? "]" : "");
    struct span bytes = buf_span(&plain);
    enum err e = charset_encode(f->mapping->charset, buf_span(&plain), arena, &bytes);
    if (e == ERR_OK && f->mapping->envelope.kind != ENVELOPE_NONE) {
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
