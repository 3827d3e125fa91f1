/* SPDX-License-Identifier: Apache-2.0 */
/* Rows come sorted by code, so that those of one unit stand together. Values stay where libpq has
 * them; the book points at them. */
#include "cli/merge_book.h"

#include "cli/merge_ask.h"

#define BOOK_BYTES_MAX ((size_t)8 << 30)

static const char *const code_names[MERGE_CODES] = {
    [MERGE_NO_USCC] = "no_uscc",       [MERGE_BAD_USCC] = "bad_uscc",
    [MERGE_UNREAD] = "unread",         [MERGE_UNKNOWN_TOWNSHIP] = "unknown_township",
    [MERGE_DOUBLED] = "doubled",       [MERGE_DIFFERS] = "differs",
    [MERGE_MISSING] = "missing",       [MERGE_ONE_LIST] = "one_list",
    [MERGE_NO_ENTITY] = "no_entity",   [MERGE_SAME_NAME] = "same_name",
    [MERGE_IN_NO_LIST] = "in_no_list", [MERGE_REFUSED] = "refused",
};

const char *merge_code_name(enum merge_code code)
{
    return code_names[code];
}

size_t merge_column(const struct register_kind *kind, const char *name)
{
    size_t i = 0;
    while (i < kind->n_columns && strcmp(kind->columns[i].name, name) != 0) {
        i++;
    }
    return i;
}

void merge_book_init(struct merge_book *b)
{
    *b = (struct merge_book){.kinds = {register_kind_of("entity"), register_kind_of("unit")}};
    arena_init(&b->arena, BOOK_BYTES_MAX);
    map_init(&b->units);
    map_init(&b->by_name);
    for (size_t k = 0; k < MERGE_KINDS; k++) {
        map_init(&b->known[k]);
    }
}

void merge_book_free(struct merge_book *b)
{
    for (size_t k = 0; k < MERGE_KINDS; k++) {
        sync_free(b->rows[k]);
        sync_free(b->current[k]);
        map_free(&b->known[k]);
    }
    sync_free(b->lists);
    sync_free(b->precedence);
    register_names_free(&b->names);
    map_free(&b->units);
    map_free(&b->by_name);
    arena_free(&b->arena);
}

/* ---- rules ---- */

static void take_deciders(struct merge_field *field, const char *names)
{
    struct span rest = span_of(names);
    while (rest.at && field->n_deciders < MERGE_ROLES) {
        enum merge_role role = merge_role_of(span_cut(&rest, ' '));
        if (role != MERGE_ROLES) {
            field->deciders[field->n_deciders++] = role;
        }
    }
}

/* A field without a row of its own is decided by nobody, and blocks. */
static void take_precedence(const struct merge_book *b, struct merge_field *field)
{
    field->blocking = true;
    for (size_t i = 0; i < sync_rows(b->precedence); i++) {
        if (strcmp(sync_text(b->precedence, i, 0), field->name) == 0) {
            take_deciders(field, sync_text(b->precedence, i, 1));
            field->blocking = sync_text(b->precedence, i, 2)[0] == 't';
        }
    }
}

static enum err make_rules(struct merge_book *b, size_t k)
{
    const struct register_kind *kind = b->kinds[k];
    size_t n_sectors = sync_rows(b->names.sectors);
    struct merge_field *fields = arena_zalloc(&b->arena, kind->n_columns * sizeof *fields);
    struct merge_sector *sectors = arena_zalloc(&b->arena, n_sectors * sizeof *sectors);
    if (!fields || !sectors) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < kind->n_columns; i++) {
        fields[i].name = kind->columns[i].name;
        fields[i].required = kind->columns[i].required;
        fields[i].prose = kind->columns[i].type == VALUE_TEXT && !kind->columns[i].key;
        take_precedence(b, &fields[i]);
    }
    for (size_t i = 0; i < n_sectors; i++) {
        sectors[i] = (struct merge_sector){sync_text(b->names.sectors, i, 0),
                                           sync_text(b->names.sectors, i, 3),
                                           sync_text(b->names.sectors, i, 4)};
    }
    b->rules[k] = (struct merge_rules){.fields = fields,
                                       .n_fields = kind->n_columns,
                                       .sector = merge_column(kind, "sector"),
                                       .division = merge_column(kind, "division"),
                                       .presence = {.name = "presence"},
                                       .sectors = sectors,
                                       .n_sectors = n_sectors};
    take_precedence(b, &b->rules[k].presence);
    return ERR_OK;
}

