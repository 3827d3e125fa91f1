/* SPDX-License-Identifier: Apache-2.0 */
/* A PostgreSQL session on the event loop. For: connecting without ever blocking (names by
 * uv_getaddrinfo), session settings that the delivery promise needs, one pipelined request at a
 * time with a deadline of our own, noticing a server that is gone or hangs, and connecting again
 * with backoff. Not for: deciding what a failure means (its owner does), pooling.
 *
 *   conn_new → conn_start → [up] → conn_send … → [down] → (connects again) → [up] … → conn_close →
 * closed
 *
 * Promises: a request is either refused at once or answered exactly once, later, never from inside
 * conn_send(); every up is followed by exactly one down, after the answer to the request under way;
 * nothing is called after `closed`. */
#ifndef PG_CONN_H
#define PG_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/err.h"
#include "pg/pipeline.h"

struct conn;

struct conn_config {
    const char *who; /* for the log: "lane 1" */
    const char
        *conninfo; /* keywords or URI, as libpq reads them; several hosts are tried in turn */
    const char *application;       /* application_name */
    uint32_t connect_timeout_ms;   /* a whole attempt: resolving, every address, session settings */
    uint32_t request_timeout_ms;   /* of requests that name none */
    uint32_t statement_timeout_ms; /* set on the session; 0: none */
    uint32_t retry_first_ms;
    uint32_t retry_max_ms;
};

struct conn_events {
    /* The session is ready. */
    void (*up)(void *arg);
    /* The session that was up is lost: locks are gone, prepared statements are gone, an open
     * transaction is rolled back (a COMMIT under way may have happened). */
    void (*down)(void *arg, enum err err, const char *why);
};

typedef void (*conn_done)(void *arg, const struct pg_reply *reply);

/* config's texts are copied; events must live as long as the connection. ERR_NOMEM, or ERR_SYNTAX
 * when conninfo does not parse. */
MUST_CHECK enum err conn_new(struct conn **out, uv_loop_t *loop, const struct conn_config *config,
                             const struct conn_events *events, void *arg);
/* Begins to connect, and keeps trying until conn_close(). */
void conn_start(struct conn *c);
/* Up and no request under way. */
bool conn_ready(const struct conn *c);
bool conn_up(const struct conn *c);
/* True between BEGIN and the end of the transaction, a failed one included. */
bool conn_in_transaction(const struct conn *c);
/* A request: its steps are copied before the call returns. timeout_ms 0: the configured one; when
 * it passes the session is closed and the answer is ERR_TIMEOUT. ERR_CLOSED when not up, ERR_FULL
 * when a request is under way, ERR_INVALID, ERR_NOMEM, ERR_TRANSIENT (the session is about to go
 * down): then done is never called. done may send the next request. */
MUST_CHECK enum err conn_send(struct conn *c, const struct pg_step *steps, size_t n,
                              uint32_t timeout_ms, conn_done done, void *arg);
/* Closes the session (soon, not from inside the call) and connects again. Without a session:
 * nothing. */
void conn_drop(struct conn *c, const char *why);
/* Why the last attempt or session failed; "" before the first failure. */
const char *conn_last_error(const struct conn *c);
/* Ends for good; a request under way is answered ERR_CLOSED (and down called) from inside. Frees
 * itself, then calls closed, from the loop. */
void conn_close(struct conn *c, void (*closed)(void *arg), void *arg);

#endif
