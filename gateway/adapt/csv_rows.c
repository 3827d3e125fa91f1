/* SPDX-License-Identifier: Apache-2.0 */
/* libcsv knows neither lines nor offsets. So it is fed one physical line at a time: whether a row
 * has ended after a line says where rows begin and end, also across quoted line ends. */
#include "adapt/csv_rows.h"

#include <csv.h>
#include <stdio.h>

#include "adapt/fold.h"
#include "base/alloc.h"

struct reader {
    struct arena *arena;
    struct csv_table *table;
    const struct csv_titles *titles; /* or NULL */
    size_t above;                    /* rows that were no header */
    struct node *fullest;            /* of those */
    struct node *row;                /* cells of the row being read */
    bool filled;                     /* one of its cells is not empty */
    size_t cells;
    bool ended;    /* the row ended within the line that is being fed */
    uint32_t line; /* on which the row began */
    struct span raw;
    enum err err;
    enum reason reason;
    struct span value;
};

static void fail(struct reader *r, enum err err, enum reason reason, struct span value)
{
    if (r->err == ERR_OK) {
        r->err = err;
        r->reason = reason;
        r->value = value;
    }
}

static void on_cell(void *bytes, size_t len, void *ctx)
{
    struct reader *r = ctx;
    if (r->err != ERR_OK) {
        return;
    }
    if (++r->cells > NODE_COUNT_MAX || (r->row && r->row->count >= NODE_MEMBERS_MAX)) {
        fail(r, ERR_SYNTAX, REASON_TOO_MANY, SPAN_LIT("cells"));
        return;
    }
    if (!r->row) {
        r->row = node_new(r->arena, NODE_ARRAY);
    }
    struct node *cell = node_new(r->arena, NODE_STRING);
    char *text = arena_strndup(r->arena, len > 0 ? bytes : "", len);
    if (!r->row || !cell || !text) {
        fail(r, ERR_NOMEM, REASON_NONE, SPAN_NONE);
        return;
    }
    cell->text = (struct span){text, len};
    r->filled = r->filled || fold_trim(cell->text).len > 0;
    node_append(r->row, cell);
}

static void take_header(struct reader *r)
{
    size_t place = 0;
    for (struct node *it = r->row->first; it; it = it->next) {
        it->text = fold_trim(it->text);
        place++;
        if (it->text.len == 0) {
            it->text = span_of(arena_printf(r->arena, "column %zu", place));
        }
        for (const struct node *before = r->row->first; before != it; before = before->next) {
            if (span_eq(before->text, it->text)) {
                fail(r, ERR_SYNTAX, REASON_DUPLICATE_MEMBER, it->text);
            }
        }
    }
    r->table->header = r->row;
}

static size_t count_filled(const struct node *row)
{
    size_t n = 0;
    for (const struct node *it = row->first; it; it = it->next) {
        n += fold_trim(it->text).len > 0;
    }
    return n;
}

/* A title, or the header under it. */
static void take_above(struct reader *r)
{
    if (!r->titles || r->titles->is_header(r->titles->ctx, r->row)) {
        take_header(r);
        return;
    }
    if (!r->fullest || count_filled(r->row) > count_filled(r->fullest)) {
        r->fullest = r->row;
    }
    if (++r->above > r->titles->max) {
        r->table->header = r->fullest;
    }
}

static struct node *with_names(struct reader *r)
{
    struct node *object = node_new(r->arena, NODE_OBJECT);
    if (!object) {
        fail(r, ERR_NOMEM, REASON_NONE, SPAN_NONE);
        return NULL;
    }
    const struct node *column = r->table->header->first;
    for (struct node *cell = r->row->first; cell;) {
        struct node *next = cell->next;
        cell->next = NULL;
        cell->name = column->text;
        node_append(object, cell);
        column = column->next;
        cell = next;
    }
    return object;
}

