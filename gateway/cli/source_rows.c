/* SPDX-License-Identifier: Apache-2.0 */
/* Headings are the first line that names the entity and one thing more; a line with another number
 * of cells than there are headings is kept, and not read: its cells would be taken for others. */
#include "cli/source_rows.h"

#include "base/utf8.h"
#include "cli/csv_in.h"

#define ROWS_BYTES_MAX  ((size_t)4 << 30)
#define VALUE_CHARS_MAX 60
/* Titles, dates and "填报单位" stand above the headings, but not more than this. */
#define LINES_ABOVE_MAX 10
#define HEADINGS_LEAST  2

void source_rows_init(struct source_rows *r, const struct register_kind *kind,
                      const struct register_names *names)
{
    *r = (struct source_rows){.kind = kind, .names = names};
    arena_init(&r->arena, ROWS_BYTES_MAX);
}

void source_rows_free(struct source_rows *r)
{
    arena_free(&r->arena);
}

static bool complain(struct source_rows *r, size_t line, const char *column, struct span value,
                     const char *why)
{
    struct bad_cell *bad = arena_zalloc(&r->arena, sizeof *bad);
    struct span clipped = utf8_clip(value, VALUE_CHARS_MAX);
    if (!bad) {
        return false;
    }
    bad->line = line;
    bad->column = column;
    bad->value = arena_strndup(&r->arena, clipped.at ? clipped.at : "", clipped.len);
    bad->why = arena_strdup(&r->arena, why);
    if (!bad->value || !bad->why) {
        return false;
    }
    if (r->bad_last) {
        r->bad_last->next = bad;
    } else {
        r->bad = bad;
    }
    r->bad_last = bad;
    return true;
}

/* ---- headings ---- */

static bool has(const struct register_kind *kind, const char *name, const struct span *cells,
                size_t n)
{
    bool found = false;
    for (size_t i = 0; i < n && !found; i++) {
        int column = register_column_of(kind, cells[i]);
        found = column >= 0 && strcmp(kind->columns[column].name, name) == 0;
    }
    return found;
}

static size_t known(const struct register_kind *kind, const struct span *cells, size_t n)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        found += register_column_of(kind, cells[i]) >= 0;
    }
    return found;
}

static bool are_headings(const struct register_kind *kind, const struct span *cells, size_t n)
{
    bool unit = strcmp(kind->name, "unit") == 0;
    return known(kind, cells, n) >= HEADINGS_LEAST && has(kind, "name", cells, n) &&
           (!unit || has(kind, "unit", cells, n));
}

static const struct register_kind *kind_of(const struct source_rows *r, const struct span *cells,
                                           size_t n)
{
    const struct register_kind *unit = register_kind_of("unit");
    const struct register_kind *entity = register_kind_of("entity");
    if (r->kind) {
        return are_headings(r->kind, cells, n) ? r->kind : NULL;
    }
    if (are_headings(unit, cells, n)) {
        return unit;
    }
    return are_headings(entity, cells, n) ? entity : NULL;
}

static bool column_taken(const struct source_rows *r, size_t before, int column)
{
    bool taken = false;
    for (size_t i = 0; i < before && !taken; i++) {
        taken = r->columns[i] == column;
    }
    return taken;
}

/* The first of two columns that mean the same is read, the other is the list's own. */
static bool take_headings(struct source_rows *r, const struct span *cells, size_t n)
{
    r->columns = arena_zalloc(&r->arena, n * sizeof *r->columns);
    const char **headings = arena_zalloc(&r->arena, n * sizeof *headings);
    if (!r->columns || !headings) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        int column = register_column_of(r->kind, cells[i]);
        r->columns[i] = column_taken(r, i, column) ? -1 : column;
        headings[i] = arena_strndup(&r->arena, cells[i].at, cells[i].len);
        if (!headings[i]) {
            return false;
        }
    }
    r->headings = headings;
    r->n_columns = n;
    return true;
}

/* ---- rows ---- */

static bool keep_cells(struct source_rows *r, struct source_row *row, const struct span *cells,
                       size_t n)
{
    row->cells = arena_zalloc(&r->arena, n * sizeof *row->cells);
    row->values = arena_zalloc(&r->arena, r->kind->n_columns * sizeof *row->values);
    bool kept = row->cells && row->values;
    for (size_t i = 0; i < n && kept; i++) {
        row->cells[i] = arena_strndup(&r->arena, cells[i].at, cells[i].len);
        kept = row->cells[i] != NULL;
    }
    row->n_cells = n;
    return kept;
}

static bool judge(struct source_rows *r, struct source_row *row, size_t at, struct span cell)
{
    struct buf value;
    struct buf why;
    int column = r->columns[at];
    bool ok = true;
    buf_init(&value, 0);
    buf_init(&why, 0);
    if (!register_value(r->names, &r->kind->columns[column], cell, &value, &why)) {
        row->bad |= UINT64_C(1) << column;
        ok = complain(r, row->line, r->headings[at], cell, buf_text(&why));
    } else if (value.len > 0) {
        row->values[column] = arena_strndup(&r->arena, value.data, value.len);
        ok = row->values[column] != NULL;
    }
    buf_free(&value);
    buf_free(&why);
    return ok;
}

