/* SPDX-License-Identifier: Apache-2.0 */
/* Rows come as one array of the table's row type: unnest() of it costs one function scan however
 * many columns there are. An insert names the columns that are bound, so the others keep their
 * defaults. Where a number of rows decides whether the plan was right, dg.expect() says so inside
 * the transaction: a wrong one fails with SQLSTATE 40DG1, COMMIT never runs, and no round trip is
 * spent on looking. */
#include "pg/statements.h"

#include <string.h>

#include "base/buf.h"
#include "pg/life_events.h"
#include "pg/life_rows.h"
#include "pg/parked.h"

#define SQL_MAX_BYTES ((size_t)1 << 20)

#define ORDER_OF(row)                                                                     \
    "(" row ".observed_at, " row ".source_system collate \"C\", " row ".source_seq, " row \
    ".state_rank, " row ".ledger_no)"

void statements_init(struct statements *s, size_t arena_max_bytes)
{
    *s = (struct statements){.records = NULL};
    arena_init(&s->arena, arena_max_bytes);
    tables_init(&s->tables, arena_max_bytes);
}

void statements_free(struct statements *s)
{
    tables_free(&s->tables);
    arena_free(&s->arena);
    s->records = NULL;
}

static enum err keep(struct statements *s, struct pg_statement *out, const char *name,
                     struct buf *sql)
{
    out->name = arena_strdup(&s->arena, name);
    out->sql = buf_failed(sql) ? NULL : arena_strndup(&s->arena, sql->data, sql->len);
    return out->name && out->sql ? ERR_OK : ERR_NOMEM;
}

/* "a, b, c": the columns that are bound. */
static void put_columns(struct buf *sql, const struct layout *l)
{
    const char *comma = "";
    for (size_t i = 0; i < l->table->n_columns; i++) {
        if (l->cells[i].member || l->cells[i].field) {
            buf_printf(sql, "%s\"%s\"", comma, l->table->columns[i].name);
            comma = ", ";
        }
    }
}

static enum err find_table(struct statements *s, const char *name, const struct table **out,
                           const char **why)
{
    *out = tables_get(&s->tables, name);
    if (*out) {
        return ERR_OK;
    }
    const char *text =
        arena_printf(&s->arena, "the database has no table %s; run dualgate migrate", name);
    *why = text ? text : "";
    return text ? ERR_INVALID : ERR_NOMEM;
}

/* Replaces %1$s and %2$s of a template; the templates are ours, the rest is copied. */
static void put_template(struct buf *sql, const char *text, const struct layout *l)
{
    for (const char *at = text; *at; at++) {
        if (strncmp(at, "%1$s", 4) == 0) {
            buf_puts(sql, l->table->name);
            at += 3;
        } else if (strncmp(at, "%2$s", 4) == 0) {
            put_columns(sql, l);
            at += 3;
        } else {
            buf_putc(sql, *at);
        }
    }
}

static enum err make_shared(struct statements *s, enum table_kind kind, struct buf *sql,
                            const char **why)
{
    const struct table *table;
    enum err e = find_table(s, row_shape_tables[kind].table, &table, why);
    if (e == ERR_OK) {
        e = layout_bind(&s->layouts[kind], &s->arena, table, row_shape_tables[kind].members,
                        row_shape_tables[kind].n_members, NULL, why);
    }
    if (e != ERR_OK) {
        return e;
    }
    buf_reset(sql);
    put_template(sql, row_shape_tables[kind].sql, &s->layouts[kind]);
    return keep(s, &s->insert[kind], row_shape_tables[kind].statement, sql);
}

static void write_probe(struct buf *sql, const char *record)
{
    buf_printf(sql,
               "select k.n, h.observed_at, h.source_system, h.source_seq::text, h.state_rank,"
               "       h.ledger_no"
               "  from unnest($1::text[], $2::text[]) with ordinality k(uscc, id, n)"
               "  join exchange.\"%s\" h on h.uscc = k.uscc and h.id = k.id",
               record);
}