static void on_row(int terminator, void *ctx)
{
    struct reader *r = ctx;
    (void)terminator;
    r->ended = true;
    if (r->err != ERR_OK || !r->row) {
        return;
    }
    if (r->filled && !r->table->header) {
        take_above(r);
    } else if (r->filled) {
        bool fits = r->row->count == r->table->header->count;
        struct node *row = fits ? with_names(r) : r->row;
        if (row) {
            row->line = r->line;
            node_append(r->table->rows, row);
        }
    }
    r->row = NULL;
    r->filled = false;
}

/* Up to and with the next line end; "\r\n" is one. */
static struct span next_line(struct span text, size_t from)
{
    size_t end = from;
    while (end < text.len && text.at[end] != '\n' && text.at[end] != '\r') {
        end++;
    }
    if (end < text.len) {
        end += (text.at[end] == '\r' && end + 1 < text.len && text.at[end + 1] == '\n') ? 2 : 1;
    }
    return (struct span){text.at + from, end - from};
}

static size_t count_quotes(struct span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        n += text.at[i] == '"';
    }
    return n;
}

static void end_row(struct reader *r, struct node *before, const char *start, const char *end)
{
    struct span raw = {start, (size_t)(end - start)};
    if (r->table->rows->last != before) {
        r->table->rows->last->raw = raw;
    } else if (r->table->header && !r->table->header->raw.at) {
        r->table->header->raw = raw;
    }
    r->ended = false;
}

static void feed(struct reader *r, struct csv_parser *parser, struct span text)
{
    uint32_t line = 0;
    size_t quotes = 0; /* since the row began */
    const char *start = text.at;
    r->line = 1;
    for (size_t at = 0; at < text.len && r->err == ERR_OK;) {
        struct span physical = next_line(text, at);
        struct node *before = r->table->rows->last;
        line++;
        at += physical.len;
        bool last = at == text.len;
        if (csv_parse(parser, physical.at, physical.len, on_cell, on_row, r) != physical.len ||
            (last && csv_fini(parser, on_cell, on_row, r) != 0)) {
            bool memory = csv_error(parser) == CSV_ENOMEM;
            char where[32];
            (void)snprintf(where, sizeof where, "line %u", line);
            const char *copy = arena_strdup(r->arena, where);
            fail(r, memory ? ERR_NOMEM : ERR_SYNTAX, REASON_UNREADABLE, span_of(copy));
        }
        quotes += count_quotes(physical);
        /* Nothing was read and no quote is open: the line is blank. */
        if (r->ended || (!r->row && quotes % 2 == 0)) {
            quotes = 0;
            end_row(r, before, start, text.at + at);
            start = text.at + at;
            r->line = line + 1;
        }
    }
}

enum err csv_rows(struct span text, char delimiter, struct arena *arena, struct csv_table *out,
                  struct problem *problem)
{
    return csv_rows_below(text, delimiter, NULL, arena, out, problem);
}

enum err csv_rows_below(struct span text, char delimiter, const struct csv_titles *titles,
                        struct arena *arena, struct csv_table *out, struct problem *problem)
{
    *out = (struct csv_table){.rows = node_new(arena, NODE_ARRAY)};
    if (!out->rows) {
        return ERR_NOMEM;
    }
    struct csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return ERR_NOMEM;
    }
    csv_set_delim(&parser, (unsigned char)delimiter);
    csv_set_realloc_func(&parser, mem_realloc);
    csv_set_free_func(&parser, mem_free);
    struct reader r = {.arena = arena, .table = out, .titles = titles};
    feed(&r, &parser, text);
    csv_free(&parser);
    if (!out->header) {
        out->header = r.fullest;
    }
    if (r.err == ERR_OK && !out->header) {
        fail(&r, ERR_SYNTAX, REASON_EMPTY_MESSAGE, SPAN_NONE);
    }
    if (r.err == ERR_SYNTAX) {
        node_problem(problem, arena, r.reason, r.reason == REASON_UNREADABLE ? "CSV" : r.value.at,
                     NULL, r.value);
    }
    return r.err;
}
