/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue is asked once per session; a table changed under a running session makes the server
 * refuse the rows (SQLSTATE 42804), which stops the lane, and its next start reads the catalogue
 * again. */
#include "pg/layout.h"

#include <stdbool.h>
#include <string.h>

#include "pg/binary.h"

const struct pg_statement tables_select = {
    NULL, "select (n.nspname || '.' || c.relname)::text, c.reltype::int8, a.attname::text,"
          "       a.atttypid::int8"
          "  from pg_catalog.pg_class c"
          "  join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
          "  join pg_catalog.pg_attribute a on a.attrelid = c.oid"
          " where n.nspname in ('dg', 'exchange') and c.relkind in ('r', 'p')"
          "   and not c.relispartition and a.attnum > 0 and not a.attisdropped"
          " order by c.oid, a.attnum"};

void tables_init(struct tables *t, size_t arena_max_bytes)
{
    arena_init(&t->arena, arena_max_bytes);
    map_init(&t->by_name);
}

void tables_free(struct tables *t)
{
    map_free(&t->by_name);
    arena_free(&t->arena);
}

/* Rows from `first` on that belong to the same table. */
static size_t run_length(const struct pg_result *r, size_t first, struct span name)
{
    size_t n = 1;
    struct span next;
    while (first + n < result_rows(r) && result_text(r, first + n, 0, &next) &&
           span_eq(name, next)) {
        n++;
    }
    return n;
}

static enum err take_columns(struct tables *t, const struct pg_result *r, size_t first,
                             struct table *table)
{
    table->columns = arena_alloc(&t->arena, table->n_columns * sizeof *table->columns);
    if (!table->columns) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < table->n_columns; i++) {
        struct span name;
        int64_t type;
        if (!result_text(r, first + i, 2, &name) || !result_int(r, first + i, 3, &type)) {
            return ERR_FATAL;
        }
        table->columns[i].name = arena_strndup(&t->arena, name.at, name.len);
        table->columns[i].type = (uint32_t)type;
        if (!table->columns[i].name) {
            return ERR_NOMEM;
        }
    }
    return ERR_OK;
}

enum err tables_take(struct tables *t, const struct pg_result *r)
{
    for (size_t i = 0; i < result_rows(r);) {
        struct span name;
        int64_t row_type;
        if (!result_text(r, i, 0, &name) || !result_int(r, i, 1, &row_type)) {
            return ERR_FATAL;
        }
        struct table *table = arena_zalloc(&t->arena, sizeof *table);
        const char *kept = arena_strndup(&t->arena, name.at, name.len);
        if (!table || !kept) {
            return ERR_NOMEM;
        }
        *table = (struct table){
            .name = kept, .row_type = (uint32_t)row_type, .n_columns = run_length(r, i, name)};
        enum err e = take_columns(t, r, i, table);
        if (e == ERR_OK) {
            e = map_put(&t->by_name, span_of(kept), table);
        }
        if (e != ERR_OK) {
            return e;
        }
        i += table->n_columns;
    }
    return ERR_OK;
}

const struct table *tables_get(const struct tables *t, const char *name)
{
    return map_get(&t->by_name, span_of(name));
}

static bool is_text(uint32_t oid)
{
    return oid == PG_TEXT || oid == PG_VARCHAR;
}

static bool is_int(uint32_t oid)
{
    return oid == PG_INT2 || oid == PG_INT4 || oid == PG_INT8;
}

static bool member_fits(enum cell_kind kind, uint32_t oid)
{
    switch (kind) {
    case CELL_TEXT:
        return is_text(oid);
    case CELL_BYTES:
        return oid == PG_BYTEA;
    case CELL_JSON:
        return oid == PG_JSONB;
    case CELL_UUID:
        return oid == PG_UUID || is_text(oid);
    case CELL_INT:
        return is_int(oid);
    case CELL_COUNT:
        return oid == PG_INT8 || oid == PG_NUMERIC;
    case CELL_BOOL:
        return oid == PG_BOOL;
    case CELL_TIME:
        return oid == PG_TIMESTAMPTZ;
    case CELL_DAY:
        return oid == PG_DATE;
    }
    return false;
}

static bool field_fits(enum column_type type, uint32_t oid)
{
    switch (type) {
    case COLUMN_TEXT:
        return is_text(oid);
    case COLUMN_TIMESTAMPTZ:
        return oid == PG_TIMESTAMPTZ;
    case COLUMN_DATE:
        return oid == PG_DATE;
    case COLUMN_NUMERIC:
        return oid == PG_NUMERIC;
    case COLUMN_JSONB:
        return oid == PG_JSONB;
    case COLUMN_INTEGER:
    case COLUMN_BIGINT:
        return is_int(oid);
    case COLUMN_BOOLEAN:
        return oid == PG_BOOL;
    case COLUMN_TYPES:
        break;
    }
    return false;
}

/* The place of a column, or n_columns. */
static size_t find(const struct table *t, const char *name)
{
    size_t i = 0;
    while (i < t->n_columns && strcmp(t->columns[i].name, name) != 0) {
        i++;
    }
    return i;
}

static enum err unfit(struct arena *arena, const struct table *t, const char *name, bool missing,
                      const char **why)
{
    const char *text =
        arena_printf(arena, "table %s %s column %s; run dualgate migrate", t->name,
                     missing ? "lacks" : "has another type than the schema for", name);
    *why = text ? text : "";
    return text ? ERR_INVALID : ERR_NOMEM;
}

static enum err bind_member(struct layout *l, struct arena *arena, const struct member *m,
                            const char **why)
{
    size_t at = find(l->table, m->name);
    bool missing = at == l->table->n_columns;
    if (missing || !member_fits(m->kind, l->table->columns[at].type)) {
        return unfit(arena, l->table, m->name, missing, why);
    }
    l->cells[at].member = m;
    return ERR_OK;
}

static enum err bind_field(struct layout *l, struct arena *arena, const struct column *c,
                           const char **why)
{
    size_t at = find(l->table, c->name);
    bool missing = at == l->table->n_columns;
    if (missing || !field_fits(c->type, l->table->columns[at].type)) {
        return unfit(arena, l->table, c->name, missing, why);
    }
    l->cells[at].field = c->field;
    return ERR_OK;
}

enum err layout_bind(struct layout *l, struct arena *arena, const struct table *table,
                     const struct member *members, size_t n_members, const struct record_type *body,
                     const char **why)
{
    struct column_list columns = {NULL, 0};
    *l = (struct layout){.table = table};
    l->cells = arena_zalloc(arena, table->n_columns * sizeof *l->cells);
    enum err e = l->cells ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; i < n_members && e == ERR_OK; i++) {
        e = bind_member(l, arena, &members[i], why);
    }
    if (e == ERR_OK && body) {
        e = columns_of(body, arena, &columns);
    }
    for (size_t i = 0; i < columns.n && e == ERR_OK; i++) {
        e = bind_field(l, arena, &columns.items[i], why);
    }
    return e;
}
