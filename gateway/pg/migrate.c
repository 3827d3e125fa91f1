/* SPDX-License-Identifier: Apache-2.0 */
/* Walks two sorted lists, the files and the rows of dg.migration, side by side. */
#include "pg/migrate.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

static const char lock_sql[] = "select pg_advisory_lock(hashtext('dualgate.migrate'))";
static const char have_table_sql[] = "select to_regclass('dg.migration') is not null";
static const char applied_sql[] = "select no, name, checksum, to_char(applied_at at time zone "
                                  "'Asia/Shanghai', 'YYYY-MM-DD\"T\"HH24:MI:SS\"+08:00\"') "
                                  "from dg.migration order by no";
static const char record_sql[] =
    "insert into dg.migration (no, name, checksum) values ($1::integer, $2, $3)";

int migration_number(const char *name)
{
    int no = 0;
    for (int i = 0; i < 4; i++) {
        if (!isdigit((unsigned char)name[i])) {
            return -1;
        }
        no = 10 * no + (name[i] - '0');
    }
    return name[4] == '_' ? no : -1;
}

void migration_checksum(const struct embedded_file *file, char out[DIGEST_HEX + 1])
{
    uint8_t digest[DIGEST_BYTES];
    digest_of((struct span){file->text, file->size}, digest);
    hex_encode(digest, DIGEST_BYTES, out);
}

/* Numbers must grow, file 0 first, or an upgrade would depend on who applied what when. */
static enum err check_files(const struct migrate_options *o, struct buf *why)
{
    for (size_t i = 0; i < o->n_files; i++) {
        if (migration_number(o->files[i].name) != (int)i) {
            buf_printf(why, "%s: migrations must be numbered 0000, 0001, … without a gap\n",
                       o->files[i].name);
            return ERR_INVALID;
        }
    }
    return o->n_files > 0 ? ERR_OK : ERR_INVALID;
}

static size_t line_of(const char *text, size_t position)
{
    size_t line = 1;
    /* The position counts characters: bytes that continue one are skipped. */
    for (const char *p = text; *p && position > 1; p++) {
        line += *p == '\n';
        position -= ((unsigned char)p[1] & 0xc0) != 0x80;
    }
    return line;
}

static enum err run_file(struct sync *db, const struct embedded_file *file, struct buf *why)
{
    enum err err = sync_script(db, file->text);
    if (err != ERR_OK) {
        size_t position = sync_error_position(db);
        buf_puts(why, file->name);
        if (position > 0) {
            buf_printf(why, ":%zu", line_of(file->text, position));
        }
        buf_printf(why, ": %s (%s)\n", sync_error(db), sync_sqlstate(db));
    }
    return err;
}

static enum err plain(struct sync *db, const char *sql, struct buf *why)
{
    enum err err = sync_script(db, sql);
    if (err != ERR_OK) {
        buf_printf(why, "%s: %s\n", sql, sync_error(db));
    }
    return err;
}

static enum err record_file(struct sync *db, const struct embedded_file *file, struct buf *why)
{
    char no[16];
    char checksum[DIGEST_HEX + 1];
    (void)snprintf(no, sizeof no, "%d", migration_number(file->name));
    migration_checksum(file, checksum);
    enum err err = sync_query(db, record_sql, (const char *[]){no, file->name, checksum}, 3, NULL);
    if (err != ERR_OK) {
        buf_printf(why, "%s: %s\n", file->name, sync_error(db));
    }
    return err;
}

/* In a transaction of its own, or (dry run) inside the one that will be rolled back. */
static enum err apply(struct sync *db, const struct embedded_file *file, bool dry_run,
                      struct buf *report, struct buf *why)
{
    int64_t from_ms = clock_steady_ms(&clock_system);
    enum err err = dry_run ? ERR_OK : plain(db, "begin", why);
    if (err == ERR_OK) {
        err = plain(db, "set local role dualgate_owner", why);
    }
    if (err == ERR_OK) {
        err = run_file(db, file, why);
    }
    if (err == ERR_OK) {
        err = record_file(db, file, why);
    }
    if (!dry_run) {
        err = err == ERR_OK ? plain(db, "commit", why) : err;
    }
    if (err == ERR_OK) {
        buf_printf(report, "%s %s (%" PRId64 " ms)\n", dry_run ? "would apply" : "applied",
                   file->name, clock_steady_ms(&clock_system) - from_ms);
    } else {
        sync_rollback(db);
    }
    return err;
}

