/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/source_import.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/digest.h"
#include "cli/cli.h"
#include "cli/source_rows.h"

static const char lock_sql[] = "select pg_advisory_xact_lock(hashtext('register.source_list'))";
static const char supersede_sql[] =
    "update register.source_list set superseded_at = now()"
    " where org = $1 and kind = $2 and name = $3 and superseded_at is null"
    " returning id, rows, to_char(imported_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')";
static const char list_sql[] =
    "insert into register.source_list (org, kind, name, file, encoding, sha256, headings, assumed,"
    "                                  rows, bad)"
    " values ($1, $2, $3, $4, $5, decode($6, 'hex'), $7::jsonb, $8::jsonb, $9::int, $10::int)"
    " returning id";
static const char succeed_sql[] =
    "update register.source_list set superseded_by = $2::bigint where id = $1::bigint";
static const char row_sql[] =
    "insert into register.source_row (list, line, org, cells, vals, bad, problem)"
    " values ($1::bigint, $2::int, $3, $4::jsonb, $5::jsonb, $6::text[], $7::jsonb)";

/* What became of the list that this one replaces. */
struct outcome {
    struct pg_result *before;
    bool taken;
};

/* ---- rows as the database takes them ---- */

static void put_cells(const struct source_row *row, struct buf *out)
{
    buf_putc(out, '[');
    for (size_t i = 0; i < row->n_cells; i++) {
        buf_puts(out, i > 0 ? "," : "");
        buf_json_string(out, span_of(row->cells[i]));
    }
    buf_putc(out, ']');
}

static void put_member(struct buf *out, const char *name, const char *value)
{
    buf_puts(out, out->len > 1 ? "," : "");
    buf_json_string(out, span_of(name));
    buf_putc(out, ':');
    buf_json_string(out, span_of(value));
}

static void put_values(const struct source_rows *r, const struct source_row *row, struct buf *out)
{
    buf_putc(out, '{');
    for (size_t i = 0; i < r->kind->n_columns; i++) {
        const char *value = row->values[i] ? row->values[i] : r->assumed[i];
        if (value && row->n_cells == r->n_columns) {
            put_member(out, r->kind->columns[i].name, value);
        }
    }
    buf_putc(out, '}');
}

static void put_bad_columns(const struct source_rows *r, const struct source_row *row,
                            struct buf *out)
{
    buf_putc(out, '{');
    for (size_t i = 0; i < r->kind->n_columns; i++) {
        if (row->bad >> i & 1) {
            buf_printf(out, "%s%s", out->len > 1 ? "," : "", r->kind->columns[i].name);
        }
    }
    buf_putc(out, '}');
}

/* Up to and including last; NULL: all that follow. */
static void put_problems(const struct bad_cell *first, const struct bad_cell *last, bool lines,
                         struct buf *out)
{
    const struct bad_cell *end = last ? last->next : NULL;
    buf_putc(out, '[');
    for (const struct bad_cell *b = first; b && b != end; b = b->next) {
        buf_puts(out, b == first ? "{" : ",\n{");
        if (lines) {
            buf_printf(out, "\"line\":%zu,", b->line);
        }
        buf_puts(out, "\"column\":");
        buf_json_string(out, span_of(b->column));
        buf_puts(out, ",\"value\":");
        buf_json_string(out, span_of(b->value));
        buf_puts(out, ",\"text\":");
        buf_json_string(out, span_of(b->why));
        buf_putc(out, '}');
    }
    buf_putc(out, ']');
}

static void put_headings(const struct source_rows *r, struct buf *out)
{
    buf_putc(out, '[');
    for (size_t i = 0; r->kind && i < r->n_columns; i++) {
        buf_puts(out, i > 0 ? ",{\"heading\":" : "{\"heading\":");
        buf_json_string(out, span_of(r->headings[i]));
        buf_printf(out, ",\"column\":\"%s\"}",
                   r->columns[i] >= 0 ? r->kind->columns[r->columns[i]].name : "");
    }
    buf_putc(out, ']');
}

static void put_assumed(const struct source_rows *r, struct buf *out)
{
    buf_putc(out, '{');
    for (size_t i = 0; r->kind && i < r->kind->n_columns; i++) {
        if (r->assumed[i]) {
            put_member(out, r->kind->columns[i].name, r->assumed[i]);
        }
    }
    buf_putc(out, '}');
}

