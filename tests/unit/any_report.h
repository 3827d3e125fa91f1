/* SPDX-License-Identifier: Apache-2.0 */
/* A report of any record as canonical JSON, made from the descriptors alone: with what is required,
 * with every field, or with every field at its limit, each code in its turn; and, if wanted, with
 * one thing spoilt at one path. Knows no record by name but where a rule across fields stands in C:
 * asked_across and fixed. */
#ifndef TESTS_UNIT_ANY_REPORT_H
#define TESTS_UNIT_ANY_REPORT_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "model/path.h"
#include "model/schema.h"

#define ANY_ORG       "awb"
#define ANY_USCC      "91410411MA45ABCD6Y"
#define ANY_DIVISION  "410411001"
#define ANY_UUID      "5f0c0192f3c48a107d319f6e2b6f5a1c"
#define ANY_MSG_ID    "0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01"
#define ANY_LINK      "sha256:abababababababababababababababababababababababababababababababab"
#define ANY_FORMAT(f) DUALGATE__V1__FIELD_RULE__FORMAT__CODE__##f

enum any_fill { ANY_REQUIRED, ANY_EVERY, ANY_LIMITS };

enum any_spoil {
    SPOIL_NOTHING,
    SPOIL_MISSING,
    SPOIL_EMPTY,
    SPOIL_CODE_NAME,
    SPOIL_CODE_NUMBER,
    SPOIL_LONG,
    SPOIL_SHORT,
    SPOIL_CONTROL,
    SPOIL_LOW,
    SPOIL_HIGH,
    SPOIL_FINE, /* more digits after the point than there may be */
    SPOIL_FORMAT,
    SPOIL_TYPE,
    SPOIL_LIST, /* no list where there should be one */
    SPOIL_MANY,
    SPOIL_FULL, /* as many items as there may be: nothing is wrong */
    SPOIL_COUNT
};

struct any {
    const struct record_type *record;
    enum any_fill fill;
    unsigned turn;       /* which code of each list */
    const char *profile; /* what is required */
    const char *unit;    /* of the envelope */
    bool about_org;
    bool with_id; /* a text where the id would be one made of fields */
    enum any_spoil spoil;
    const char *at; /* path of what is spoilt */
    struct buf *out;
};

/* ---- what a field may be ---- */

static inline bool any_repeated(const struct field_type *f)
{
    return f->desc->label == PROTOBUF_C_LABEL_REPEATED;
}

static inline bool any_is_text(const struct field_type *f)
{
    return f->desc->type == PROTOBUF_C_TYPE_STRING;
}

static inline bool any_is_number(const struct field_type *f)
{
    return f->desc->type == PROTOBUF_C_TYPE_INT32;
}

static inline bool any_is_decimal(const struct field_type *f)
{
    return any_is_text(f) && f->rule->format == ANY_FORMAT(DECIMAL);
}

static inline bool any_in_profile(const struct field_type *f, const char *profile)
{
    for (size_t i = 0; i < f->rule->n_required_in; i++) {
        if (strcmp(f->rule->required_in[i], profile) == 0) {
            return true;
        }
    }
    return false;
}

/* What rules across fields ask for beside what is required. */
static inline bool any_asked_across(const struct message_type *m, const struct field_type *f)
{
    static const char *const asked[][2] = {
        {"hazard", "registered_at"}, {"hazard", "deadline"},      {"hazard", "resp_person"},
        {"hazard", "accept_time"},   {"hazard", "accept_person"}, {"check_task", "work_start"},
        {"check_task", "work_end"},
    };
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        if (strcmp(m->name, asked[i][0]) == 0 && strcmp(f->desc->name, asked[i][1]) == 0) {
            return true;
        }
    }
    return false;
}

static inline const struct code_value *any_code(const struct code_list *list, unsigned turn)
{
    return &list->values[turn % list->n_values];
}

