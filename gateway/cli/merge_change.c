/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/merge_change.h"

struct teller {
    bool json;
    struct buf *out;
    size_t n;
};

const char *merge_unit_name(const struct merge_unit *unit)
{
    const char *name = merge_value(&unit->verdict, merge_column(unit->kind, "name"), unit->current);
    for (size_t i = 0; i < unit->n && !name; i++) {
        name = unit->rows[i]->name[0] ? unit->rows[i]->name : NULL;
    }
    return name ? name : "";
}

void merge_put_pair(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, ",\"%s\":", name);
    if (value) {
        buf_json_string(out, span_of(value));
    } else {
        buf_puts(out, "null");
    }
}

static void tell_field_change(struct teller *t, const struct merge_unit *unit, size_t i,
                              bool *first)
{
    const char *old = unit->current ? unit->current[i] : NULL;
    const char *new = merge_value(&unit->verdict, i, unit->current);
    const struct merge_decision *d = &unit->verdict.fields[i];
    const char *by = d->outcome == MERGE_DECIDED ? merge_role_name(d->role) : "AGREED";
    if (merge_same(&unit->rules->fields[i], old, new)) {
        return;
    }
    if (t->json) {
        buf_printf(t->out, "%s{\"field\":\"%s\"", *first ? "" : ",", unit->kind->columns[i].name);
        merge_put_pair(t->out, "old", old);
        merge_put_pair(t->out, "new", new);
        merge_put_pair(t->out, "by", by);
        buf_putc(t->out, '}');
    } else if (unit->current) {
        buf_printf(t->out, "%s %s: %s -> %s (%s)", *first ? "" : ";", unit->kind->columns[i].name,
                   old ? old : "-", new, by);
    } else {
        buf_printf(t->out, "%s %s: %s (%s)", *first ? "" : ";", unit->kind->columns[i].name, new,
                   by);
    }
    *first = false;
}

static void tell_change(struct teller *t, const struct merge_unit *unit)
{
    const char *act = unit->current ? "change" : "new";
    bool first = true;
    if (t->json) {
        buf_printf(t->out, "%s{\"act\":\"%s\"", t->n > 0 ? ",\n" : "\n", act);
        merge_put_pair(t->out, "uscc", unit->uscc);
        merge_put_pair(t->out, "unit", unit->unit);
        merge_put_pair(t->out, "name", merge_unit_name(unit));
        buf_puts(t->out, ",\"fields\":[");
    } else {
        buf_printf(t->out, "%-7s %s%s%s %s:", act, unit->uscc, unit->unit[0] ? "/" : "", unit->unit,
                   merge_unit_name(unit));
    }
    for (size_t i = 0; i < unit->rules->n_fields; i++) {
        if (!unit->kind->columns[i].key) {
            tell_field_change(t, unit, i, &first);
        }
    }
    buf_puts(t->out, t->json ? "]}" : "\n");
    t->n++;
}

size_t merge_tell_changes(const struct merge_book *b, bool json, struct buf *out)
{
    struct teller t = {.json = json, .out = out};
    for (const struct merge_unit *unit = b->unit; unit; unit = unit->next) {
        if (merge_unit_resolved(unit) && merge_unit_changes(unit)) {
            tell_change(&t, unit);
        }
    }
    return t.n;
}
