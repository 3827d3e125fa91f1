/* SPDX-License-Identifier: Apache-2.0 */
/* libcsv gives no line numbers. So it is fed one physical line at a time: when a row has ended
 * within it, the next row begins on the line after. */
#include "cli/csv_in.h"

#include <csv.h>

#include "adapt/fold.h"
#include "base/alloc.h"
#include "base/buf.h"

#define CELLS_MAX 256

struct reader {
    csv_in_row row;
    void *arg;
    struct buf text;        /* of all cells of the row, one after another */
    size_t ends[CELLS_MAX]; /* where each ends in it */
    size_t n;
    size_t line; /* on which the row began */
    bool open;   /* the row goes on after this line */
    bool ended;  /* a row ended within this line */
    enum err err;
};

static void on_cell(void *bytes, size_t len, void *ctx)
{
    struct reader *r = ctx;
    if (r->err != ERR_OK) {
        return;
    }
    if (r->n == CELLS_MAX) {
        r->err = ERR_FULL;
        return;
    }
    struct span cell = fold_trim((struct span){len > 0 ? bytes : "", len});
    buf_put_span(&r->text, cell);
    r->ends[r->n++] = r->text.len;
}

static void on_row(int terminator, void *ctx)
{
    struct reader *r = ctx;
    struct span cells[CELLS_MAX];
    (void)terminator;
    r->ended = true;
    if (r->err == ERR_OK && buf_failed(&r->text)) {
        r->err = ERR_NOMEM;
    }
    size_t at = 0;
    for (size_t i = 0; i < r->n && r->err == ERR_OK; i++) {
        cells[i] = (struct span){r->text.data ? r->text.data + at : "", r->ends[i] - at};
        at = r->ends[i];
    }
    if (r->err == ERR_OK && r->text.len > 0 && !r->row(r->arg, r->line, cells, r->n)) {
        r->err = ERR_CLOSED;
    }
    buf_reset(&r->text);
    r->n = 0;
}

static size_t line_length(struct span rest)
{
    const char *end = memchr(rest.at, '\n', rest.len);
    return end ? (size_t)(end - rest.at) + 1 : rest.len;
}

static void fail(struct reader *r, struct csv_parser *parser, struct csv_in_place *where,
                 size_t line)
{
    if (r->err == ERR_OK) {
        r->err = csv_error(parser) == CSV_ENOMEM ? ERR_NOMEM : ERR_SYNTAX;
    }
    where->line = line;
    where->cell = r->n + 1;
}

static void feed(struct reader *r, struct csv_parser *parser, struct span text,
                 struct csv_in_place *where)
{
    size_t *line = &where->line;
    while (text.len > 0 && r->err == ERR_OK) {
        size_t n = line_length(text);
        (*line)++;
        bool ok = csv_parse(parser, text.at, n, on_cell, on_row, r) == n;
        text.at += n;
        text.len -= n;
        if (!ok) {
            fail(r, parser, where, *line);
        } else if (text.len == 0 && csv_fini(parser, on_cell, on_row, r) != 0) {
            fail(r, parser, where, r->line);
        }
        /* An empty line begins no row, but inside quotes it is part of one. */
        bool empty = n == 1 || (n == 2 && text.at[-2] == '\r');
        r->open = !r->ended && (r->open || !empty);
        r->ended = false;
        if (!r->open) {
            r->line = *line + 1;
        }
    }
}

enum err csv_in_read(struct span text, csv_in_row row, void *arg, struct csv_in_place *where)
{
    struct csv_parser parser;
    struct reader r = {.row = row, .arg = arg, .line = 1};
    *where = (struct csv_in_place){0, 0};
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return ERR_NOMEM;
    }
    csv_set_realloc_func(&parser, mem_realloc);
    csv_set_free_func(&parser, mem_free);
    buf_init(&r.text, 0);
    feed(&r, &parser, text, where);
    buf_free(&r.text);
    csv_free(&parser);
    return r.err;
}
