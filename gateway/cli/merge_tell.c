/* SPDX-License-Identifier: Apache-2.0 */
/* One walk over the book makes findings; two ways of writing one down. */
#include "cli/merge_tell.h"

#include "cli/merge_change.h"

#include <stdio.h>

#define NO_FIELD SIZE_MAX

struct finding {
    enum merge_code code;
    const struct merge_unit *unit; /* or */
    const struct merge_row *row;   /* of a row alone, or */
    const struct merge_left *left; /* of the register */
    size_t field;
    bool open; /* leaves rows unresolved */
    const char *text;
    const struct merge_unit *perhaps; /* the same name under a code */
};

struct teller {
    const struct merge_book *book;
    struct buf out;
    bool json;
    size_t n; /* findings so far */
};

/* ---- writing one down ---- */

static void put_place(struct buf *out, const struct merge_row *row)
{
    const struct merge_list *l = row->list;
    if (l->name[0]) {
        buf_printf(out, "%s/%s:%s", l->org.code, l->name, row->line);
    } else {
        buf_printf(out, "%s:%s", l->org.code, row->line);
    }
}

static const char *field_name(const struct finding *f)
{
    return f->field == NO_FIELD ? NULL : f->unit->kind->columns[f->field].name;
}

static void put_row_json(struct buf *out, const struct merge_row *row, size_t field, bool first)
{
    buf_printf(out, "%s{\"org\":\"%s\"", first ? "" : ",", row->list->org.code);
    merge_put_pair(out, "list", row->list->name);
    buf_printf(out, ",\"line\":%s", row->line);
    if (field != NO_FIELD) {
        merge_put_pair(out, "value", row->values[field]);
    }
    buf_putc(out, '}');
}

static bool concerns(const struct finding *f, const struct merge_row *row)
{
    return f->field == NO_FIELD || row->values[f->field] || (row->bad >> f->field & 1);
}

static void put_rows_json(struct buf *out, const struct finding *f)
{
    bool first = true;
    buf_puts(out, ",\"rows\":[");
    if (f->row) {
        put_row_json(out, f->row, NO_FIELD, true);
    }
    for (size_t i = 0; f->unit && !f->row && i < f->unit->n; i++) {
        if (concerns(f, f->unit->rows[i])) {
            put_row_json(out, f->unit->rows[i], f->field, first);
            first = false;
        }
    }
    buf_putc(out, ']');
}

static void put_decision_json(struct buf *out, const struct finding *f)
{
    const struct merge_decision *d =
        f->code == MERGE_DIFFERS ? &f->unit->verdict.fields[f->field] : NULL;
    if (d && d->outcome == MERGE_DECIDED) {
        merge_put_pair(out, "value", d->value);
        merge_put_pair(out, "by", merge_role_name(d->role));
    }
}

static void tell_json(struct teller *t, const struct finding *f)
{
    const char *const *left = f->left ? f->left->current : NULL;
    buf_printf(&t->out, "%s{\"code\":\"%s\",\"open\":%s", t->n > 0 ? ",\n" : "\n",
               merge_code_name(f->code), f->open ? "true" : "false");
    merge_put_pair(&t->out, "uscc",
                   f->unit ? f->unit->uscc
                   : left  ? left[merge_column(f->left->kind, "uscc")]
                           : NULL);
    merge_put_pair(&t->out, "name",
                   f->unit  ? merge_unit_name(f->unit)
                   : f->row ? f->row->name
                   : left   ? left[merge_column(f->left->kind, "name")]
                            : "");
    if (f->unit && f->unit->unit[0]) {
        merge_put_pair(&t->out, "unit", f->unit->unit);
    }
    if (left && strcmp(f->left->kind->name, "unit") == 0) {
        merge_put_pair(&t->out, "unit", left[merge_column(f->left->kind, "unit")]);
    }
    if (field_name(f)) {
        merge_put_pair(&t->out, "field", field_name(f));
    }
    put_decision_json(&t->out, f);
    if (f->text) {
        merge_put_pair(&t->out, "text", f->text);
    }
    if (f->perhaps) {
        merge_put_pair(&t->out, "perhaps", f->perhaps->uscc);
    }
    put_rows_json(&t->out, f);
    buf_putc(&t->out, '}');
}