/* A value that a rule across fields demands, as JSON; false where none does. */
static inline bool any_fixed(const struct any *g, const struct message_type *m,
                             const struct field_type *f, struct buf *out)
{
    const char *of = m->name;
    const char *name = f->desc->name;
    if (strcmp(name, "lat") == 0 || strcmp(name, "lon") == 0) {
        buf_puts(out, name[1] == 'a' ? "\"34.99999999\"" : "\"114.99999999\"");
    } else if (strcmp(of, "check_task") == 0 && strcmp(name, "task_no") == 0) {
        buf_puts(out, "9");
    } else if (strcmp(of, "hazard_transition") == 0 && strcmp(name, "from") == 0) {
        buf_put_span(out, any_code(f->codes, g->turn + 1)->json);
    } else if (strcmp(of, "measure") == 0 && strcmp(name, "class1") == 0) {
        /* The tens of the second class are the first one. */
        int second = any_code(message_field(m, SPAN_LIT("class2"))->codes, g->turn)->number;
        const struct code_value *first = code_by_number(f->codes, second / 10);
        buf_put_span(out, (first ? first : any_code(f->codes, g->turn))->json);
    } else {
        return false;
    }
    return true;
}

/* ---- values ---- */

static inline void any_text(struct buf *out, size_t chars, const char *one)
{
    buf_putc(out, '"');
    for (size_t i = 0; i < chars; i++) {
        buf_puts(out, one);
    }
    buf_putc(out, '"');
}

/* The greatest there may be, all digits used, or 1; over: by so many whole digits too many. */
static inline void any_decimal(const struct any *g, const struct field_type *f, unsigned over)
{
    const Dualgate__V1__FieldRule *r = f->rule;
    if (g->fill != ANY_LIMITS && over == 0) {
        buf_puts(g->out, "\"1\"");
        return;
    }
    if (r->decimal_max && over == 0) {
        buf_printf(g->out, "\"%s\"", r->decimal_max);
        return;
    }
    buf_putc(g->out, '"');
    for (unsigned i = 0; i < r->precision - r->scale + over; i++) {
        buf_putc(g->out, '9');
    }
    for (unsigned i = 0; i < r->scale; i++) {
        buf_puts(g->out, i == 0 ? ".9" : "9");
    }
    buf_putc(g->out, '"');
}

static inline const char *any_of_format(const struct any *g, const struct field_type *f)
{
    bool late = g->fill == ANY_LIMITS;
    switch ((int)f->rule->format) {
    case ANY_FORMAT(UUID):
        return strcmp(f->desc->name, "msg_id") == 0 ? ANY_MSG_ID : ANY_UUID;
    case ANY_FORMAT(TIMESTAMP):
        return late ? "2020-12-31T23:59:59.999999+08:00" : "2020-11-02T09:00:00+08:00";
    case ANY_FORMAT(DATE):
        return late ? "2099-12-31" : "2020-11-02";
    case ANY_FORMAT(TIME_OF_DAY):
        return late ? "23:59:59" : "08:00:00";
    case ANY_FORMAT(USCC):
        return ANY_USCC;
    case ANY_FORMAT(DIVISION):
        return ANY_DIVISION;
    case ANY_FORMAT(SECTOR):
        return g->profile;
    case ANY_FORMAT(PERIOD):
        return "2020-11";
    case ANY_FORMAT(JSON):
        return "{}";
    case ANY_FORMAT(ORG):
        return ANY_ORG;
    case ANY_FORMAT(DOC_NO):
        return "平湛安〔2020〕3号";
    default:
        return NULL;
    }
}

static inline void any_string(const struct any *g, const struct field_type *f)
{
    const Dualgate__V1__FieldRule *r = f->rule;
    const char *value = r->attachment ? ANY_LINK : any_of_format(g, f);
    if (value) {
        buf_printf(g->out, "\"%s\"", value);
    } else if (r->format == ANY_FORMAT(DECIMAL)) {
        any_decimal(g, f, 0);
    } else {
        bool digits = r->format == ANY_FORMAT(DIGITS);
        size_t least = r->min_chars > 0 ? r->min_chars : 1;
        any_text(g->out, g->fill == ANY_LIMITS ? r->max_chars : least, digits ? "2" : "长");
    }
}