static void put_assignments(struct buf *sql, const struct layout *l)
{
    const char *comma = "";
    for (size_t i = 0; i < l->table->n_columns; i++) {
        const char *name = l->table->columns[i].name;
        bool bound = l->cells[i].member || l->cells[i].field;
        if (bound && strcmp(name, "uscc") != 0 && strcmp(name, "id") != 0) {
            buf_printf(sql, "%s\"%s\" = x.\"%s\"", comma, name, name);
            comma = ", ";
        }
    }
}

/* Heads and history of the same rows: sent once, unnested once. */
static void write_history_of_x(struct buf *sql, const char *record,
                               const struct record_statements *r)
{
    buf_printf(sql,
               "with x as materialized (select * from unnest($1::exchange.\"%s_history\"[])),"
               " v as (insert into exchange.\"%s_history\" (",
               record, record);
    put_columns(sql, &r->history);
    buf_puts(sql, ") select ");
    put_columns(sql, &r->history);
    buf_puts(sql, " from x)");
}

static void write_fresh(struct buf *sql, const char *record, const struct record_statements *r)
{
    write_history_of_x(sql, record, r);
    buf_printf(sql, " insert into exchange.\"%s\" (", record);
    put_columns(sql, &r->head);
    buf_puts(sql, ") select ");
    put_columns(sql, &r->head);
    buf_puts(sql, " from x");
}

static void write_newer(struct buf *sql, const char *record, const struct record_statements *r)
{
    write_history_of_x(sql, record, r);
    buf_printf(sql, ", w as (update exchange.\"%s\" h set ", record);
    put_assignments(sql, &r->head);
    buf_printf(sql,
               " from x where h.uscc = x.uscc and h.id = x.id"
               " and " ORDER_OF("x") " > " ORDER_OF(
                   "h") " returning 1) select dg.expect('%s', $2::int8, (select count(*) from w))",
               record);
}

static void write_past(struct buf *sql, const char *record, const struct record_statements *r)
{
    buf_printf(sql, "insert into exchange.\"%s_history\" (", record);
    put_columns(sql, &r->history);
    buf_puts(sql, ") select ");
    put_columns(sql, &r->history);
    buf_printf(sql, " from unnest($1::exchange.\"%s_history\"[])", record);
}

static void write_place(struct buf *sql, const char *record, const struct record_statements *r)
{
    buf_printf(sql, "insert into exchange.\"%s\" (", record);
    put_columns(sql, &r->head);
    buf_puts(sql, ") select ");
    put_columns(sql, &r->head);
    buf_printf(sql, " from unnest($1::exchange.\"%s\"[])", record);
}

/* Nobody has changed the row since it was asked for. */
static void put_unchanged(struct buf *sql, const char *record)
{
    buf_printf(sql,
               " from rows from (unnest($1::exchange.\"%s\"[]), unnest($3::text[])) x"
               " where h.uscc = x.uscc and h.id = x.id and h.xmin::text = x.unnest returning 1)"
               " select dg.expect('%s', $2::int8, (select count(*) from w))",
               record, record);
}

static void write_move(struct buf *sql, const char *record, const struct record_statements *r)
{
    buf_printf(sql, "with w as (update exchange.\"%s\" h set ", record);
    put_assignments(sql, &r->head);
    put_unchanged(sql, record);
}

static void write_touch(struct buf *sql, const char *record)
{
    buf_printf(sql, "with w as (update exchange.\"%s\" h set %s", record, life_touched_columns);
    put_unchanged(sql, record);
}

static enum err bind_record(struct statements *s, const struct record_type *type, struct buf *name,
                            const char **why)
{
    struct record_statements *r = &s->records[type->index];
    const struct table *head;
    const struct table *history;
    buf_reset(name);
    buf_printf(name, "exchange.%s", type->name);
    enum err e = find_table(s, buf_text(name), &head, why);
    buf_puts(name, "_history");
    if (e == ERR_OK) {
        e = find_table(s, buf_text(name), &history, why);
    }
    if (e == ERR_OK) {
        e = layout_bind(&r->head, &s->arena, head, row_shape_version, ROW_SHAPE_VERSION_MEMBERS - 1,
                        type, why);
    }
    if (e == ERR_OK) {
        e = layout_bind(&r->history, &s->arena, history, row_shape_version,
                        ROW_SHAPE_VERSION_MEMBERS, type, why);
    }
    return e;
}

