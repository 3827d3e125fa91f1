/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/register_rows.h"

#include "base/utf8.h"
#include "cli/csv_in.h"

/* A province's register of a million rows stays far below. */
#define ROWS_BYTES_MAX ((size_t)4 << 30)
/* Of a bad value, enough to recognise it. */
#define VALUE_CHARS_MAX 60

void register_rows_init(struct register_rows *r, const struct register_kind *kind,
                        const struct register_names *names)
{
    *r = (struct register_rows){.kind = kind, .names = names};
    arena_init(&r->arena, ROWS_BYTES_MAX);
    map_init(&r->keys);
}

void register_rows_free(struct register_rows *r)
{
    map_free(&r->keys);
    arena_free(&r->arena);
}

void register_rows_complain(struct register_rows *r, size_t line, const char *column,
                            struct span value, const char *why)
{
    struct bad_cell *bad = arena_zalloc(&r->arena, sizeof *bad);
    struct span clipped = utf8_clip(value, VALUE_CHARS_MAX);
    r->n_bad++;
    if (!bad) {
        return; /* counted all the same: nothing will be imported */
    }
    bad->line = line;
    bad->column = arena_strdup(&r->arena, column);
    bad->value = arena_strndup(&r->arena, clipped.at ? clipped.at : "", clipped.len);
    bad->why = arena_strdup(&r->arena, why);
    if (!bad->column || !bad->value || !bad->why) {
        bad->column = bad->value = "";
        bad->why = "out of memory";
    }
    if (r->bad_last) {
        r->bad_last->next = bad;
    } else {
        r->bad = bad;
    }
    r->bad_last = bad;
}

/* ---- headings ---- */

static void check_headings(struct register_rows *r, size_t line, const struct span *cells)
{
    for (size_t i = 0; i < r->n_columns; i++) {
        int column = register_column_of(r->kind, cells[i]);
        r->columns[i] = column;
        if (column < 0) {
            register_rows_complain(r, line, "", cells[i], "is no column of this kind");
        } else if (r->present[column]) {
            register_rows_complain(r, line, r->headings[i], cells[i], "stands twice");
        } else {
            r->present[column] = true;
        }
    }
    for (size_t i = 0; i < r->kind->n_columns; i++) {
        if (r->kind->columns[i].required && !r->present[i]) {
            register_rows_complain(r, line, r->kind->columns[i].name, SPAN_NONE,
                                   "is required, and there is no such column");
        }
    }
    r->headless = r->n_bad > 0;
}

static bool take_headings(struct register_rows *r, size_t line, const struct span *cells, size_t n)
{
    if (!r->kind) {
        r->kind = register_kind_guess(cells, n);
    }
    if (!r->kind) {
        register_rows_complain(r, line, "", SPAN_NONE,
                               "the headings suit no kind of file: name it with --kind to see why");
        r->headless = true;
        return false;
    }
    r->n_columns = n;
    r->columns = arena_zalloc(&r->arena, n * sizeof *r->columns);
    r->headings = arena_zalloc(&r->arena, n * sizeof *r->headings);
    r->present = arena_zalloc(&r->arena, r->kind->n_columns * sizeof *r->present);
    if (!r->columns || !r->headings || !r->present) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        r->headings[i] = arena_strndup(&r->arena, cells[i].at, cells[i].len);
        if (!r->headings[i]) {
            return false;
        }
    }
    check_headings(r, line, cells);
    return !r->headless;
}

/* ---- rows ---- */

/* NULL and a complaint when the cell is wrong; "" for one without a value. */
static const char *judge(struct register_rows *r, size_t line, size_t at, struct span cell)
{
    struct buf value;
    struct buf why;
    const char *out = "";
    buf_init(&value, 0);
    buf_init(&why, 0);
    if (!register_value(r->names, &r->kind->columns[r->columns[at]], cell, &value, &why)) {
        register_rows_complain(r, line, r->headings[at], cell, buf_text(&why));
        out = NULL;
    } else if (value.len > 0) {
        out = arena_strndup(&r->arena, value.data, value.len);
    }
    buf_free(&value);
    buf_free(&why);
    return out;
}

