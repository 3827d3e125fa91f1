/* SPDX-License-Identifier: Apache-2.0 */
/* PQconnectdb and PQexecParams with the errors of this program. Notices go to the log. */
#include "pg/sync.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/span.h"
#include "pg/conninfo.h"
#include "pg/sqlstate.h"

#define ERROR_BYTES_MAX ((size_t)65536)

struct sync {
    PGconn *pg;
    struct buf error;
    char sqlstate[SQLSTATE_LEN + 1];
    size_t position;
};

static void on_notice(void *arg, const char *message)
{
    (void)arg;
    struct span s = span_trim(span_of(message));
    log_debug("database", "event=database_notice text=\"%.*s\"", SPAN_ARG(s));
}

static enum err connect_to(struct sync *db, const struct settings *s, const char *application,
                           struct buf *why)
{
    struct buf info;
    buf_init(&info, 0);
    enum err err = conninfo_write(s, &info, why);
    if (err == ERR_OK) {
        /* libpq takes whole seconds, and 1 as 2. */
        int64_t seconds = (s->pg.connect_timeout_ms + 999) / 1000;
        buf_printf(&info, "connect_timeout=%" PRId64 " application_name='%s' client_encoding=UTF8",
                   seconds, application);
        db->pg = buf_failed(&info) ? NULL : PQconnectdb(buf_text(&info));
        err = db->pg ? ERR_OK : ERR_NOMEM;
    }
    buf_free(&info);
    if (err == ERR_OK && PQstatus(db->pg) != CONNECTION_OK) {
        buf_put_span(why, span_trim(span_of(PQerrorMessage(db->pg))));
        err = ERR_TRANSIENT;
    }
    return err;
}

enum err sync_open(struct sync **out, const struct settings *s, const char *application,
                   struct buf *why)
{
    struct sync *db = mem_zalloc(sizeof *db);
    if (!db) {
        return ERR_NOMEM;
    }
    buf_init(&db->error, ERROR_BYTES_MAX);
    enum err err = connect_to(db, s, application, why);
    if (err != ERR_OK) {
        sync_close(db);
        return err;
    }
    (void)PQsetNoticeProcessor(db->pg, on_notice, NULL);
    *out = db;
    return ERR_OK;
}

void sync_close(struct sync *db)
{
    if (db) {
        PQfinish(db->pg);
        buf_free(&db->error);
        mem_free(db);
    }
}

static void add_part(struct sync *db, const char *label, const char *text)
{
    if (text && text[0]) {
        buf_printf(&db->error, "%s%s", label, text);
    }
}

static void keep_error(struct sync *db, const PGresult *r)
{
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    const char *position = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
    buf_reset(&db->error);
    add_part(db, "", text ? text : PQerrorMessage(db->pg));
    add_part(db, "; ", PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL));
    add_part(db, "; ", PQresultErrorField(r, PG_DIAG_MESSAGE_HINT));
    (void)buf_text(&db->error); /* ends it with NUL */
    for (size_t i = 0; i < db->error.len; i++) {
        db->error.data[i] = db->error.data[i] == '\n' ? ' ' : db->error.data[i];
    }
    (void)snprintf(db->sqlstate, sizeof db->sqlstate, "%s", state ? state : "");
    db->position = position ? (size_t)strtoul(position, NULL, 10) : 0;
}

static enum err judge(struct sync *db, PGresult *r, struct pg_result **out)
{
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
        if (out) {
            *out = r;
        } else {
            PQclear(r);
        }
        return ERR_OK;
    }
    keep_error(db, r);
    PQclear(r);
    enum err err = sqlstate_err(db->sqlstate);
    return err == ERR_OK ? ERR_FATAL : err;
}

enum err sync_query(struct sync *db, const char *sql, const char *const *params, size_t n,
                    struct pg_result **out)
{
    return judge(db, PQexecParams(db->pg, sql, (int)n, NULL, params, NULL, NULL, 0), out);
}

enum err sync_script(struct sync *db, const char *sql)
{
    return judge(db, PQexec(db->pg, sql), NULL);
}

void sync_rollback(struct sync *db)
{
    PQclear(PQexec(db->pg, "rollback"));
}

const char *sync_error(const struct sync *db)
{
    return db->error.len ? db->error.data : "out of memory";
}

const char *sync_sqlstate(const struct sync *db)
{
    return db->sqlstate;
}

size_t sync_error_position(const struct sync *db)
{
    return db->position;
}

size_t sync_rows(const struct pg_result *r)
{
    return (size_t)PQntuples(r);
}

const char *sync_text(const struct pg_result *r, size_t row, int col)
{
    return PQgetvalue(r, (int)row, col);
}

bool sync_null(const struct pg_result *r, size_t row, int col)
{
    return PQgetisnull(r, (int)row, col);
}

const char *sync_column(const struct pg_result *r, int col)
{
    return PQfname(r, col);
}

int sync_columns(const struct pg_result *r)
{
    return PQnfields(r);
}

void sync_free(struct pg_result *r)
{
    PQclear(r);
}
