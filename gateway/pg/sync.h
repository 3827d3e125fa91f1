/* SPDX-License-Identifier: Apache-2.0 */
/* The one blocking door to the database, for short-lived commands. Not for the gateway: whatever
 * runs on the loop uses pg/conn.h. Values go in and come out as text. */
#ifndef PG_SYNC_H
#define PG_SYNC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/settings.h"

struct sync;
struct pg_result; /* libpq's PGresult */

/* Connects within pg.connect_timeout_ms. What went wrong is appended to why. */
MUST_CHECK enum err sync_open(struct sync **out, const struct settings *s, const char *application,
                              struct buf *why);
void sync_close(struct sync *db);

/* One statement. A param NULL is SQL NULL. *out (may be NULL when nothing is wanted) is freed by
 * sync_free(). The error is that of sqlstate_err(). */
MUST_CHECK enum err sync_query(struct sync *db, const char *sql, const char *const *params,
                               size_t n, struct pg_result **out);
/* Any number of statements, without parameters and results. */
MUST_CHECK enum err sync_script(struct sync *db, const char *sql);
/* After a failure inside a transaction; what went wrong first stays sync_error(). */
void sync_rollback(struct sync *db);
/* Of the last statement that failed. */
const char *
sync_error(const struct sync *db); /* message, and detail and hint where there are any */
const char *sync_sqlstate(const struct sync *db); /* "" when the server said nothing */
/* Where in the text, in characters from 1; 0 when unknown. */
size_t sync_error_position(const struct sync *db);

size_t sync_rows(const struct pg_result *r);
/* "" for NULL. */
const char *sync_text(const struct pg_result *r, size_t row, int col);
bool sync_null(const struct pg_result *r, size_t row, int col);
const char *sync_column(const struct pg_result *r, int col);
int sync_columns(const struct pg_result *r);
void sync_free(struct pg_result *r);

#endif
