/* SPDX-License-Identifier: Apache-2.0 */
/* The states of a session. While connecting, libpq may close its socket and open another under the
 * same number; when connected it can only close: see pg/watch.h for what follows from that. */
#include "pg/conn.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/backoff.h"
#include "base/log.h"
#include "pg/resolve.h"
#include "pg/watch.h"

enum state {
    STOPPED,
    WAITING,   /* for the next attempt; the timer brings it */
    RESOLVING, /* this and the next two: the timer is the deadline of the attempt */
    CONNECTING,
    SETTING_UP, /* session settings are under way */
    UP,         /* the timer is the deadline of the request under way */
    CLOSING
};

struct conn {
    uv_loop_t *loop;
    struct conn_config config;
    char *who, *application;
    const struct conn_events *events;
    void *arg;

    enum state state;
    bool doomed; /* conn_drop() was called, or a send broke: the timer ends the session */
    uv_timer_t timer;
    struct backoff backoff;
    struct resolve *resolve;
    PGconn *pg;
    struct watch *watch;
    struct pipeline pipeline;
    conn_done done;
    void *done_arg;
    char last_error[PG_MESSAGE_MAX];

    void (*closed)(void *arg);
    void *closed_arg;
};

static void attempt(struct conn *c);
static void on_timer(uv_timer_t *timer);

/* ---- the end of a session ---- */

static void set_timer(struct conn *c, uint64_t ms)
{
    (void)uv_timer_start(&c->timer, on_timer, ms, 0);
}

static void keep_error(struct conn *c, const char *why)
{
    struct span s = span_trim(span_of(why ? why : ""));
    (void)snprintf(c->last_error, sizeof c->last_error, "%.*s", SPAN_ARG(s));
    for (char *p = c->last_error; *p; p++) {
        *p = *p == '\n' || *p == '\t' ? ' ' : *p;
    }
}

static void close_session(struct conn *c)
{
    watch_end(&c->watch);
    if (c->pg) {
        pipeline_free(&c->pipeline);
        PQfinish(c->pg);
        c->pg = NULL;
    }
    c->doomed = false;
}

/* The one way out of a session or an attempt, whatever ended it. next: WAITING or CLOSING. */
static void lose(struct conn *c, enum err err, const char *why, enum state next)
{
    bool was_up = c->state == UP;
    conn_done done = c->done;
    void *done_arg = c->done_arg;
    struct pg_reply reply = {0};
    keep_error(c, why);
    if (done) {
        pipeline_fail(&c->pipeline, err, c->last_error);
        pipeline_take(&c->pipeline, &reply);
        c->done = NULL;
    }
    resolve_abandon(c->resolve);
    close_session(c);
    c->state = next;
    if (next == WAITING) {
        uint32_t wait_ms = backoff_next_ms(&c->backoff);
        log_warn(c->who, "event=%s error=\"%s\" retry_ms=%" PRIu32,
                 was_up ? "database_lost" : "database_unreachable", c->last_error, wait_ms);
        set_timer(c, wait_ms);
    }
    /* Everything is settled before anybody is told: they may call us again. */
    if (done) {
        done(done_arg, &reply);
        pg_reply_free(&reply);
    }
    if (was_up) {
        c->events->down(c->arg, err, c->last_error);
    }
}

/* ---- requests ---- */

/* A prepared statement that the server has lost (a pooler in between) or whose result has another
 * shape since a migration: only a new session helps. */
static bool is_stale(const char *sqlstate)
{
    return strcmp(sqlstate, "26000") == 0 || strcmp(sqlstate, "0A000") == 0;
}

static void finish_request(struct conn *c)
{
    struct pg_reply reply;
    conn_done done = c->done;
    void *done_arg = c->done_arg;
    c->done = NULL;
    pipeline_take(&c->pipeline, &reply);
    if (c->state == UP && !c->doomed) {
        (void)uv_timer_stop(&c->timer);
    }
    if (is_stale(reply.sqlstate)) {
        conn_drop(c, reply.message);
    }
    done(done_arg, &reply);
    pg_reply_free(&reply);
}

static void on_traffic(void *arg, int status, int events);

/* Sends what is left to send and asks for what must be waited for. False when the session is lost.
 */
static bool flush(struct conn *c)
{
    int left = PQflush(c->pg);
    /* While output waits, input is read as well, else both sides could wait for each other. */
    return left >= 0 && watch_for(&c->watch, c->loop, PQsocket(c->pg),
                                  UV_READABLE | (left ? UV_WRITABLE : 0), on_traffic, c);
}

static const char *pg_error(const struct conn *c)
{
    const char *text = PQerrorMessage(c->pg);
    return text && text[0] ? text : "the connection is gone";
}