/* ---- writing ---- */

static enum err write_row(struct sync *db, const struct source_file *f, const char *list,
                          const struct source_rows *r, const struct source_row *row)
{
    struct buf cells;
    struct buf values;
    struct buf bad;
    struct buf problems;
    char line[24];
    buf_init(&cells, 0);
    buf_init(&values, 0);
    buf_init(&bad, 0);
    buf_init(&problems, 0);
    put_cells(row, &cells);
    put_values(r, row, &values);
    put_bad_columns(r, row, &bad);
    put_problems(row->bad_first, row->bad_last, false, &problems);
    (void)snprintf(line, sizeof line, "%zu", row->line);
    const char *params[] = {list,
                            line,
                            f->org,
                            buf_text(&cells),
                            buf_text(&values),
                            buf_text(&bad),
                            buf_text(&problems)};
    enum err err = sync_query(db, row_sql, params, 7, NULL);
    buf_free(&cells);
    buf_free(&values);
    buf_free(&bad);
    buf_free(&problems);
    return err;
}

static enum err write_rows(struct sync *db, const struct source_file *f, const char *list,
                           const struct source_rows *r)
{
    enum err err = ERR_OK;
    for (const struct source_row *row = r->first; row && err == ERR_OK; row = row->next) {
        err = write_row(db, f, list, r, row);
    }
    return err;
}

static enum err write_list(struct sync *db, const struct source_file *f,
                           const struct source_rows *r, struct pg_result **made)
{
    struct buf headings;
    struct buf assumed;
    uint8_t digest[DIGEST_BYTES];
    char sha256[DIGEST_HEX + 1];
    char rows[24];
    char bad[24];
    buf_init(&headings, 0);
    buf_init(&assumed, 0);
    put_headings(r, &headings);
    put_assumed(r, &assumed);
    digest_of(f->bytes, digest);
    hex_encode(digest, DIGEST_BYTES, sha256);
    (void)snprintf(rows, sizeof rows, "%zu", r->n_rows);
    (void)snprintf(bad, sizeof bad, "%zu", r->n_bad_rows);
    const char *slash = strrchr(f->path, '/');
    const char *params[] = {f->org,
                            r->kind->name,
                            f->list,
                            slash ? slash + 1 : f->path,
                            f->encoding,
                            sha256,
                            buf_text(&headings),
                            buf_text(&assumed),
                            rows,
                            bad};
    enum err err = sync_query(db, list_sql, params, 10, made);
    buf_free(&headings);
    buf_free(&assumed);
    return err;
}

static enum err replace(struct sync *db, const struct source_file *f, const struct source_rows *r,
                        struct outcome *outcome)
{
    struct pg_result *made = NULL;
    const char *key[] = {f->org, r->kind->name, f->list};
    enum err err = sync_query(db, lock_sql, NULL, 0, NULL);
    if (err == ERR_OK) {
        err = sync_query(db, supersede_sql, key, 3, &outcome->before);
    }
    if (err == ERR_OK) {
        err = write_list(db, f, r, &made);
    }
    if (err == ERR_OK && sync_rows(outcome->before) > 0) {
        const char *pair[] = {sync_text(outcome->before, 0, 0), sync_text(made, 0, 0)};
        err = sync_query(db, succeed_sql, pair, 2, NULL);
    }
    if (err == ERR_OK) {
        err = write_rows(db, f, sync_text(made, 0, 0), r);
    }
    sync_free(made);
    return err;
}

static enum err write(struct sync *db, const struct source_file *f, const struct source_rows *r,
                      struct outcome *outcome)
{
    enum err err = sync_script(db, "begin");
    if (err == ERR_OK) {
        err = replace(db, f, r, outcome);
    }
    if (err == ERR_OK && !f->dry_run) {
        err = sync_script(db, "commit");
        outcome->taken = err == ERR_OK;
    } else {
        sync_rollback(db);
    }
    return err;
}

/* ---- telling ---- */