static inline void any_scalar(const struct any *g, const struct message_type *m,
                              const struct field_type *f)
{
    bool top = g->fill == ANY_LIMITS && g->turn % 2 == 0;
    if (any_fixed(g, m, f, g->out)) {
        return;
    }
    if (f->codes) {
        buf_put_span(g->out, any_code(f->codes, g->turn)->json);
    } else if (any_is_text(f)) {
        any_string(g, f);
    } else if (f->desc->type == PROTOBUF_C_TYPE_BOOL) {
        buf_puts(g->out, g->turn % 2 ? "false" : "true");
    } else if (any_is_number(f)) {
        buf_printf(g->out, "%" PRId64, top ? f->rule->max : f->rule->min);
    } else {
        buf_puts(g->out, g->fill == ANY_LIMITS ? "\"18446744073709551615\"" : "1042");
    }
}

/* ---- what is wrong ---- */

/* Anything that no format takes. */
static inline const char *any_no_format(const struct field_type *f)
{
    return f->rule->attachment ? "\"sha256:12\"" : "\"x\"";
}

static inline void any_spoilt(const struct any *g, const struct field_type *f)
{
    const Dualgate__V1__FieldRule *r = f->rule;
    switch (g->spoil) {
    case SPOIL_EMPTY:
        buf_puts(g->out, "\"\"");
        break;
    case SPOIL_CODE_NAME:
        buf_puts(g->out, "\"NO_SUCH_CODE\"");
        break;
    case SPOIL_CODE_NUMBER:
        buf_puts(g->out, "987654");
        break;
    case SPOIL_LONG:
        any_text(g->out, r->max_chars + 1, r->format == ANY_FORMAT(DIGITS) ? "2" : "长");
        break;
    case SPOIL_SHORT:
        any_text(g->out, r->min_chars - 1, "2");
        break;
    case SPOIL_CONTROL:
        buf_puts(g->out, "\"a\\u0001\"");
        break;
    case SPOIL_LOW:
        if (any_is_decimal(f)) {
            buf_printf(g->out, "\"%s.1\"", r->decimal_min[0] == '-' ? r->decimal_min : "-0");
        } else {
            buf_printf(g->out, "%" PRId64, r->min - 1);
        }
        break;
    case SPOIL_HIGH:
        if (any_is_decimal(f)) {
            any_decimal(g, f, 1);
        } else {
            buf_printf(g->out, "%" PRId64, r->max + 1);
        }
        break;
    case SPOIL_FINE:
        buf_printf(g->out, "\"0.%0*u\"", (int)r->scale + 1, 1u);
        break;
    case SPOIL_FORMAT:
        buf_puts(g->out, any_no_format(f));
        break;
    case SPOIL_TYPE:
        buf_puts(g->out, any_is_text(f) || f->codes ? "{}" : "[true]");
        break;
    case SPOIL_NOTHING:
    case SPOIL_MISSING:
    case SPOIL_LIST:
    case SPOIL_MANY:
    case SPOIL_FULL:
    case SPOIL_COUNT:
        break;
    }
}

/* ---- messages ---- */

static inline void any_message(const struct any *g, const struct message_type *m,
                               const struct path *above);

static inline bool any_spoilt_here(const struct any *g, const struct path *path)
{
    char text[PATH_TEXT_MAX];
    return g->spoil != SPOIL_NOTHING && strcmp(path_text(path, text), g->at) == 0;
}

/* Whether something further down is spoilt. */
static inline bool any_spoilt_below(const struct any *g, const struct path *path)
{
    char text[PATH_TEXT_MAX];
    size_t n = strlen(path_text(path, text));
    return g->spoil != SPOIL_NOTHING && strncmp(g->at, text, n) == 0;
}

