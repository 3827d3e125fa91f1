/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of a kind are asked for in its own order, after those named in the header. */
#include "cli/merge_ask.h"

#include <stdio.h>

static const char lists_sql[] =
    "select l.id, l.name, to_char(l.imported_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD "
    "HH24:MI'),"
    "       l.rows, l.bad, l.org, o.kind, coalesce(o.division, ''), l.kind"
    "  from register.source_list l join register.org o on o.code = l.org"
    " where l.superseded_at is null order by l.kind, l.org, l.name";
static const char precedence_sql[] =
    "select field, array_to_string(deciders, ' '), blocking from register.precedence";

/* The same value always in the same text: 33.70 is 33.7, {\"a\"} is {a}. */
static void put_canonical(struct buf *sql, const struct register_column *column, const char *value)
{
    bool list = column->type == VALUE_LIST || column->type == VALUE_SECTORS;
    if (list) {
        buf_printf(sql, ", nullif(nullif((%s)::text[]::text, '{}'), '')", value);
    } else if (column->type == VALUE_COUNT) {
        buf_printf(sql, ", (%s)::bigint::text", value);
    } else if (column->type == VALUE_DECIMAL) {
        buf_printf(sql, ", trim_scale((%s)::numeric)::text", value);
    } else {
        buf_printf(sql, ", (%s)::text", value);
    }
}

static enum err ask_rows(struct merge_book *b, struct sync *db, size_t k)
{
    struct buf sql;
    buf_init(&sql, 0);
    buf_puts(
        &sql,
        "select r.list, r.line, r.uscc, r.unit, array_to_string(r.bad, ' '),"
        " (select string_agg(concat(p->>'column', ' \"', p->>'value', '\" ', p->>'text'), '; ')"
        "    from jsonb_array_elements(r.problem) p), coalesce(r.name, '')");
    for (size_t i = 0; i < b->kinds[k]->n_columns; i++) {
        char value[96];
        (void)snprintf(value, sizeof value, "r.vals->>'%s'", b->kinds[k]->columns[i].name);
        put_canonical(&sql, &b->kinds[k]->columns[i], value);
    }
    buf_puts(&sql, " from register.source_row r join register.source_list l on l.id = r.list"
                   " where l.superseded_at is null and l.kind = $1"
                   " order by r.uscc collate \"C\" nulls first, r.unit collate \"C\","
                   " l.org, l.name, r.line");
    enum err err = sync_query(db, buf_text(&sql), &b->kinds[k]->name, 1, &b->rows[k]);
    buf_free(&sql);
    return err;
}

static enum err ask_current(struct merge_book *b, struct sync *db, size_t k)
{
    struct buf sql;
    const char *unit = k == 0 ? "''" : "t.unit";
    buf_init(&sql, 0);
    buf_printf(&sql,
               "select t.uscc, %s,"
               " coalesce(t.valid_to >= (now() at time zone 'Asia/Shanghai')::date, true)",
               unit);
    for (size_t i = 0; i < b->kinds[k]->n_columns; i++) {
        char value[96];
        (void)snprintf(value, sizeof value, "t.%s", b->kinds[k]->columns[i].name);
        put_canonical(&sql, &b->kinds[k]->columns[i], value);
    }
    buf_printf(&sql, " from %s t where %s order by t.uscc collate \"C\", 2", b->kinds[k]->table,
               k == 0 ? "true" : "t.unit <> ''");
    enum err err = sync_query(db, buf_text(&sql), NULL, 0, &b->current[k]);
    buf_free(&sql);
    return err;
}

enum err merge_ask(struct merge_book *b, struct sync *db)
{
    enum err err = register_names_load(&b->names, db, NULL);
    if (err == ERR_OK) {
        err = sync_query(db, lists_sql, NULL, 0, &b->lists);
    }
    if (err == ERR_OK) {
        err = sync_query(db, precedence_sql, NULL, 0, &b->precedence);
    }
    for (size_t k = 0; k < MERGE_KINDS && err == ERR_OK; k++) {
        err = ask_current(b, db, k);
        if (err == ERR_OK) {
            err = ask_rows(b, db, k);
        }
    }
    return err;
}