static void print_json(const struct source_file *f, const struct source_rows *r,
                       const struct outcome *o)
{
    struct buf out;
    buf_init(&out, 0);
    buf_puts(&out, "{\"file\":");
    buf_json_string(&out, span_of(f->path));
    buf_puts(&out, ",\"source\":");
    buf_json_string(&out, span_of(f->org));
    buf_puts(&out, ",\"list\":");
    buf_json_string(&out, span_of(f->list));
    buf_printf(&out,
               ",\"kind\":\"%s\",\"taken\":%s,\"rows\":%zu,\"bad_rows\":%zu,\"replaces_rows\":%s",
               r->kind ? r->kind->name : "", o->taken ? "true" : "false", r->n_rows, r->n_bad_rows,
               o->before && sync_rows(o->before) > 0 ? sync_text(o->before, 0, 1) : "null");
    if (r->headings) {
        struct buf assumed;
        buf_init(&assumed, 0);
        put_assumed(r, &assumed);
        buf_puts(&out, ",\"headings\":");
        put_headings(r, &out);
        buf_printf(&out, ",\"assumed\":%s", buf_text(&assumed));
        buf_free(&assumed);
    }
    buf_puts(&out, ",\"bad\":");
    put_problems(r->bad, NULL, true, &out);
    buf_putc(&out, '}');
    puts(buf_text(&out));
    buf_free(&out);
}

static void print_own_columns(const struct source_rows *r)
{
    bool first = true;
    for (size_t i = 0; i < r->n_columns; i++) {
        if (r->columns[i] < 0) {
            printf("%s%s", first ? "columns of the list's own, kept and not read: " : ", ",
                   r->headings[i]);
            first = false;
        }
    }
    printf("%s", first ? "" : "\n");
}

static void print_text(const struct source_file *f, const struct source_rows *r,
                       const struct outcome *o)
{
    for (const struct bad_cell *b = r->bad; b; b = b->next) {
        fprintf(stderr, "%s:%zu: %s%s", f->path, b->line, b->column, b->column[0] ? ": " : "");
        fprintf(stderr, b->value[0] ? "\"%s\" %s\n" : "%s%s\n", b->value, b->why);
    }
    if (!r->headings || (!o->taken && !f->dry_run)) {
        return;
    }
    print_own_columns(r);
    for (size_t i = 0; i < r->kind->n_columns; i++) {
        if (r->assumed[i]) {
            printf("%s of every row: %s, because the list is %s's\n", r->kind->columns[i].name,
                   r->assumed[i], f->org);
        }
    }
    printf("%sthe list of %s%s%s (%s): %zu rows, %zu with a problem\n",
           f->dry_run ? "would keep " : "", f->org, f->list[0] ? "/" : "", f->list, r->kind->name,
           r->n_rows, r->n_bad_rows);
    if (o->before && sync_rows(o->before) > 0) {
        printf("it replaces the one of %s (%s rows), which is kept as superseded\n",
               sync_text(o->before, 0, 2), sync_text(o->before, 0, 1));
    }
}

/* ---- the command ---- */

/* NULL: it was read. */
static const char *why_not_read(enum err err)
{
    switch ((int)err) {
    case ERR_OK:
        return NULL;
    case ERR_NOT_FOUND:
    case ERR_SYNTAX:
        return "nothing was kept";
    default:
        return err_text(err);
    }
}

int source_import(struct sync *db, const struct register_names *names, const struct source_file *f)
{
    struct source_rows rows;
    struct outcome outcome = {NULL, false};
    long org = register_names_org(names, f->org);
    if (org < 0) {
        fprintf(stderr, "dualgate register: there is no active organisation %s\n", f->org);
        return CLI_WRONG;
    }
    source_rows_init(&rows, f->kind, names);
    enum err err = source_rows_read(&rows, f->text);
    const char *why = why_not_read(err);
    if (!why) {
        source_rows_assume(&rows, org);
        err = write(db, f, &rows, &outcome);
        why = err == ERR_OK ? NULL : sync_error(db);
    }
    if (f->json) {
        print_json(f, &rows, &outcome);
    } else {
        print_text(f, &rows, &outcome);
    }
    if (why) {
        fprintf(stderr, "dualgate register: %s: %s\n", f->path, why);
    }
    int code = err == ERR_OK && rows.n_bad_rows == 0 ? CLI_DONE : CLI_WRONG;
    sync_free(outcome.before);
    source_rows_free(&rows);
    return code;
}
