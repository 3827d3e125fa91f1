/* SPDX-License-Identifier: Apache-2.0 */
/* The order of results in libpq's pipeline mode: for each query its result and then a NULL; after
 * the last one PGRES_PIPELINE_SYNC, without a NULL. A failed query is followed by
 * PGRES_PIPELINE_ABORTED for each one up to the sync. */
#include "pg/pipeline.h"

#include <libpq-fe.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/utf8.h"

/* Parameters of one statement: far above what a wide table needs. */
#define PARAMS_MAX 256

void pipeline_init(struct pipeline *p, struct pg_conn *pg)
{
    *p = (struct pipeline){.pg = pg};
    map_init(&p->prepared);
}

void pipeline_free(struct pipeline *p)
{
    pg_reply_free(&p->reply);
    map_free(&p->prepared);
    mem_free(p->steps);
    mem_free(p->prepares);
    *p = (struct pipeline){0};
}

bool pipeline_busy(const struct pipeline *p)
{
    return p->n > 0;
}

void pg_reply_free(struct pg_reply *reply)
{
    for (size_t i = 0; reply->results && i < reply->n_results; i++) {
        PQclear(reply->results[i]);
    }
    mem_free(reply->results);
    *reply = (struct pg_reply){0};
}

void pipeline_take(struct pipeline *p, struct pg_reply *out)
{
    *out = p->reply;
    p->reply = (struct pg_reply){0};
    p->n = p->at = 0;
}

/* Room for n steps. What has grown stays for later requests; the results go away with the answer.
 */
static bool make_room(struct pipeline *p, size_t n)
{
    if (n > p->cap) {
        struct pg_statement const **steps = mem_alloc(n * sizeof *steps);
        bool *prepares = mem_zalloc(n * sizeof *prepares);
        if (!steps || !prepares) {
            mem_free(steps);
            mem_free(prepares);
            return false;
        }
        mem_free(p->steps);
        mem_free(p->prepares);
        p->steps = steps;
        p->prepares = prepares;
        p->cap = n;
    }
    p->reply = (struct pg_reply){.failed = n, .n_results = n};
    p->reply.results = mem_zalloc(n * sizeof(struct pg_result *));
    return p->reply.results != NULL;
}

/* Is the statement's PREPARE on its way in this very request? */
static bool is_under_way(const struct pipeline *p, size_t before, const struct pg_statement *s)
{
    for (size_t i = 0; i < before; i++) {
        if (p->prepares[i] && p->steps[i] == s) {
            return true;
        }
    }
    return false;
}

static bool send_step(struct pipeline *p, const struct pg_step *step, bool prepare)
{
    const char *values[PARAMS_MAX];
    int lengths[PARAMS_MAX];
    int formats[PARAMS_MAX];
    int n = (int)step->n_params;
    for (int i = 0; i < n; i++) {
        values[i] = step->params[i].data;
        lengths[i] = (int)step->params[i].len;
        formats[i] = 1;
    }
    const struct pg_statement *s = step->statement;
    if (!s->name) {
        return PQsendQueryParams(p->pg, s->sql, n, NULL, values, lengths, formats, 1);
    }
    return (!prepare || PQsendPrepare(p->pg, s->name, s->sql, 0, NULL)) &&
           PQsendQueryPrepared(p->pg, s->name, n, values, lengths, formats, 1);
}

static bool fits(const struct pg_step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (steps[i].n_params > PARAMS_MAX) {
            return false;
        }
        for (size_t j = 0; j < steps[i].n_params; j++) {
            if (steps[i].params[j].len > INT32_MAX) {
                return false;
            }
        }
    }
    return n > 0;
}

enum err pipeline_send(struct pipeline *p, const struct pg_step *steps, size_t n)
{
    if (pipeline_busy(p)) {
        return ERR_FULL;
    }
    if (!fits(steps, n)) {
        return ERR_INVALID;
    }
    if (!make_room(p, n)) {
        return ERR_NOMEM;
    }
    p->n = n;
    p->at = 0;
    bool sent = true;
    for (size_t i = 0; i < n && sent; i++) {
        const struct pg_statement *s = steps[i].statement;
        p->steps[i] = s;
        p->prepares[i] =
            s->name && !map_get(&p->prepared, span_of(s->name)) && !is_under_way(p, i, s);
        sent = send_step(p, &steps[i], p->prepares[i]);
    }
    p->awaits_prepare = p->prepares[0];
    if (!sent || !PQpipelineSync(p->pg)) {
        pg_reply_free(&p->reply);
        p->n = 0;
        return ERR_TRANSIENT;
    }
    return ERR_OK;
}

