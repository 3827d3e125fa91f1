/* SPDX-License-Identifier: Apache-2.0 */
/* Rows go one by one through one upsert made from the catalogue's types and defaults. The first
 * pass has no savepoints; only when the database refuses a row does a second one find all that it
 * refuses. */
#include "cli/register_write.h"

#define COLUMNS_MAX 64

/* Types and defaults as the catalogue has them, in the order of the kind's columns. */
static const char catalogue_sql[] =
    "select a.attname, format_type(a.atttypid, a.atttypmod),"
    "       case when a.attnotnull then pg_get_expr(d.adbin, d.adrelid) end"
    "  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum"
    " where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped";

static long find_attribute(const struct pg_result *rows, const char *name)
{
    for (size_t i = 0; i < sync_rows(rows); i++) {
        if (strcmp(sync_text(rows, i, 0), name) == 0) {
            return (long)i;
        }
    }
    return -1;
}

static bool written(const struct register_rows *r, size_t column)
{
    return r->present[column] || r->kind->columns[column].keyless_default;
}

static void put_value(const struct pg_result *rows, const struct register_column *column, size_t no,
                      struct buf *sql)
{
    long at = find_attribute(rows, column->name);
    const char *type = at < 0 ? "text" : sync_text(rows, (size_t)at, 1);
    if (at >= 0 && !sync_null(rows, (size_t)at, 2)) {
        buf_printf(sql, "coalesce($%zu::%s, %s)", no, type, sync_text(rows, (size_t)at, 2));
    } else {
        buf_printf(sql, "$%zu::%s", no, type);
    }
}

/* Comma-separated names of the columns written, those of the key or the others, each after a
 * prefix. */
static void put_names(const struct register_rows *r, bool keys, const char *prefix, bool assign,
                      struct buf *sql)
{
    bool first = true;
    for (size_t i = 0; i < r->kind->n_columns; i++) {
        const struct register_column *c = &r->kind->columns[i];
        if (written(r, i) && c->key == keys) {
            buf_printf(sql, "%s%s%s", first ? "" : ", ", assign ? c->name : prefix,
                       assign ? "" : c->name);
            if (assign) {
                buf_printf(sql, " = %s%s", prefix, c->name);
            }
            first = false;
        }
    }
}

static size_t count_others(const struct register_rows *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->kind->n_columns; i++) {
        n += written(r, i) && !r->kind->columns[i].key;
    }
    return n;
}

static void write_upsert(const struct register_rows *r, const struct pg_result *catalogue,
                         struct buf *sql)
{
    bool others = count_others(r) > 0;
    size_t no = 0;
    buf_printf(sql, "insert into %s as t (", r->kind->table);
    put_names(r, true, "", false, sql);
    buf_puts(sql, others ? ", " : "");
    put_names(r, false, "", false, sql);
    buf_puts(sql, ") values (");
    for (int keys = 1; keys >= 0; keys--) {
        for (size_t i = 0; i < r->kind->n_columns; i++) {
            if (written(r, i) && r->kind->columns[i].key == (keys == 1)) {
                buf_puts(sql, no > 0 ? ", " : "");
                put_value(catalogue, &r->kind->columns[i], ++no, sql);
            }
        }
    }
    buf_puts(sql, ") on conflict (");
    put_names(r, true, "", false, sql);
    if (others) {
        buf_puts(sql, ") do update set ");
        put_names(r, false, "excluded.", true, sql);
        buf_puts(sql, " where (");
        put_names(r, false, "t.", false, sql);
        buf_puts(sql, ") is distinct from (");
        put_names(r, false, "excluded.", false, sql);
        buf_puts(sql, ") returning xmax = 0");
    } else {
        buf_puts(sql, ") do nothing returning true");
    }
}

/* ---- writing ---- */

static size_t values_of(const struct register_rows *r, const struct register_row *row,
                        const char *values[COLUMNS_MAX])
{
    size_t n = 0;
    for (int keys = 1; keys >= 0; keys--) {
        for (size_t i = 0; i < r->kind->n_columns && n < COLUMNS_MAX; i++) {
            const struct register_column *c = &r->kind->columns[i];
            if (written(r, i) && c->key == (keys == 1)) {
                values[n++] = row->values[i] ? row->values[i] : c->keyless_default ? "" : NULL;
            }
        }
    }
    return n;
}

static enum err write_row(struct sync *db, const struct register_rows *r,
                          const struct register_row *row, const char *sql,
                          struct register_counts *counts)
{
    const char *values[COLUMNS_MAX];
    struct pg_result *result = NULL;
    size_t n = values_of(r, row, values);
    enum err err = sync_query(db, sql, values, n, &result);
    if (err == ERR_OK) {
        bool inserted = sync_rows(result) == 1 && strcmp(sync_text(result, 0, 0), "t") == 0;
        counts->inserted += inserted;
        counts->changed += sync_rows(result) == 1 && !inserted;
        counts->same += sync_rows(result) == 0;
        sync_free(result);
    }
    return err;
}

