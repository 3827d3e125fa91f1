/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict of every unit, and bits for what there is to tell of units and rows. */
#include "cli/merge_book.h"

#include "base/alloc.h"

static uint32_t bit(enum merge_code code)
{
    return UINT32_C(1) << code;
}

/* ---- rows by themselves ---- */

static bool says_nothing(const struct merge_row *row)
{
    bool silent = row->bad == 0;
    for (size_t i = 0; i < row->list->kind->n_columns && silent; i++) {
        silent = row->values[i] == NULL;
    }
    return silent;
}

static void judge_row(struct merge_row *row)
{
    const struct register_kind *kind = row->list->kind;
    uint64_t bad_uscc = row->bad >> merge_column(kind, "uscc") & 1;
    uint64_t bad_division = row->bad >> merge_column(kind, "division") & 1;
    uint64_t others = row->bad & ~(UINT64_C(1) << merge_column(kind, "uscc")) &
                      ~(UINT64_C(1) << merge_column(kind, "division"));
    row->why |= bad_uscc ? bit(MERGE_BAD_USCC) : 0;
    row->why |= bad_division ? bit(MERGE_UNKNOWN_TOWNSHIP) : 0;
    row->why |= others || says_nothing(row) ? bit(MERGE_UNREAD) : 0;
    if (!row->unit && !bad_uscc && !(row->why & bit(MERGE_UNREAD))) {
        row->why |= bit(MERGE_NO_USCC);
    }
}

/* ---- units ---- */

static enum err decide(struct merge_unit *unit)
{
    struct merge_claim *claims = mem_zalloc(unit->n * sizeof *claims);
    if (!claims) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < unit->n; i++) {
        claims[i] = (struct merge_claim){&unit->rows[i]->list->org, unit->rows[i]->values,
                                         unit->rows[i]->bad};
    }
    merge_decide(unit->rules, claims, unit->n, unit->current, &unit->verdict);
    mem_free(claims);
    return ERR_OK;
}

/* Rows of one list stand together. */
static bool is_doubled(const struct merge_unit *unit)
{
    bool doubled = false;
    for (size_t i = 1; i < unit->n && !doubled; i++) {
        doubled = unit->rows[i]->list == unit->rows[i - 1]->list;
    }
    return doubled;
}

static bool has_entity(const struct merge_book *b, const struct merge_unit *unit)
{
    char key[64];
    size_t n = strlen(unit->uscc);
    memcpy(key, unit->uscc, n < sizeof key - 2 ? n : sizeof key - 2);
    key[n < sizeof key - 2 ? n : sizeof key - 2] = '|';
    struct span name = {key, n + 1};
    const struct merge_unit *entity = map_get(&b->units, name);
    return map_get(&b->known[0], name) || (entity && entity->verdict.resolved);
}

static void note(struct merge_book *b, struct merge_unit *unit)
{
    const struct merge_verdict *v = &unit->verdict;
    bool differs = false;
    for (size_t i = 0; i < unit->rules->n_fields; i++) {
        differs = differs || v->fields[i].differs;
    }
    unit->why |= differs ? bit(MERGE_DIFFERS) : 0;
    unit->why |= is_doubled(unit) ? bit(MERGE_DOUBLED) : 0;
    unit->why |= v->alone ? bit(MERGE_ONE_LIST) : 0;
    unit->why |= v->missing ? bit(MERGE_MISSING) : 0;
    if (unit->unit[0] != '\0' && !has_entity(b, unit)) {
        unit->why |= bit(MERGE_NO_ENTITY);
    }
    for (size_t i = 0; i < unit->n; i++) {
        unit->rows[i]->why |= unit->why;
    }
}

/* ---- one name under several codes ---- */

static const char *name_of(const struct merge_unit *unit)
{
    return merge_value(&unit->verdict, merge_column(unit->kind, "name"), unit->current);
}

static enum err find_same_names(struct merge_book *b)
{
    enum err err = ERR_OK;
    for (struct merge_unit *unit = b->unit; unit && err == ERR_OK; unit = unit->next) {
        const char *name = unit->unit[0] == '\0' ? name_of(unit) : NULL;
        struct merge_unit *other = name ? map_get(&b->by_name, span_of(name)) : NULL;
        if (other) {
            unit->why |= bit(MERGE_SAME_NAME);
            other->why |= bit(MERGE_SAME_NAME);
        } else if (name) {
            err = map_put(&b->by_name, span_of(name), unit);
        }
    }
    return err;
}

/* ---- all ---- */

bool merge_unit_resolved(const struct merge_unit *unit)
{
    return unit->verdict.resolved && !unit->refusal && !(unit->why & bit(MERGE_NO_ENTITY));
}

bool merge_unit_changes(const struct merge_unit *unit)
{
    bool changes = unit->current == NULL;
    for (size_t i = 0; i < unit->rules->n_fields && !changes; i++) {
        changes = !merge_same(&unit->rules->fields[i],
                              merge_value(&unit->verdict, i, unit->current), unit->current[i]);
    }
    return changes;
}

void merge_book_count(struct merge_book *b)
{
    b->n_resolved = b->n_unresolved = 0;
    for (const struct merge_row *row = b->row; row; row = row->next) {
        bool resolved = row->unit && merge_unit_resolved(row->unit);
        b->n_resolved += resolved;
        b->n_unresolved += !resolved;
    }
}

enum err merge_book_judge(struct merge_book *b)
{
    enum err err = ERR_OK;
    for (struct merge_row *row = b->row; row; row = row->next) {
        judge_row(row);
    }
    for (struct merge_unit *unit = b->unit; unit && err == ERR_OK; unit = unit->next) {
        err = decide(unit);
    }
    for (struct merge_unit *unit = b->unit; unit && err == ERR_OK; unit = unit->next) {
        note(b, unit);
    }
    if (err == ERR_OK) {
        err = find_same_names(b);
    }
    merge_book_count(b);
    return err;
}