static void keep_message(struct pipeline *p, const char *text)
{
    struct span s = span_trim(span_of(text ? text : ""));
    if (s.len >= sizeof p->reply.message) {
        s.len = sizeof p->reply.message - 1;
        s.len = utf8_valid_prefix(s);
    }
    (void)snprintf(p->reply.message, sizeof p->reply.message, "%.*s", SPAN_ARG(s));
}

static void note_failure(struct pipeline *p, const PGresult *r)
{
    if (p->reply.err != ERR_OK) {
        return; /* the first one counts */
    }
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    (void)snprintf(p->reply.sqlstate, sizeof p->reply.sqlstate, "%s", state ? state : "");
    keep_message(p, text ? text : PQresultErrorMessage(r));
    p->reply.err = sqlstate_err(state);
    if (p->reply.err == ERR_OK) {
        p->reply.err =
            ERR_FATAL; /* an error of class 00 to 02 would be the server's own confusion */
    }
    p->reply.failed = p->at;
}

static bool is_good(ExecStatusType status)
{
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

/* The result of a PREPARE, which the caller never sees. */
static void take_prepare(struct pipeline *p, PGresult *r)
{
    const struct pg_statement *s = p->steps[p->at];
    p->awaits_prepare = false;
    if (PQresultStatus(r) != PGRES_COMMAND_OK) {
        if (PQresultStatus(r) != PGRES_PIPELINE_ABORTED) {
            note_failure(p, r);
        }
    } else if (map_put(&p->prepared, span_of(s->name), p) != ERR_OK && p->reply.err == ERR_OK) {
        /* The session knows a name that we cannot remember: it must not go on. */
        p->reply.err = ERR_TRANSIENT;
        keep_message(p, "out of memory");
        p->broken = true;
    }
    PQclear(r);
}

static void take_step(struct pipeline *p, PGresult *r)
{
    if (is_good(PQresultStatus(r)) && p->reply.err == ERR_OK) {
        p->reply.results[p->at] = r;
    } else {
        if (!is_good(PQresultStatus(r)) && PQresultStatus(r) != PGRES_PIPELINE_ABORTED) {
            note_failure(p, r);
        }
        PQclear(r);
    }
    p->at++;
    p->awaits_prepare = p->at < p->n && p->prepares[p->at];
}

/* What a statement must not do here (COPY), or what libpq says of a connection that is gone. */
static void take_broken(struct pipeline *p, PGresult *r, const char *message)
{
    note_failure(p, r);
    if (p->reply.sqlstate[0] == '\0') {
        keep_message(p, message);
    }
    p->broken = true;
    PQclear(r);
}

static bool is_copy(ExecStatusType status)
{
    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

static void take(struct pipeline *p, PGresult *r)
{
    if (is_copy(PQresultStatus(r))) {
        take_broken(p, r, "COPY is not possible in a pipeline");
    } else if (PQstatus(p->pg) == CONNECTION_BAD) {
        take_broken(p, r, "the connection is gone");
    } else if (p->awaits_prepare) {
        take_prepare(p, r);
    } else if (p->at < p->n) {
        take_step(p, r);
    } else {
        PQclear(r);
    }
}

bool pipeline_drain(struct pipeline *p)
{
    /* Bounded: a request has at most two results per step, each followed by a NULL, and one sync.
     */
    bool after_null = false;
    while (p->n > 0 && !p->broken && !PQisBusy(p->pg)) {
        PGresult *r = PQgetResult(p->pg);
        if (!r) {
            if (after_null) {
                return false; /* nothing is coming: the connection is gone */
            }
            after_null = true;
            continue;
        }
        after_null = false;
        if (PQresultStatus(r) == PGRES_PIPELINE_SYNC) {
            PQclear(r);
            return true;
        }
        take(p, r);
    }
    return false;
}

void pipeline_fail(struct pipeline *p, enum err err, const char *message)
{
    for (size_t i = 0; i < p->n; i++) {
        PQclear(p->reply.results[i]);
        p->reply.results[i] = NULL;
    }
    p->reply.err = err;
    p->reply.failed = p->n;
    if (p->reply.sqlstate[0] == '\0') {
        keep_message(p, message); /* what the server said last is better than what we know */
    }
}