/* Where the name of the constraint goes on after the table's; NULL when there is none. */
static const char *constraint_columns(const struct register_kind *kind, const char *error)
{
    const char *at = strstr(error, "constraint \"");
    const char *table = strchr(kind->table, '.') + 1;
    at = at ? at + strlen("constraint \"") : NULL;
    return at && strncmp(at, table, strlen(table)) == 0 ? at + strlen(table) + 1 : NULL;
}

/* The column that a refusal is about: that of "Key (column…)" of a reference or index, else the one
 * that the constraint is called after (table_column_check); n_columns when neither is told. */
static size_t refused_column(const struct register_kind *kind, const char *error)
{
    const char *key = strstr(error, "Key (");
    const char *at = key ? key + strlen("Key (") : constraint_columns(kind, error);
    for (size_t i = 0; at && i < kind->n_columns; i++) {
        size_t n = strlen(kind->columns[i].name);
        if (strncmp(at, kind->columns[i].name, n) == 0 && strchr("),_", at[n])) {
            return i;
        }
    }
    return kind->n_columns;
}

static void complain_of_refusal(struct register_rows *r, const struct register_row *row,
                                const char *error)
{
    size_t i = refused_column(r->kind, error);
    bool known = i < r->kind->n_columns;
    register_rows_complain(r, row->line,
                           known ? register_rows_heading(r, span_of(r->kind->columns[i].name)) : "",
                           known ? span_of(row->values[i]) : SPAN_NONE, error);
}

/* ERR_DATA when the database refused a row. With savepoints: every row that it refuses is told and
 * left out. */
static enum err write_rows(struct sync *db, struct register_rows *r, const char *sql,
                           bool savepoints, struct register_counts *counts)
{
    enum err result = ERR_OK;
    *counts = (struct register_counts){0};
    for (const struct register_row *row = r->first; row && result == ERR_OK; row = row->next) {
        result = savepoints ? sync_script(db, "savepoint one_row") : ERR_OK;
        if (result == ERR_OK) {
            result = write_row(db, r, row, sql, counts);
        }
        if (result == ERR_DATA && savepoints) {
            complain_of_refusal(r, row, sync_error(db));
            result = sync_script(db, "rollback to savepoint one_row");
        }
    }
    return result;
}

/* The statement for all rows. */
static enum err upsert_of(struct sync *db, const struct register_rows *r, struct buf *sql)
{
    struct pg_result *catalogue = NULL;
    enum err err = sync_query(db, catalogue_sql, &r->kind->table, 1, &catalogue);
    if (err == ERR_OK) {
        write_upsert(r, catalogue, sql);
    }
    sync_free(catalogue);
    return err;
}

static enum err write_in_transaction(struct sync *db, struct register_rows *r, const char *sql,
                                     bool savepoints, struct register_counts *counts)
{
    enum err err = sync_script(db, "begin");
    return err == ERR_OK ? write_rows(db, r, sql, savepoints, counts) : err;
}

enum err register_write(struct sync *db, struct register_rows *r, bool dry_run, bool skip_bad,
                        struct register_counts *counts)
{
    struct buf sql;
    buf_init(&sql, 0);
    enum err err = upsert_of(db, r, &sql);
    if (err == ERR_OK) {
        err = write_in_transaction(db, r, buf_text(&sql), false, counts);
    }
    if (err == ERR_DATA) {
        sync_rollback(db);
        err = write_in_transaction(db, r, buf_text(&sql), true, counts);
    }
    bool keep = err == ERR_OK && !dry_run && (r->n_bad == 0 || skip_bad);
    if (keep) {
        err = sync_script(db, "commit");
    } else {
        sync_rollback(db);
    }
    buf_free(&sql);
    return err;
}

enum err register_write_each(struct sync *db, struct register_rows *r,
                             struct register_counts *counts)
{
    struct buf sql;
    buf_init(&sql, 0);
    enum err err = upsert_of(db, r, &sql);
    if (err == ERR_OK) {
        err = sync_script(db, "savepoint all_rows");
    }
    if (err == ERR_OK) {
        err = write_rows(db, r, buf_text(&sql), false, counts);
    }
    if (err == ERR_DATA) {
        err = sync_script(db, "rollback to savepoint all_rows");
        err = err == ERR_OK ? write_rows(db, r, buf_text(&sql), true, counts) : err;
    }
    buf_free(&sql);
    return err;
}
