/* SPDX-License-Identifier: Apache-2.0 */
/* Brings a database to the schema that this program was built with, from the numbered files of
 * deploy/sql that the build embeds. Each file is one transaction; what was applied is recorded with
 * its checksum and never changes afterwards. File 0000 is different: it runs every time and changes
 * nothing when all is in place. Two migrations at once wait for each other. */
#ifndef PG_MIGRATE_H
#define PG_MIGRATE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/digest.h"
#include "pg/sync.h"

struct embedded_file {
    const char *name;
    const char *text; /* ends with NUL */
    size_t size;
};

/* Made by the build from deploy/sql. */
extern const struct embedded_file embedded_migrations[];
extern const size_t embedded_migrations_count;

/* The number in front of "0001_name.sql"; -1 when the name is not of that form. */
int migration_number(const char *name);
/* SHA-256 of the text in hexadecimal. */
void migration_checksum(const struct embedded_file *file, char out[DIGEST_HEX + 1]);

struct migrate_options {
    bool dry_run; /* applies all that is pending in one transaction and rolls it back */
    const struct embedded_file *files;
    size_t n_files;
};

/* Appends a line per file applied to report, and every complaint to why. ERR_INVALID: the database
 * was migrated by a newer program, a recorded file has another checksum, or the files themselves
 * are not in order; otherwise the error of the statement that failed. */
MUST_CHECK enum err migrate_run(struct sync *db, const struct migrate_options *options,
                                struct buf *report, struct buf *why);

enum migration_state { MIGRATION_APPLIED, MIGRATION_PENDING, MIGRATION_CHANGED, MIGRATION_UNKNOWN };

struct migration_row {
    int no;
    const char *name;
    enum migration_state state; /* CHANGED: other checksum; UNKNOWN: applied, but no file here */
    const char *applied_at;     /* "" when pending */
};

/* Calls row for every migration that is here or in the database, by number. A database without any
 * is no error. */
MUST_CHECK enum err migrate_list(struct sync *db, const struct embedded_file *files, size_t n_files,
                                 void (*row)(void *arg, const struct migration_row *m), void *arg);

#endif
