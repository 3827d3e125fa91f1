/* SPDX-License-Identifier: Apache-2.0 */
/* One transaction: load, judge, tell; with --apply, entities and units are written before it is
 * told so that what the database refuses is told too. */
#include "cli/register_merge.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli/merge_book.h"
#include "cli/merge_tell.h"
#include "cli/options.h"
#include "cli/register_write.h"
#include "model/civil_time.h"

struct options {
    const char *effective;
    bool apply, json;
};

static const char usage_text[] =
    "usage: dualgate register merge [--apply] [--effective DATE] [--json]\n\n"
    "Compares the current lists of all organisations (register import --source) with each other\n"
    "and with the register: rows without a code or with a bad one, doubled, in one list only, "
    "with\n"
    "different data; entities that are in no list; and what would change. Whose word counts where\n"
    "lists differ: register list --kind precedence.\n\n"
    "  --apply            write what is settled into the register; rows that are open count "
    "nowhere\n"
    "                     (register list --unresolved)\n"
    "  --effective DATE   from which day the changes count (default: today)\n"
    "  --json             print the report as JSON\n\n"
    "Exit code: 0 no row is unresolved, 1 some are, 2 wrong usage.\n";

static const char lock_sql[] = "select pg_advisory_xact_lock(hashtext('register.source_list'))";
static const char effective_sql[] = "select set_config('dualgate.effective_on', $1, true)";
static const char state_sql[] = "update register.source_row set state = $3, why = $4::text[]"
                                " where list = $1::bigint and line = $2::int and (state, why) is "
                                "distinct from ($3, $4::text[])";

/* ---- applying ---- */

/* The unit's values as a row to be written; its line is its place among the units, by which a
 * refusal is told. */
static bool add_row(struct register_rows *rows, const struct merge_unit *unit, size_t no)
{
    size_t n = unit->kind->n_columns;
    struct register_row *row = arena_zalloc(&rows->arena, sizeof *row);
    const char **values = arena_zalloc(&rows->arena, n * sizeof *values);
    if (!row || !values) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        values[i] = merge_value(&unit->verdict, i, unit->current);
    }
    row->line = no;
    row->values = values;
    register_rows_append(rows, row);
    return true;
}

static enum err collect(struct merge_book *b, size_t k, struct register_rows *rows)
{
    size_t no = 0;
    rows->present = arena_zalloc(&rows->arena, b->kinds[k]->n_columns * sizeof *rows->present);
    for (size_t i = 0; rows->present && i < b->kinds[k]->n_columns; i++) {
        rows->present[i] = true;
    }
    bool ok = rows->present != NULL;
    for (const struct merge_unit *unit = b->unit; unit && ok; unit = unit->next, no++) {
        if (unit->kind == b->kinds[k] && merge_unit_resolved(unit) && merge_unit_changes(unit)) {
            ok = add_row(rows, unit, no);
        }
    }
    return ok ? ERR_OK : ERR_NOMEM;
}

static enum err take_refusals(struct merge_book *b, const struct register_rows *rows)
{
    for (const struct bad_cell *bad = rows->bad; bad; bad = bad->next) {
        struct merge_unit *unit = b->unit;
        for (size_t no = 0; unit && no < bad->line; no++) {
            unit = unit->next;
        }
        if (unit) {
            unit->refusal = arena_strdup(&b->arena, bad->why);
            unit->why |= UINT32_C(1) << MERGE_REFUSED;
            if (!unit->refusal) {
                return ERR_NOMEM;
            }
        }
    }
    return ERR_OK;
}

static enum err apply_kind(struct merge_book *b, struct sync *db, size_t k)
{
    struct register_rows rows;
    struct register_counts counts;
    register_rows_init(&rows, b->kinds[k], &b->names);
    enum err err = collect(b, k, &rows);
    if (err == ERR_OK) {
        err = register_write_each(db, &rows, &counts);
    }
    if (err == ERR_OK) {
        err = take_refusals(b, &rows);
    }
    register_rows_free(&rows);
    return err;
}

static void put_why(struct buf *out, uint32_t why)
{
    buf_putc(out, '{');
    for (int code = 0; code < MERGE_CODES; code++) {
        if (why >> code & 1) {
            buf_printf(out, "%s%s", out->len > 1 ? "," : "",
                       merge_code_name((enum merge_code)code));
        }
    }
    buf_putc(out, '}');
}

static enum err mark_rows(const struct merge_book *b, struct sync *db)
{
    enum err err = ERR_OK;
    for (const struct merge_row *row = b->row; row && err == ERR_OK; row = row->next) {
        bool merged = row->unit && merge_unit_resolved(row->unit);
        struct buf why;
        buf_init(&why, 0);
        put_why(&why, row->why | (row->unit ? row->unit->why : 0));
        const char *params[] = {row->list->id, row->line, merged ? "MERGED" : "UNRESOLVED",
                                buf_text(&why)};
        err = sync_query(db, state_sql, params, 4, NULL);
        buf_free(&why);
    }
    return err;
}

/* A refused entity takes its units with it: they are refused by their reference. */
static enum err apply(struct merge_book *b, struct sync *db, const struct options *o)
{
    enum err err = o->effective ? sync_query(db, effective_sql, &o->effective, 1, NULL) : ERR_OK;
    for (size_t k = 0; k < MERGE_KINDS && err == ERR_OK; k++) {
        err = apply_kind(b, db, k);
    }
    if (err == ERR_OK) {
        merge_book_count(b);
        err = mark_rows(b, db);
    }
    return err;
}

/* ---- the command ---- */

static enum err merge(struct merge_book *b, struct sync *db, const struct options *o)
{
    enum err err = sync_script(db, o->apply ? "begin" : "begin isolation level repeatable read");
    if (err == ERR_OK && o->apply) {
        err = sync_query(db, lock_sql, NULL, 0, NULL);
    }
    if (err == ERR_OK) {
        err = merge_book_load(b, db);
    }
    if (err == ERR_OK) {
        err = merge_book_judge(b);
    }
    if (err == ERR_OK && o->apply) {
        err = apply(b, db, o);
    }
    if (err == ERR_OK) {
        return sync_script(db, o->apply ? "commit" : "rollback");
    }
    sync_rollback(db);
    return err;
}

static int run(const struct settings *settings, const struct options *o)
{
    struct sync *db = NULL;
    struct merge_book book;
    struct buf why;
    buf_init(&why, 0);
    merge_book_init(&book);
    enum err err = sync_open(&db, settings, "dualgate register", &why);
    if (err == ERR_OK) {
        err = merge(&book, db, o);
    }
    if (err == ERR_OK) {
        merge_tell(&book, o->json, o->apply);
    } else {
        fprintf(stderr, "dualgate register: %s\n",
                err == ERR_NOMEM ? err_text(err)
                : db             ? sync_error(db)
                                 : buf_text(&why));
    }
    int code = err == ERR_OK && book.n_unresolved == 0 ? CLI_DONE : CLI_WRONG;
    merge_book_free(&book);
    sync_close(db);
    buf_free(&why);
    return code;
}

int register_merge(int argc, char **argv, const struct settings *settings)
{
    struct options o = {.apply = false};
    const struct option_row rows[] = {
        {.name = "apply", .flag = &o.apply},
        {.name = "effective",
         .to = &o.effective,
         .take = options_date,
         .expected = OPTIONS_DATE_EXPECTED},
        {.name = "json", .flag = &o.json},
    };
    int code = options_read("register merge", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    if (optind != argc) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    return run(settings, &o);
}