static inline bool any_present(const struct any *g, const struct message_type *m,
                               const struct field_type *f, const struct path *path)
{
    if (any_spoilt_here(g, path)) {
        return g->spoil != SPOIL_MISSING;
    }
    if (f->rule->node_sets) {
        return false;
    }
    if (m == g->record->message && g->record->org && f->desc == g->record->org) {
        return g->about_org;
    }
    /* An id that the record's own fields make may be left out. */
    if (m == g->record->message && g->record->rule->n_key > 0 && !f->rule->required &&
        strcmp(f->desc->name, "id") == 0) {
        return g->with_id;
    }
    return g->fill != ANY_REQUIRED || f->rule->required || any_in_profile(f, g->profile) ||
           any_asked_across(m, f) || any_spoilt_below(g, path);
}

static inline void any_item(const struct any *g, const struct message_type *m,
                            const struct field_type *f, const struct path *path)
{
    if (any_spoilt_here(g, path)) {
        any_spoilt(g, f);
    } else if (f->message) {
        any_message(g, f->message, path);
    } else {
        any_scalar(g, m, f);
    }
}

static inline void any_list(const struct any *g, const struct message_type *m,
                            const struct field_type *f, struct path *path)
{
    bool here = any_spoilt_here(g, path);
    struct any item = *g;
    size_t n = g->fill == ANY_LIMITS ? 2 : 1;
    if (here && g->spoil == SPOIL_LIST) {
        buf_puts(g->out, "{\"0\":1}");
        return;
    }
    if (here && (g->spoil == SPOIL_MANY || g->spoil == SPOIL_FULL)) {
        n = f->rule->max_items + (g->spoil == SPOIL_MANY ? 1 : 0);
        item.spoil = SPOIL_NOTHING;
        item.fill = ANY_REQUIRED;
    }
    buf_putc(g->out, '[');
    path->is_item = true;
    for (path->index = 0; path->index < n; path->index++) {
        buf_puts(g->out, path->index > 0 ? "," : "");
        any_item(&item, m, f, path);
    }
    buf_putc(g->out, ']');
}

static inline void any_message(const struct any *g, const struct message_type *m,
                               const struct path *above)
{
    const char *between = "";
    buf_putc(g->out, '{');
    for (size_t i = 0; i < m->n_fields; i++) {
        const struct field_type *f = &m->fields[i];
        struct path path = {.up = above, .name = f->desc->name};
        if (!any_present(g, m, f, &path)) {
            continue;
        }
        buf_printf(g->out, "%s\"%s\":", between, f->desc->name);
        between = ",";
        if (any_repeated(f)) {
            any_list(g, m, f, &path);
        } else {
            any_item(g, m, f, &path);
        }
    }
    buf_putc(g->out, '}');
}

/* The operation by which the record is sent. */
static inline const char *any_op(const struct record_type *r)
{
    return r->via ? r->rule->via_op : r->rule->n_ops > 0 ? r->rule->ops[0] : "UPSERT";
}

/* The whole report into g->out. */
static inline void any_report(const struct any *g)
{
    const struct path body = {.name = "body"};
    const struct record_type *record = g->record->via ? g->record->via : g->record;
    buf_printf(g->out,
               "{\"msg_id\":\"" ANY_MSG_ID "\",\"schema\":\"dualgate.v1\",\"record\":\"%s\"",
               record->name);
    buf_printf(g->out, ",\"op\":\"%s\"", any_op(g->record));
    if (!g->about_org) {
        buf_printf(g->out, ",\"uscc\":\"" ANY_USCC "\",\"unit\":\"%s\"", g->unit);
    }
    if (g->fill != ANY_REQUIRED) {
        buf_printf(g->out, ",\"division\":\"" ANY_DIVISION "\",\"source_system\":\"ehs\"");
        buf_printf(g->out, ",\"source_seq\":%s",
                   g->fill == ANY_LIMITS ? "\"18446744073709551615\"" : "1042");
        buf_puts(g->out, ",\"observed_at\":\"2020-11-02T09:00:00+08:00\"");
    }
    buf_puts(g->out, ",\"body\":");
    any_message(g, g->record->message, &body);
    buf_putc(g->out, '}');
}

#endif