static void on_traffic(void *arg, int status, int events)
{
    struct conn *c = arg;
    const PGconn *session = c->pg;
    if (((events & UV_READABLE) || status < 0) && !PQconsumeInput(c->pg)) {
        (void)pipeline_drain(&c->pipeline); /* the server's last word, if it came with the end */
        lose(c, ERR_TRANSIENT, pg_error(c), WAITING);
        return;
    }
    if (!pipeline_busy(&c->pipeline)) {
        (void)PQisBusy(c->pg); /* parses what came unasked: notices, parameter changes */
    } else if (pipeline_drain(&c->pipeline)) {
        finish_request(c);
    }
    if (c->pg != session) {
        return; /* the callback has closed us */
    }
    if (c->pipeline.broken || PQstatus(c->pg) == CONNECTION_BAD || !flush(c)) {
        lose(c, ERR_TRANSIENT, pg_error(c), WAITING);
    }
}

static enum err send_steps(struct conn *c, const struct pg_step *steps, size_t n, conn_done done,
                           void *arg)
{
    enum err err = pipeline_send(&c->pipeline, steps, n);
    if (err != ERR_OK) {
        if (err == ERR_TRANSIENT) {
            conn_drop(c, pg_error(c));
        }
        return err;
    }
    c->done = done;
    c->done_arg = arg;
    if (!flush(c)) {
        conn_drop(c, pg_error(c)); /* the answer comes with the end of the session */
    }
    return ERR_OK;
}

enum err conn_send(struct conn *c, const struct pg_step *steps, size_t n, uint32_t timeout_ms,
                   conn_done done, void *arg)
{
    if (!conn_up(c)) {
        return ERR_CLOSED;
    }
    enum err err = send_steps(c, steps, n, done, arg);
    if (err == ERR_OK && !c->doomed) {
        set_timer(c, timeout_ms ? timeout_ms : c->config.request_timeout_ms);
    }
    return err;
}

/* ---- connecting ---- */

static void on_settings(void *arg, const struct pg_reply *reply)
{
    struct conn *c = arg;
    if (c->state != SETTING_UP) {
        return; /* answered by lose() */
    }
    if (reply->err != ERR_OK) {
        conn_drop(c, reply->message);
        return;
    }
    c->state = UP;
    (void)uv_timer_stop(&c->timer);
    backoff_reset(&c->backoff);
    log_info(c->who, "event=database_connected server_version=%d backend=%d",
             PQserverVersion(c->pg), PQbackendPID(c->pg));
    c->events->up(c->arg);
}

/* synchronous_commit may be off for a role or a database; the promise of a PUBACK needs it on. The
 * keepalives are the server's side: a lane whose network was cut loses its lock within seconds. */
static void set_up(struct conn *c)
{
    static const struct pg_statement settings = {
        NULL, "select set_config('synchronous_commit', 'on', false),"
              " set_config('client_encoding', 'UTF8', false),"
              " set_config('tcp_keepalives_idle', '2', false),"
              " set_config('tcp_keepalives_interval', '1', false),"
              " set_config('tcp_keepalives_count', '3', false),"
              " set_config('tcp_user_timeout', '5000', false),"
              " set_config('statement_timeout', $1::text, false)"};
    if (PQsetnonblocking(c->pg, 1) != 0 || !PQenterPipelineMode(c->pg)) {
        lose(c, ERR_TRANSIENT, pg_error(c), WAITING);
        return;
    }
    pipeline_init(&c->pipeline, c->pg);
    c->state = SETTING_UP;
    char timeout[16];
    int len = snprintf(timeout, sizeof timeout, "%" PRIu32, c->config.statement_timeout_ms);
    struct pg_param param = {timeout, (size_t)len};
    struct pg_step step = {&settings, &param, 1};
    if (send_steps(c, &step, 1, on_settings, c) != ERR_OK && !c->doomed) {
        conn_drop(c, "out of memory");
    }
}

static void on_handshake(void *arg, int status, int events);

static void await_handshake(struct conn *c, int events)
{
    if (!watch_for(&c->watch, c->loop, PQsocket(c->pg), events, on_handshake, c)) {
        lose(c, ERR_TRANSIENT, "cannot watch the socket", WAITING);
    }
}

static void on_handshake(void *arg, int status, int events)
{
    struct conn *c = arg;
    (void)status;
    (void)events;
    watch_pause(c->watch);
    switch (PQconnectPoll(c->pg)) {
    case PGRES_POLLING_READING:
        await_handshake(c, UV_READABLE);
        break;
    case PGRES_POLLING_WRITING:
        await_handshake(c, UV_WRITABLE);
        break;
    case PGRES_POLLING_OK:
        set_up(c);
        break;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE:
    default:
        lose(c, ERR_TRANSIENT, pg_error(c), WAITING);
        break;
    }
}

static void on_notice(void *arg, const char *message)
{
    const struct conn *c = arg;
    struct span s = span_trim(span_of(message));
    log_debug(c->who, "event=database_notice text=\"%.*s\"", SPAN_ARG(s));
}