/* ---- rows ---- */

static enum err take_lists(struct merge_book *b)
{
    b->n_lists = sync_rows(b->lists);
    b->list = arena_zalloc(&b->arena, b->n_lists * sizeof *b->list);
    for (size_t i = 0; b->list && i < b->n_lists; i++) {
        b->list[i] =
            (struct merge_list){.id = sync_text(b->lists, i, 0),
                                .name = sync_text(b->lists, i, 1),
                                .imported_at = sync_text(b->lists, i, 2),
                                .rows = sync_text(b->lists, i, 3),
                                .bad = sync_text(b->lists, i, 4),
                                .org = {sync_text(b->lists, i, 5), sync_text(b->lists, i, 6),
                                        sync_text(b->lists, i, 7)},
                                .kind = register_kind_of(sync_text(b->lists, i, 8))};
    }
    return b->list ? ERR_OK : ERR_NOMEM;
}

static const struct merge_list *list_of(const struct merge_book *b, const char *id)
{
    size_t i = 0;
    while (i + 1 < b->n_lists && strcmp(b->list[i].id, id) != 0) {
        i++;
    }
    return &b->list[i];
}

static const char *const *values_of(struct merge_book *b, const struct pg_result *rows, size_t row,
                                    size_t before, size_t n)
{
    const char **values = arena_zalloc(&b->arena, n * sizeof *values);
    for (size_t i = 0; values && i < n; i++) {
        int column = (int)(before + i);
        values[i] = sync_null(rows, row, column) ? NULL : sync_text(rows, row, column);
    }
    return values;
}

static uint64_t bad_of(const struct register_kind *kind, const char *names)
{
    uint64_t bad = 0;
    struct span rest = span_of(names);
    while (rest.at) {
        struct span name = span_cut(&rest, ' ');
        for (size_t i = 0; i < kind->n_columns; i++) {
            bad |= span_is(name, kind->columns[i].name) ? UINT64_C(1) << i : 0;
        }
    }
    return bad;
}

static struct merge_row *take_row(struct merge_book *b, size_t k, size_t at)
{
    const struct pg_result *rows = b->rows[k];
    struct merge_row *row = arena_zalloc(&b->arena, sizeof *row);
    const char *const *values = values_of(b, rows, at, MERGE_ROW_COLUMNS, b->kinds[k]->n_columns);
    if (!row || !values) {
        return NULL;
    }
    *row = (struct merge_row){.list = list_of(b, sync_text(rows, at, 0)),
                              .line = sync_text(rows, at, 1),
                              .name = sync_text(rows, at, 6),
                              .problem = sync_text(rows, at, 5),
                              .values = values,
                              .bad = bad_of(b->kinds[k], sync_text(rows, at, 4))};
    if (b->last_row) {
        b->last_row->next = row;
    } else {
        b->row = row;
    }
    b->last_row = row;
    return row;
}

/* Known by its code; a unit by the unit's own too. */
static bool has_key(const struct merge_book *b, size_t k, size_t at)
{
    return !sync_null(b->rows[k], at, 2) && (k == 0 || sync_text(b->rows[k], at, 3)[0] != '\0');
}

static bool same_key(const struct merge_book *b, size_t k, size_t one, size_t other)
{
    return has_key(b, k, other) &&
           strcmp(sync_text(b->rows[k], one, 2), sync_text(b->rows[k], other, 2)) == 0 &&
           strcmp(sync_text(b->rows[k], one, 3), sync_text(b->rows[k], other, 3)) == 0;
}