static bool judge_cells(struct register_rows *r, struct register_row *row, const struct span *cells)
{
    size_t bad_before = r->n_bad;
    for (size_t i = 0; i < r->n_columns; i++) {
        const struct register_column *column = &r->kind->columns[r->columns[i]];
        const char *value = cells[i].len > 0 ? judge(r, row->line, i, cells[i]) : "";
        if (value && value[0] != '\0') {
            row->values[r->columns[i]] = value;
        } else if (value && column->required) {
            register_rows_complain(r, row->line, r->headings[i], cells[i], "is missing");
        }
    }
    return r->n_bad == bad_before;
}

/* What the file calls a column of the kind. */
static const char *heading_of(const struct register_rows *r, size_t column)
{
    for (size_t i = 0; i < r->n_columns; i++) {
        if (r->columns[i] == (int)column) {
            return r->headings[i];
        }
    }
    return "";
}

static const char *key_heading(const struct register_rows *r)
{
    size_t i = 0;
    while (i + 1 < r->kind->n_columns && !r->kind->columns[i].key) {
        i++;
    }
    return heading_of(r, i);
}

const char *register_rows_heading(const struct register_rows *r, struct span column)
{
    for (size_t i = 0; i < r->kind->n_columns; i++) {
        if (span_is(column, r->kind->columns[i].name)) {
            return heading_of(r, i);
        }
    }
    return "";
}

/* The row's key columns, joined; NULL when out of memory. */
static const char *key_of(struct register_rows *r, const struct register_row *row)
{
    const char *key = "";
    for (size_t i = 0; i < r->kind->n_columns && key; i++) {
        if (r->kind->columns[i].key) {
            key = arena_printf(&r->arena, "%s%s|", key, row->values[i] ? row->values[i] : "");
        }
    }
    return key;
}

void register_rows_append(struct register_rows *r, struct register_row *row)
{
    if (r->last) {
        r->last->next = row;
    } else {
        r->first = row;
    }
    r->last = row;
    r->n_rows++;
}

static bool check_key(struct register_rows *r, struct register_row *row)
{
    const char *key = key_of(r, row);
    if (!key) {
        return false;
    }
    const struct register_row *before = map_get(&r->keys, span_of(key));
    if (before) {
        const char *why = arena_printf(&r->arena, "is the same as line %zu", before->line);
        struct span value = {key, strlen(key) - 1};
        register_rows_complain(r, row->line, key_heading(r), value, why ? why : "stands twice");
        return true;
    }
    if (map_put(&r->keys, span_of(key), row) != ERR_OK) {
        return false;
    }
    register_rows_append(r, row);
    return true;
}

/* Named by the first heading without a cell, or the first cell without a heading. */
static void complain_of_count(struct register_rows *r, size_t line, const struct span *cells,
                              size_t n)
{
    bool few = n < r->n_columns;
    const char *why =
        arena_printf(&r->arena, "the line has %zu cells, there are %zu headings", n, r->n_columns);
    register_rows_complain(r, line, few ? r->headings[n] : "",
                           few ? SPAN_NONE : cells[r->n_columns],
                           why ? why : "the line has another number of cells");
}

static bool on_row(void *arg, size_t line, const struct span *cells, size_t n)
{
    struct register_rows *r = arg;
    if (!r->columns) {
        return take_headings(r, line, cells, n);
    }
    if (n != r->n_columns) {
        complain_of_count(r, line, cells, n);
        return true;
    }
    struct register_row *row = arena_zalloc(&r->arena, sizeof *row);
    const char **values = arena_zalloc(&r->arena, r->kind->n_columns * sizeof *values);
    if (!row || !values) {
        return false;
    }
    row->line = line;
    row->values = values;
    return !judge_cells(r, row, cells) || check_key(r, row);
}

enum err register_rows_read(struct register_rows *r, struct span text)
{
    struct csv_in_place where;
    enum err err = csv_in_read(text, on_row, r, &where);
    if (err == ERR_CLOSED) {
        return r->headless ? ERR_OK : ERR_NOMEM;
    }
    if (err == ERR_SYNTAX || err == ERR_FULL) {
        const char *column = where.cell <= r->n_columns ? r->headings[where.cell - 1] : "";
        register_rows_complain(r, where.line, column, SPAN_NONE,
                               err == ERR_FULL ? "has too many cells" : "the quoting is broken");
        return ERR_SYNTAX;
    }
    if (err == ERR_OK && !r->columns) {
        register_rows_complain(r, 1, "", SPAN_NONE, "the file is empty");
        r->headless = true;
    }
    return err;
}