static bool judge_cells(struct source_rows *r, struct source_row *row, const struct span *cells)
{
    bool ok = true;
    for (size_t i = 0; i < r->n_columns && ok; i++) {
        if (r->columns[i] >= 0 && cells[i].len > 0) {
            ok = judge(r, row, i, cells[i]);
        }
    }
    return ok;
}

static const char *heading_of(const struct source_rows *r, size_t column)
{
    for (size_t i = 0; i < r->n_columns; i++) {
        if (r->columns[i] == (int)column) {
            return r->headings[i];
        }
    }
    return r->kind->columns[column].name;
}

/* Without its key and its name a row cannot be told from others; the rest other lists may say. */
static bool complain_of_missing(struct source_rows *r, const struct source_row *row)
{
    bool ok = true;
    for (size_t i = 0; i < r->kind->n_columns && ok; i++) {
        const struct register_column *c = &r->kind->columns[i];
        bool needed = c->key || strcmp(c->name, "name") == 0;
        if (needed && !row->values[i] && (row->bad >> i & 1) == 0) {
            ok = complain(r, row->line, heading_of(r, i), SPAN_NONE, "is missing");
        }
    }
    return ok;
}

static bool complain_of_count(struct source_rows *r, const struct source_row *row)
{
    bool few = row->n_cells < r->n_columns;
    const char *why =
        arena_printf(&r->arena, "the line has %zu cells, there are %zu headings: it was not read",
                     row->n_cells, r->n_columns);
    return why && complain(r, row->line, few ? r->headings[row->n_cells] : "",
                           few ? SPAN_NONE : span_of(row->cells[r->n_columns]), why);
}

static bool take_row(struct source_rows *r, size_t line, const struct span *cells, size_t n)
{
    struct source_row *row = arena_zalloc(&r->arena, sizeof *row);
    struct bad_cell *bad_before = r->bad_last;
    if (!row || !keep_cells(r, row, cells, n)) {
        return false;
    }
    row->line = line;
    bool ok = n == r->n_columns ? judge_cells(r, row, cells) && complain_of_missing(r, row)
                                : complain_of_count(r, row);
    if (r->bad_last != bad_before) {
        row->bad_first = bad_before ? bad_before->next : r->bad;
        row->bad_last = r->bad_last;
        r->n_bad_rows++;
    }
    if (r->last) {
        r->last->next = row;
    } else {
        r->first = row;
    }
    r->last = row;
    r->n_rows++;
    return ok;
}

static bool on_row(void *arg, size_t line, const struct span *cells, size_t n)
{
    struct source_rows *r = arg;
    if (r->headings) {
        return take_row(r, line, cells, n);
    }
    const struct register_kind *kind = kind_of(r, cells, n);
    if (kind) {
        r->kind = kind;
        return take_headings(r, cells, n);
    }
    r->lines_above++;
    return r->lines_above < LINES_ABOVE_MAX;
}

enum err source_rows_read(struct source_rows *r, struct span text)
{
    struct csv_in_place where;
    enum err err = csv_in_read(text, on_row, r, &where);
    if (err == ERR_SYNTAX || err == ERR_FULL) {
        const char *column = where.cell <= r->n_columns ? r->headings[where.cell - 1] : "";
        const char *why = err == ERR_FULL ? "has too many cells" : "the quoting is broken";
        return complain(r, where.line, column, SPAN_NONE, why) ? ERR_SYNTAX : ERR_NOMEM;
    }
    if ((err == ERR_OK || err == ERR_CLOSED) && !r->headings) {
        return complain(
                   r, 1, "", SPAN_NONE,
                   "no line among the first ten has the headings of a list of entities (企业名称"
                   " and one more) or of units (单元编号 too)")
                   ? ERR_NOT_FOUND
                   : ERR_NOMEM;
    }
    return err == ERR_CLOSED ? ERR_NOMEM : err;
}

/* ---- what the list says by whose it is ---- */

static void assume(struct source_rows *r, const char *name, const char *value)
{
    for (size_t i = 0; i < r->kind->n_columns && i < SOURCE_COLUMNS_MAX; i++) {
        bool there = false;
        for (size_t c = 0; c < r->n_columns; c++) {
            there = there || r->columns[c] == (int)i;
        }
        if (!there && strcmp(r->kind->columns[i].name, name) == 0) {
            r->assumed[i] = value;
        }
    }
}

void source_rows_assume(struct source_rows *r, long org)
{
    const char *kind = sync_text(r->names->orgs, (size_t)org, 2);
    const char *sectors = sync_text(r->names->orgs, (size_t)org, 4);
    if (strcmp(kind, "TOWNSHIP") == 0) {
        assume(r, "division", sync_text(r->names->orgs, (size_t)org, 3));
    }
    if (strcmp(kind, "DEPARTMENT") == 0 && sectors[0] && !strchr(sectors, ' ')) {
        assume(r, "sector", sectors);
    }
}
