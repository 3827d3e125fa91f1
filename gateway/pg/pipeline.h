/* SPDX-License-Identifier: Apache-2.0 */
/* One request at a time over a libpq connection in pipeline mode: an ordered list of statements
 * that go out together and come back together. For: preparing statements by name on first use,
 * sending, and draining results. Not for: sockets, deadlines, reconnecting (pg/conn.h does that),
 * transactions (BEGIN and COMMIT are statements like others). Promises: after pipeline_take() the
 * connection is in step with the server and may carry the next request, whatever failed. */
#ifndef PG_PIPELINE_H
#define PG_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/map.h"
#include "base/span.h"
#include "pg/result.h"
#include "pg/sqlstate.h"

struct pg_conn; /* libpq's PGconn */

/* Lives for ever (a static const). name NULL: not prepared, for what is run once per session. The
 * types of the parameters must follow from the text ($1::text[]). */
struct pg_statement {
    const char *name;
    const char *sql;
};

/* Binary. data NULL is SQL NULL. */
struct pg_param {
    const void *data;
    size_t len;
};

struct pg_step {
    const struct pg_statement *statement;
    const struct pg_param *params;
    size_t n_params;
};

#define PG_MESSAGE_MAX 256

/* What came back. Lives until the callback that got it returns. */
struct pg_reply {
    enum err err;                    /* ERR_OK: every step succeeded */
    char sqlstate[SQLSTATE_LEN + 1]; /* of the first failure, or "" */
    char message[PG_MESSAGE_MAX];    /* the server's primary message or ours; "" when all is well */
    size_t failed;              /* index of the step that failed; n_results when it is none's */
    struct pg_result **results; /* one per step; NULL from the failed one on */
    size_t n_results;
};

struct pipeline {
    struct pg_conn *pg;
    struct map prepared;               /* names known to this session */
    struct pg_statement const **steps; /* of the request under way */
    struct pg_result **results;
    bool *prepares; /* a PREPARE goes before this step */
    size_t cap;
    size_t n;              /* steps under way; 0: none */
    size_t at;             /* the step whose result is awaited; n: only the sync is missing */
    bool awaits_prepare;   /* the next result is that of the PREPARE before step `at` */
    bool broken;           /* the connection cannot go on: close it */
    struct pg_reply reply; /* in the making */
};

/* pg is connected, non-blocking and in pipeline mode; it stays the caller's. */
void pipeline_init(struct pipeline *p, struct pg_conn *pg);
/* Frees everything but the connection. */
void pipeline_free(struct pipeline *p);
bool pipeline_busy(const struct pipeline *p);
/* Hands all steps to libpq, which copies them. ERR_FULL when a request is under way, ERR_INVALID
 * for no step at all, ERR_NOMEM before anything was sent; ERR_TRANSIENT: the connection must be
 * closed. */
MUST_CHECK enum err pipeline_send(struct pipeline *p, const struct pg_step *steps, size_t n);
/* Takes what libpq has read. True when the request is complete. False: more is to come, or
 * (p->broken, or the connection is bad) nothing ever will. */
bool pipeline_drain(struct pipeline *p);
/* The request under way ends with an error of ours (the connection is lost). */
void pipeline_fail(struct pipeline *p, enum err err, const char *message);
/* Moves the answer out, so that the next request may be sent while it is read. */
void pipeline_take(struct pipeline *p, struct pg_reply *out);
void pg_reply_free(struct pg_reply *reply);

#endif