static struct merge_unit *open_unit(struct merge_book *b, size_t k, size_t at, size_t n)
{
    struct merge_unit *unit = arena_zalloc(&b->arena, sizeof *unit);
    struct merge_row **rows = arena_zalloc(&b->arena, n * sizeof(struct merge_row *));
    const char *uscc = sync_text(b->rows[k], at, 2);
    const char *name = k == 0 ? "" : sync_text(b->rows[k], at, 3);
    const char *key = arena_printf(&b->arena, "%s|%s", uscc, name);
    if (!unit || !rows || !key || map_put(&b->units, span_of(key), unit) != ERR_OK) {
        return NULL;
    }
    *unit = (struct merge_unit){.rules = &b->rules[k],
                                .kind = b->kinds[k],
                                .uscc = uscc,
                                .unit = name,
                                .key = key,
                                .rows = rows,
                                .n = n,
                                .current = map_get(&b->known[k], span_of(key))};
    if (b->last_unit) {
        b->last_unit->next = unit;
    } else {
        b->unit = unit;
    }
    b->last_unit = unit;
    return unit;
}

static enum err take_rows(struct merge_book *b, size_t k)
{
    size_t total = sync_rows(b->rows[k]);
    size_t end = 0;
    struct merge_unit *unit = NULL;
    for (size_t at = 0, first = 0; at < total; at++) {
        if (at == end) {
            first = at;
            end = at + 1;
            unit = NULL;
            while (has_key(b, k, at) && end < total && same_key(b, k, at, end)) {
                end++;
            }
            unit = has_key(b, k, at) ? open_unit(b, k, at, end - at) : NULL;
            if (!unit && has_key(b, k, at)) {
                return ERR_NOMEM;
            }
        }
        struct merge_row *row = take_row(b, k, at);
        if (!row) {
            return ERR_NOMEM;
        }
        row->unit = unit;
        if (unit) {
            unit->rows[at - first] = row;
        }
    }
    return ERR_OK;
}

static enum err take_current(struct merge_book *b, size_t k)
{
    const struct pg_result *rows = b->current[k];
    enum err err = ERR_OK;
    for (size_t i = 0; i < sync_rows(rows) && err == ERR_OK; i++) {
        const char *key =
            arena_printf(&b->arena, "%s|%s", sync_text(rows, i, 0), sync_text(rows, i, 1));
        const char *const *values =
            values_of(b, rows, i, MERGE_CURRENT_COLUMNS, b->kinds[k]->n_columns);
        if (!key || !values) {
            return ERR_NOMEM;
        }
        union {
            const char *const *values;
            void *pointer;
        } held = {values};
        err = map_put(&b->known[k], span_of(key), held.pointer);
    }
    return err;
}

static bool listed_kind(const struct merge_book *b, size_t k)
{
    bool listed = false;
    for (size_t i = 0; i < b->n_lists && !listed; i++) {
        listed = b->list[i].kind == b->kinds[k];
    }
    return listed;
}

/* Only where there is a list at all: without one, everything would be in none. */
static enum err take_left(struct merge_book *b, size_t k)
{
    const struct pg_result *rows = b->current[k];
    for (size_t i = 0; listed_kind(b, k) && i < sync_rows(rows); i++) {
        const char *key =
            arena_printf(&b->arena, "%s|%s", sync_text(rows, i, 0), sync_text(rows, i, 1));
        struct merge_left *left = arena_zalloc(&b->arena, sizeof *left);
        if (!key || !left) {
            return ERR_NOMEM;
        }
        if (map_get(&b->units, span_of(key)) || sync_text(rows, i, 2)[0] != 't') {
            continue;
        }
        left->kind = b->kinds[k];
        left->current = map_get(&b->known[k], span_of(key));
        if (b->last_left) {
            b->last_left->next = left;
        } else {
            b->left = left;
        }
        b->last_left = left;
    }
    return ERR_OK;
}

static enum err load_kind(struct merge_book *b, size_t k)
{
    enum err err = make_rules(b, k);
    if (err == ERR_OK) {
        err = take_current(b, k);
    }
    if (err == ERR_OK) {
        err = take_rows(b, k);
    }
    return err == ERR_OK ? take_left(b, k) : err;
}

enum err merge_book_load(struct merge_book *b, struct sync *db)
{
    enum err err = merge_ask(b, db);
    if (err == ERR_OK) {
        err = take_lists(b);
    }
    for (size_t k = 0; k < MERGE_KINDS && err == ERR_OK; k++) {
        err = load_kind(b, k);
    }
    return err;
}