static enum err bootstrap(struct sync *db, const struct embedded_file *file, bool dry_run,
                          struct buf *why)
{
    enum err err = plain(db, "begin", why);
    if (err == ERR_OK) {
        err = run_file(db, file, why);
    }
    if (err == ERR_OK && !dry_run) {
        err = plain(db, "commit", why);
    }
    if (err != ERR_OK) {
        sync_rollback(db);
    }
    return err;
}

static enum err check_recorded(const struct migrate_options *o, const struct pg_result *rows,
                               struct buf *why)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < sync_rows(rows); i++) {
        long no = strtol(sync_text(rows, i, 0), NULL, 10);
        const char *name = sync_text(rows, i, 1);
        char checksum[DIGEST_HEX + 1];
        if (no != (long)i + 1) {
            buf_printf(why, "%s: the database has it, but not the migration before\n", name);
            err = ERR_INVALID;
        } else if ((size_t)no >= o->n_files) {
            buf_printf(why, "%s: the database is newer than this program\n", name);
            err = ERR_INVALID;
        } else {
            migration_checksum(&o->files[no], checksum);
            if (strcmp(checksum, sync_text(rows, i, 2)) != 0) {
                buf_printf(why, "%s: was applied with another text (checksum %.12s, here %.12s)\n",
                           name, sync_text(rows, i, 2), checksum);
                err = ERR_INVALID;
            }
        }
    }
    return err;
}

static enum err read_applied(struct sync *db, struct pg_result **rows, struct buf *why)
{
    enum err err = sync_query(db, applied_sql, NULL, 0, rows);
    if (err != ERR_OK) {
        buf_printf(why, "dg.migration: %s\n", sync_error(db));
    }
    return err;
}

enum err migrate_run(struct sync *db, const struct migrate_options *o, struct buf *report,
                     struct buf *why)
{
    struct pg_result *rows = NULL;
    enum err err = check_files(o, why);
    if (err != ERR_OK) {
        return err;
    }
    err = plain(db, lock_sql, why);
    if (err == ERR_OK) {
        err = bootstrap(db, &o->files[0], o->dry_run, why);
    }
    if (err == ERR_OK) {
        err = read_applied(db, &rows, why);
    }
    if (err == ERR_OK) {
        err = check_recorded(o, rows, why);
    }
    size_t next = err == ERR_OK ? sync_rows(rows) + 1 : o->n_files;
    for (size_t i = next; i < o->n_files && err == ERR_OK; i++) {
        err = apply(db, &o->files[i], o->dry_run, report, why);
    }
    if (err == ERR_OK && next == o->n_files) {
        buf_printf(report, "up to date: %s\n", o->files[o->n_files - 1].name);
    }
    sync_free(rows);
    if (o->dry_run) {
        sync_rollback(db);
    }
    return err;
}

static bool have_table(struct sync *db)
{
    struct pg_result *r = NULL;
    bool have = sync_query(db, have_table_sql, NULL, 0, &r) == ERR_OK && sync_rows(r) == 1 &&
                strcmp(sync_text(r, 0, 0), "t") == 0;
    sync_free(r);
    return have;
}

static enum migration_state state_of(const struct embedded_file *file, const char *recorded)
{
    char checksum[DIGEST_HEX + 1];
    if (!file) {
        return MIGRATION_UNKNOWN;
    }
    migration_checksum(file, checksum);
    return strcmp(checksum, recorded) == 0 ? MIGRATION_APPLIED : MIGRATION_CHANGED;
}

enum err migrate_list(struct sync *db, const struct embedded_file *files, size_t n_files,
                      void (*row)(void *arg, const struct migration_row *m), void *arg)
{
    struct pg_result *rows = NULL;
    if (have_table(db)) {
        enum err err = sync_query(db, applied_sql, NULL, 0, &rows);
        if (err != ERR_OK) {
            return err;
        }
    }
    size_t n_applied = rows ? sync_rows(rows) : 0;
    for (size_t i = 0; i < n_applied; i++) {
        int no = (int)strtol(sync_text(rows, i, 0), NULL, 10);
        const struct embedded_file *file = no > 0 && (size_t)no < n_files ? &files[no] : NULL;
        row(arg,
            &(struct migration_row){no, sync_text(rows, i, 1),
                                    state_of(file, sync_text(rows, i, 2)), sync_text(rows, i, 3)});
    }
    for (size_t i = n_applied + 1; i < n_files; i++) {
        row(arg, &(struct migration_row){(int)i, files[i].name, MIGRATION_PENDING, ""});
    }
    sync_free(rows);
    return ERR_OK;
}