static void put_who(struct buf *out, const struct finding *f)
{
    if (f->unit) {
        buf_printf(out, " %s%s%s %s", f->unit->uscc, f->unit->unit[0] ? "/" : "", f->unit->unit,
                   merge_unit_name(f->unit));
    } else if (f->left) {
        const struct register_kind *kind = f->left->kind;
        bool unit = strcmp(kind->name, "unit") == 0;
        buf_printf(out, " %s%s%s %s", f->left->current[merge_column(kind, "uscc")], unit ? "/" : "",
                   unit ? f->left->current[merge_column(kind, "unit")] : "",
                   f->left->current[merge_column(kind, "name")]);
    } else {
        buf_printf(out, " %s", f->row->name);
    }
}

static void put_rows_text(struct buf *out, const struct finding *f)
{
    bool first = true;
    for (size_t i = 0; f->unit && !f->row && i < f->unit->n; i++) {
        const struct merge_row *row = f->unit->rows[i];
        if (!concerns(f, row)) {
            continue;
        }
        buf_puts(out, first ? " " : ", ");
        put_place(out, row);
        if (f->field != NO_FIELD) {
            buf_printf(out, " %s", row->values[f->field] ? row->values[f->field] : "(unread)");
        }
        first = false;
    }
    if (f->row) {
        buf_putc(out, ' ');
        put_place(out, f->row);
    }
}

static void tell_text(struct teller *t, const struct finding *f)
{
    struct buf *out = &t->out;
    buf_printf(out, "%s %-16s", f->open ? "open   " : "settled", merge_code_name(f->code));
    put_who(out, f);
    if (field_name(f)) {
        buf_printf(out, " %s", field_name(f));
    }
    buf_putc(out, ':');
    put_rows_text(out, f);
    if (f->text && f->text[0]) {
        buf_printf(out, " %s", f->text);
    }
    if (f->code == MERGE_DIFFERS && !f->open &&
        f->unit->verdict.fields[f->field].outcome == MERGE_DECIDED) {
        const struct merge_decision *d = &f->unit->verdict.fields[f->field];
        buf_printf(out, " -> %s (%s)", d->value, merge_role_name(d->role));
    }
    if (f->perhaps) {
        buf_printf(out, " (perhaps %s, which bears the name too)", f->perhaps->uscc);
    }
    buf_putc(out, '\n');
}

static void tell(struct teller *t, const struct finding *f)
{
    if (t->json) {
        tell_json(t, f);
    } else {
        tell_text(t, f);
    }
    t->n++;
}

/* ---- the walk ---- */

static bool has(uint32_t why, enum merge_code code)
{
    return why >> code & 1;
}

/* What a row says of itself, whether or not it belongs to a unit. */
static void tell_row(struct teller *t, const struct merge_row *row)
{
    static const enum merge_code codes[] = {MERGE_NO_USCC, MERGE_BAD_USCC, MERGE_UNKNOWN_TOWNSHIP,
                                            MERGE_UNREAD};
    bool open = !row->unit || !merge_unit_resolved(row->unit);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct finding f = {.code = codes[i],
                            .unit = row->unit,
                            .row = row,
                            .field = NO_FIELD,
                            .open = open,
                            .text = row->problem};
        if (has(row->why, codes[i])) {
            f.perhaps = row->unit ? NULL : map_get(&t->book->by_name, span_of(row->name));
            tell(t, &f);
        }
    }
}