static void on_resolved(void *arg, enum err err, const char *why)
{
    struct conn *c = arg;
    if (err != ERR_OK) {
        lose(c, err, why, WAITING);
        return;
    }
    resolve_add(c->resolve, "application_name", c->application);
    resolve_add(c->resolve, "client_encoding", "UTF8");
    resolve_add(c->resolve, "keepalives_idle", "2");
    resolve_add(c->resolve, "keepalives_interval", "1");
    resolve_add(c->resolve, "keepalives_count", "3");
    resolve_add(c->resolve, "tcp_user_timeout", "5000");
    /* Looking for Kerberos credentials may ask name servers, in the middle of the loop. */
    resolve_add(c->resolve, "gssencmode", "disable");
    c->pg = PQconnectStartParams(resolve_keywords(c->resolve), resolve_values(c->resolve), 0);
    if (!c->pg) {
        lose(c, ERR_NOMEM, "out of memory", WAITING);
        return;
    }
    if (PQstatus(c->pg) == CONNECTION_BAD) {
        lose(c, ERR_TRANSIENT, pg_error(c), WAITING);
        return;
    }
    (void)PQsetNoticeProcessor(c->pg, on_notice, c);
    c->state = CONNECTING;
    await_handshake(c, UV_WRITABLE);
}

static void attempt(struct conn *c)
{
    c->state = RESOLVING;
    set_timer(c, c->config.connect_timeout_ms);
    if (resolve_start(c->resolve, on_resolved, c) != ERR_OK) {
        lose(c, ERR_TRANSIENT, "the resolver does not answer", WAITING);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct conn *c = timer->data;
    char why[PG_MESSAGE_MAX];
    switch (c->state) {
    case WAITING:
        attempt(c);
        break;
    case RESOLVING:
        lose(c, ERR_TIMEOUT, "the resolver does not answer", WAITING);
        break;
    case CONNECTING:
    case SETTING_UP:
    case UP:
        (void)snprintf(why, sizeof why, "%s",
                       c->doomed ? c->last_error : "the server does not answer in time");
        lose(c, c->doomed ? ERR_TRANSIENT : ERR_TIMEOUT, why, WAITING);
        break;
    case STOPPED:
    case CLOSING:
    default:
        break;
    }
}

/* ---- life ---- */

enum err conn_new(struct conn **out, uv_loop_t *loop, const struct conn_config *config,
                  const struct conn_events *events, void *arg)
{
    char *why = NULL;
    enum err err = ERR_NOMEM;
    struct conn *c = mem_zalloc(sizeof *c);
    if (!c) {
        return ERR_NOMEM;
    }
    c->loop = loop;
    c->config = *config;
    c->who = mem_strdup(config->who);
    c->application = mem_strdup(config->application);
    c->events = events;
    c->arg = arg;
    backoff_init(&c->backoff, config->retry_first_ms, config->retry_max_ms);
    if (c->who && c->application) {
        err = resolve_new(&c->resolve, loop, config->conninfo, &why);
    }
    if (err != ERR_OK) {
        if (why) {
            log_error(config->who, "event=bad_conninfo error=\"%s\"", why);
            PQfreemem(why);
        }
        mem_free(c->who);
        mem_free(c->application);
        mem_free(c);
        return err;
    }
    (void)uv_timer_init(loop, &c->timer);
    c->timer.data = c;
    *out = c;
    return ERR_OK;
}

void conn_start(struct conn *c)
{
    if (c->state == STOPPED) {
        attempt(c);
    }
}

bool conn_up(const struct conn *c)
{
    return c->state == UP && !c->doomed;
}

bool conn_ready(const struct conn *c)
{
    return conn_up(c) && !pipeline_busy(&c->pipeline);
}

bool conn_in_transaction(const struct conn *c)
{
    return c->pg && PQtransactionStatus(c->pg) != PQTRANS_IDLE;
}

void conn_drop(struct conn *c, const char *why)
{
    if (c->pg && !c->doomed) {
        keep_error(c, why);
        c->doomed = true;
        set_timer(c, 0);
    }
}

const char *conn_last_error(const struct conn *c)
{
    return c->last_error;
}

static void on_freed(void *arg)
{
    struct conn *c = arg;
    void (*closed)(void *arg) = c->closed;
    void *closed_arg = c->closed_arg;
    mem_free(c->who);
    mem_free(c->application);
    mem_free(c);
    if (closed) {
        closed(closed_arg);
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct conn *c = handle->data;
    resolve_free(c->resolve, on_freed, c);
}

void conn_close(struct conn *c, void (*closed)(void *arg), void *arg)
{
    if (c->state == CLOSING) {
        return;
    }
    c->closed = closed;
    c->closed_arg = arg;
    lose(c, ERR_CLOSED, "closed by us", CLOSING);
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}
