/* SPDX-License-Identifier: Apache-2.0 */
/* Names of columns are quoted where they are words of SQL ("from", "to"); quoting all would hide
 * that the rest needs none. */
#include "cli/draft.h"

#include <ctype.h>

#include "model/columns.h"

#define COLUMNS_MAX_BYTES ((size_t)1 << 20)

enum table { TABLE_HEAD, TABLE_HISTORY };

/* Words that cannot be a column's name unquoted: pg_get_keywords() of PostgreSQL 15, catcode R, and
 * T. */
static const char *const reserved[] = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
};

static bool is_reserved(const char *name)
{
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
        if (strcmp(reserved[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_plain(const char *name)
{
    for (const char *c = name; *c; c++) {
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_') {
            return false;
        }
    }
    return !is_reserved(name);
}

static void put_name(const char *name, struct buf *out)
{
    buf_printf(out, is_plain(name) ? "%s" : "\"%s\"", name);
}

static void put_literal(const char *text, struct buf *out)
{
    buf_putc(out, '\'');
    for (const char *c = text; *c; c++) {
        if (*c == '\'') {
            buf_putc(out, '\'');
        }
        buf_putc(out, *c);
    }
    buf_putc(out, '\'');
}

static void put_column(const char *name, enum column_type type, unsigned precision, unsigned scale,
                       bool not_null, struct buf *out)
{
    buf_puts(out, "    ");
    put_name(name, out);
    buf_printf(out, " %s", column_type_name(type));
    if (precision && scale) {
        buf_printf(out, "(%u, %u)", precision, scale);
    } else if (precision) {
        buf_printf(out, "(%u)", precision);
    }
    buf_puts(out, not_null ? " not null,\n" : ",\n");
}

static void put_heads(const struct head_column *columns, size_t n, enum table table,
                      struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (table == TABLE_HISTORY || columns[i].in_head) {
            put_column(columns[i].name, columns[i].type, columns[i].precision, 0,
                       columns[i].not_null, out);
        }
    }
}

static void put_table(const struct record_type *r, const struct column_list *columns,
                      enum table table, struct buf *out)
{
    buf_printf(out, "create table exchange.%s%s (\n", r->name,
               table == TABLE_HISTORY ? "_history" : "");
    put_heads(columns_before, columns_before_n, table, out);
    for (size_t i = 0; i < columns->n; i++) {
        const struct column *c = &columns->items[i];
        put_column(c->name, c->type, c->precision, c->scale, false, out);
    }
    put_heads(columns_after, columns_after_n, table, out);
    buf_printf(out, "    primary key (%s)\n);\n",
               table == TABLE_HISTORY ? "ledger_no" : "uscc, id");
}

static void put_comment(const struct record_type *r, const char *column, const char *text,
                        struct buf *out)
{
    if (!text) {
        return;
    }
    buf_printf(out, "comment on column exchange.%s.", r->name);
    put_name(column, out);
    buf_puts(out, " is ");
    put_literal(text, out);
    buf_puts(out, ";\n");
}

static void put_comments(const struct record_type *r, const struct column_list *columns,
                         struct buf *out)
{
    for (size_t i = 0; i < columns_before_n; i++) {
        put_comment(r, columns_before[i].name, columns_before[i].zh, out);
    }
    for (size_t i = 0; i < columns->n; i++) {
        put_comment(r, columns->items[i].name, columns->items[i].field->rule->zh, out);
    }
    for (size_t i = 0; i < columns_after_n; i++) {
        if (columns_after[i].in_head) {
            put_comment(r, columns_after[i].name, columns_after[i].zh, out);
        }
    }
}

void draft_record(const struct record_type *r, struct buf *out)
{
    struct arena arena;
    arena_init(&arena, COLUMNS_MAX_BYTES);
    struct column_list columns;
    if (columns_of(r, &arena, &columns) != ERR_OK) {
        out->failed = true;
        goto out;
    }
    buf_printf(out, "-- %s %s\n", r->name, r->rule->zh ? r->rule->zh : "");
    put_table(r, &columns, TABLE_HEAD, out);
    put_table(r, &columns, TABLE_HISTORY, out);
    put_comments(r, &columns, out);
    buf_puts(out, "-- row-level security, grants, storage settings and comments of both tables\n");
    buf_printf(out, "select dg.record_expose('%s');\n", r->name);
out:
    arena_free(&arena);
}