static void tell_fields(struct teller *t, const struct merge_unit *unit)
{
    for (size_t i = 0; i < unit->rules->n_fields; i++) {
        const struct merge_field *field = &unit->rules->fields[i];
        const struct merge_decision *d = &unit->verdict.fields[i];
        bool stops = field->blocking || field->required;
        struct finding f = {.code = MERGE_DIFFERS, .unit = unit, .field = i};
        if (d->differs) {
            f.open = d->outcome == MERGE_OPEN && stops;
            f.text = d->outcome == MERGE_OPEN && !stops ? "(the register's own word stays)" : NULL;
            tell(t, &f);
        } else if (field->required && !merge_value(&unit->verdict, i, unit->current)) {
            f.code = MERGE_MISSING;
            f.open = true;
            f.text = "no list says it";
            tell(t, &f);
        }
    }
}

static void tell_unit(struct teller *t, const struct merge_unit *unit)
{
    struct finding f = {.unit = unit, .field = NO_FIELD};
    if (has(unit->why, MERGE_DOUBLED)) {
        f.code = MERGE_DOUBLED;
        tell(t, &f);
    }
    tell_fields(t, unit);
    if (has(unit->why, MERGE_ONE_LIST)) {
        f.code = MERGE_ONE_LIST;
        f.open = unit->verdict.presence_open;
        f.text = f.open ? "its word alone does not count" : NULL;
        tell(t, &f);
    }
    if (has(unit->why, MERGE_NO_ENTITY)) {
        f.code = MERGE_NO_ENTITY;
        f.open = true;
        f.text = "the entity is not in the register";
        tell(t, &f);
    }
    if (has(unit->why, MERGE_SAME_NAME)) {
        f.code = MERGE_SAME_NAME;
        f.open = false;
        f.text = "another code bears the name too";
        tell(t, &f);
    }
    if (unit->refusal) {
        f.code = MERGE_REFUSED;
        f.open = true;
        f.text = unit->refusal;
        tell(t, &f);
    }
}

static void tell_findings(struct teller *t)
{
    for (const struct merge_row *row = t->book->row; row; row = row->next) {
        tell_row(t, row);
    }
    for (const struct merge_unit *unit = t->book->unit; unit; unit = unit->next) {
        tell_unit(t, unit);
    }
    for (const struct merge_left *left = t->book->left; left; left = left->next) {
        struct finding f = {.code = MERGE_IN_NO_LIST, .left = left, .field = NO_FIELD};
        tell(t, &f);
    }
}

/* ---- the whole ---- */

static void tell_lists(struct teller *t)
{
    for (size_t i = 0; i < t->book->n_lists; i++) {
        const struct merge_list *l = &t->book->list[i];
        if (t->json) {
            buf_printf(&t->out, "%s{\"org\":\"%s\",\"kind\":\"%s\"", i > 0 ? ",\n" : "\n",
                       l->org.code, l->kind->name);
            merge_put_pair(&t->out, "name", l->name);
            merge_put_pair(&t->out, "imported_at", l->imported_at);
            buf_printf(&t->out, ",\"rows\":%s,\"bad\":%s}", l->rows, l->bad);
        } else {
            buf_printf(&t->out, "list    %s%s%s (%s): %s rows, %s with a problem, of %s\n",
                       l->org.code, l->name[0] ? "/" : "", l->name, l->kind->name, l->rows, l->bad,
                       l->imported_at);
        }
    }
}

void merge_tell(const struct merge_book *b, bool json, bool applied)
{
    struct teller t = {.book = b, .json = json};
    buf_init(&t.out, 0);
    buf_puts(&t.out, json ? "{\"lists\":[" : "");
    tell_lists(&t);
    buf_puts(&t.out, json ? "],\n\"findings\":[" : "");
    tell_findings(&t);
    buf_puts(&t.out, json ? "],\n\"changes\":[" : "");
    t.n = merge_tell_changes(b, json, &t.out);
    if (json) {
        buf_printf(&t.out, "],\n\"rows_resolved\":%zu,\"rows_unresolved\":%zu,\"applied\":%s}",
                   b->n_resolved, b->n_unresolved, applied ? "true" : "false");
    } else {
        buf_printf(&t.out, "%zu changes %s; rows: %zu resolved, %zu unresolved", t.n,
                   applied ? "made" : "to make", b->n_resolved, b->n_unresolved);
    }
    puts(buf_text(&t.out));
    buf_free(&t.out);
}