static enum err keep_as(struct statements *s, struct pg_statement *out, const char *what,
                        const char *record, struct buf *sql)
{
    const char *name = arena_printf(&s->arena, "%s_%s", what, record);
    return name ? keep(s, out, name, sql) : ERR_NOMEM;
}

static enum err make_life(struct statements *s, const struct record_type *type, struct buf *sql)
{
    struct record_statements *r = &s->records[type->index];
    buf_reset(sql);
    write_place(sql, type->name, r);
    enum err e = keep_as(s, &r->place, "place", type->name, sql);
    buf_reset(sql);
    write_move(sql, type->name, r);
    e = e == ERR_OK ? keep_as(s, &r->move, "move", type->name, sql) : e;
    buf_reset(sql);
    write_touch(sql, type->name);
    return e == ERR_OK ? keep_as(s, &r->touch, "touch", type->name, sql) : e;
}

static enum err make_record(struct statements *s, const struct record_type *type, struct buf *sql,
                            const char **why)
{
    struct record_statements *r = &s->records[type->index];
    enum err e = bind_record(s, type, sql, why);
    if (e != ERR_OK) {
        return e;
    }
    buf_reset(sql);
    if (life_kept(type)) {
        buf_puts(sql, life_probe_sql);
    } else {
        write_probe(sql, type->name);
    }
    e = keep_as(s, &r->probe, "probe", type->name, sql);
    buf_reset(sql);
    write_fresh(sql, type->name, r);
    e = e == ERR_OK ? keep_as(s, &r->fresh, "fresh", type->name, sql) : e;
    buf_reset(sql);
    write_newer(sql, type->name, r);
    e = e == ERR_OK ? keep_as(s, &r->newer, "newer", type->name, sql) : e;
    buf_reset(sql);
    write_past(sql, type->name, r);
    e = e == ERR_OK ? keep_as(s, &r->past, "past", type->name, sql) : e;
    return e == ERR_OK && life_kept(type) ? make_life(s, type, sql) : e;
}

/* Those of a chunk of parked rows whose parent exists by now. */
static enum err make_sweep(struct statements *s, const struct schema *schema, struct buf *sql)
{
    static const char bounds[] = PARKED_WITHIN_BYTES("%s");
    const char *rows = strstr(bounds, "%s");
    buf_reset(sql);
    buf_put(sql, bounds, (size_t)(rows - bounds));
    buf_puts(sql, "select p.* from (select * from dg.parked where ledger_no > $1::int8"
                  " order by ledger_no limit $2::int4) p where false");
    for (size_t i = 0; i < schema->n_records; i++) {
        const char *name = schema->records[i].name;
        buf_printf(sql,
                   " or (p.parent_record = '%s' and exists (select from exchange.\"%s\" h"
                   " where h.uscc = p.uscc and h.id = p.parent_id))",
                   name, name);
    }
    buf_puts(sql, rows + 2);
    return keep(s, &s->sweep, "sweep", sql);
}

enum err statements_make(struct statements *s, const struct schema *schema,
                         const struct pg_result *catalogue, const char **why)
{
    struct buf sql;
    *why = "";
    buf_init(&sql, SQL_MAX_BYTES);
    enum err e = tables_take(&s->tables, catalogue);
    s->records = arena_zalloc(&s->arena, schema->n_records * sizeof *s->records);
    if (e == ERR_OK && !s->records) {
        e = ERR_NOMEM;
    }
    for (int kind = 0; kind < TABLE_KINDS && e == ERR_OK; kind++) {
        e = make_shared(s, (enum table_kind)kind, &sql, why);
    }
    for (size_t i = 0; i < schema->n_records && e == ERR_OK; i++) {
        e = make_record(s, &schema->records[i], &sql, why);
    }
    if (e == ERR_OK) {
        e = make_sweep(s, schema, &sql);
    }
    buf_free(&sql);
    return e;
}
