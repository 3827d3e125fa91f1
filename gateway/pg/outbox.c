/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/outbox.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/log.h"

#define REASON_MAX 400
#define NUMBER_MAX 8

static const char who[] = "outbox";

enum request { REQUEST_NONE, REQUEST_READ, REQUEST_DONE, REQUEST_HEADS };

struct outbox {
    const struct outbox_events *events;
    void *ctx;
    uint32_t lock_poll_ms;
    struct conn *conn;
    uv_timer_t timer;
    bool owned;
    char reason[REASON_MAX];

    enum request request;
    union {
        outbox_rows rows;
        outbox_moved done;
        outbox_heads heads;
    } answer;
    void *arg;
    struct arena arena; /* rows of one answer */

    int handles;
    void (*closed)(void *arg);
    void *closed_arg;
};

/* ---- statements ---- */

static const struct pg_statement outbox_lock = {
    NULL, "select pg_try_advisory_lock(hashtext('dualgate.feed'), 0)"};

static const struct pg_statement cursor_row = {
    NULL, "select feed_seq from dg.feed_cursor where name = 'feed'"};

static const struct pg_statement select_rows = {
    "outbox_rows", "select feed_seq, prev, sector, township, record, ledger_no, accepted_at, hash,"
                   "       payload"
                   "  from dg.outbox where feed_seq > $1::int8"
                   " order by feed_seq limit $2::int4"};

static const struct pg_statement move_cursor = {"outbox_cursor",
                                                "update dg.feed_cursor set feed_seq = $1::int8"
                                                " where name = 'feed' and feed_seq < $1::int8"};

static const struct pg_statement select_heads = {
    "outbox_heads", "select sector, township, record, last_seq from dg.feed_head"
                    " order by sector, township, record"};

static const struct pg_statement delete_old = {
    "outbox_prune", "delete from dg.outbox where feed_seq in ("
                    " select feed_seq from dg.outbox"
                    "  where feed_seq <= (select feed_seq from dg.feed_cursor where name = 'feed')"
                    "    and accepted_at < clock_timestamp() - make_interval(days => $1::int4)"
                    "  order by feed_seq limit $2::int4)"};

/* ---- ownership ---- */

static void ask_lock(struct outbox *o);

static void set_reason(struct outbox *o, const char *what, const char *why)
{
    (void)snprintf(o->reason, sizeof o->reason, "feed: %s%s%s", what, why[0] ? ": " : "", why);
}

static void give_up(struct outbox *o, const char *why)
{
    set_reason(o, "connection given up", why);
    conn_drop(o->conn, why);
}

static void on_timer(uv_timer_t *t)
{
    struct outbox *o = t->data;
    if (conn_ready(o->conn) && !o->owned) {
        ask_lock(o);
    }
}

static void on_lock(void *arg, const struct pg_reply *reply)
{
    struct outbox *o = arg;
    bool ours = false;
    int64_t cursor = 0;
    if (!conn_up(o->conn)) {
        return;
    }
    if (reply->err != ERR_OK || !result_bool(reply->results[0], 0, 0, &ours) ||
        !result_int(reply->results[1], 0, 0, &cursor)) {
        give_up(o, reply->message);
        return;
    }
    if (!ours) {
        set_reason(o, "standby", "another gateway publishes the feeds");
        uv_timer_start(&o->timer, on_timer, o->lock_poll_ms, 0);
        return;
    }
    o->owned = true;
    o->reason[0] = '\0';
    log_info(who, "event=owned cursor=%" PRId64, cursor);
    o->events->on_owned(o->ctx, cursor);
}

static void ask_lock(struct outbox *o)
{
    static const struct pg_step steps[] = {{&outbox_lock, NULL, 0}, {&cursor_row, NULL, 0}};
    enum err e = conn_send(o->conn, steps, 2, 0, on_lock, o);
    if (e != ERR_OK) {
        give_up(o, err_text(e));
    }
}

static void on_up(void *arg)
{
    ask_lock(arg);
}

static void on_down(void *arg, enum err err, const char *why)
{
    struct outbox *o = arg;
    bool owned = o->owned;
    (void)err;
    o->owned = false;
    set_reason(o, "no connection to the database", why);
    uv_timer_stop(&o->timer);
    if (owned) {
        log_warn(who, "event=lost why=\"%s\"", why);
        o->events->on_lost(o->ctx);
    }
}

/* ---- requests ---- */

static bool text(struct outbox *o, const struct pg_result *r, size_t row, int col, const char **out)
{
    struct span s;
    if (!result_text(r, row, col, &s)) {
        return false;
    }
    *out = arena_strndup(&o->arena, s.at, s.len);
    return *out != NULL;
}

static bool take_row(struct outbox *o, const struct pg_result *r, size_t row, struct feed_row *out)
{
    struct span hash;
    if (!result_int(r, row, 0, &out->feed_seq) || !result_int(r, row, 1, &out->prev) ||
        !text(o, r, row, 2, &out->sector) || !text(o, r, row, 3, &out->township) ||
        !text(o, r, row, 4, &out->record) || !result_int(r, row, 5, &out->ledger_no) ||
        !result_time(r, row, 6, &out->accepted_us) || !result_bytes(r, row, 7, &hash) ||
        hash.len != DIGEST_BYTES || !result_bytes(r, row, 8, &out->report)) {
        return false;
    }
    memcpy(out->hash, hash.at, DIGEST_BYTES);
    return true;
}

static bool take_head(struct outbox *o, const struct pg_result *r, size_t row,
                      struct outbox_head *out)
{
    return text(o, r, row, 0, &out->sector) && text(o, r, row, 1, &out->township) &&
           text(o, r, row, 2, &out->record) && result_int(r, row, 3, &out->last_seq);
}

static void answer_rows(struct outbox *o, const struct pg_reply *reply)
{
    outbox_rows done = o->answer.rows;
    size_t n = reply->err == ERR_OK ? result_rows(reply->results[0]) : 0;
    struct feed_row *rows = arena_alloc(&o->arena, n * sizeof *rows);
    enum err e = rows ? reply->err : ERR_NOMEM;
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        e = take_row(o, reply->results[0], i, &rows[i]) ? ERR_OK : ERR_NOMEM;
    }
    done(o->arg, rows, e == ERR_OK ? n : 0, e);
}

static void answer_heads(struct outbox *o, const struct pg_reply *reply)
{
    outbox_heads done = o->answer.heads;
    size_t n = reply->err == ERR_OK ? result_rows(reply->results[0]) : 0;
    struct outbox_head *heads = arena_alloc(&o->arena, n * sizeof *heads);
    enum err e = heads ? reply->err : ERR_NOMEM;
    for (size_t i = 0; i < n && e == ERR_OK; i++) {
        e = take_head(o, reply->results[0], i, &heads[i]) ? ERR_OK : ERR_NOMEM;
    }
    done(o->arg, heads, e == ERR_OK ? n : 0, e);
}

static void on_reply(void *arg, const struct pg_reply *reply)
{
    struct outbox *o = arg;
    enum request request = o->request;
    o->request = REQUEST_NONE;
    if (request == REQUEST_READ) {
        answer_rows(o, reply);
    } else if (request == REQUEST_HEADS) {
        answer_heads(o, reply);
    } else {
        o->answer.done(o->arg, reply->err);
    }
    /* The callback may have made the next request, but its answer comes later. */
    arena_reset(&o->arena);
    if (reply->err != ERR_OK && conn_up(o->conn)) {
        log_warn(who, "event=request_failed sqlstate=%s why=\"%s\"", reply->sqlstate,
                 reply->message);
        give_up(o, reply->message);
    }
}

static struct pg_param number(uint8_t out[NUMBER_MAX], int64_t v, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)((uint64_t)v >> (8 * (len - 1 - i)));
    }
    return (struct pg_param){out, len};
}

static enum err request(struct outbox *o, const struct pg_step *step, enum request what)
{
    if (!o->owned) {
        return ERR_CLOSED;
    }
    if (o->request != REQUEST_NONE || !conn_ready(o->conn)) {
        return ERR_FULL;
    }
    enum err e = conn_send(o->conn, step, 1, 0, on_reply, o);
    if (e == ERR_OK) {
        o->request = what;
    }
    return e;
}

static enum err read_rows(void *ctx, int64_t after, uint32_t rows_max, outbox_rows done, void *arg)
{
    struct outbox *o = ctx;
    uint8_t bytes[2][NUMBER_MAX];
    struct pg_param params[] = {number(bytes[0], after, 8), number(bytes[1], rows_max, 4)};
    struct pg_step step = {&select_rows, params, 2};
    enum err e = request(o, &step, REQUEST_READ);
    if (e == ERR_OK) {
        o->answer.rows = done;
        o->arg = arg;
    }
    return e;
}

static enum err move(void *ctx, int64_t to, outbox_moved done, void *arg)
{
    struct outbox *o = ctx;
    uint8_t bytes[NUMBER_MAX];
    struct pg_param param = number(bytes, to, 8);
    struct pg_step step = {&move_cursor, &param, 1};
    enum err e = request(o, &step, REQUEST_DONE);
    if (e == ERR_OK) {
        o->answer.done = done;
        o->arg = arg;
    }
    return e;
}

const struct outbox_ops outbox_feed_ops = {read_rows, move};

enum err outbox_read_heads(struct outbox *o, outbox_heads done, void *arg)
{
    struct pg_step step = {&select_heads, NULL, 0};
    enum err e = request(o, &step, REQUEST_HEADS);
    if (e == ERR_OK) {
        o->answer.heads = done;
        o->arg = arg;
    }
    return e;
}

enum err outbox_prune(struct outbox *o, uint32_t keep_days, uint32_t rows_max, outbox_moved done,
                      void *arg)
{
    uint8_t bytes[2][NUMBER_MAX];
    struct pg_param params[] = {number(bytes[0], keep_days, 4), number(bytes[1], rows_max, 4)};
    struct pg_step step = {&delete_old, params, 2};
    enum err e = request(o, &step, REQUEST_DONE);
    if (e == ERR_OK) {
        o->answer.done = done;
        o->arg = arg;
    }
    return e;
}

/* ---- life ---- */

enum err outbox_new(struct outbox **out, uv_loop_t *loop, const struct conn_config *config,
                    uint32_t lock_poll_ms, const struct outbox_events *events, void *ctx)
{
    static const struct conn_events session = {on_up, on_down};
    struct outbox *o = mem_zalloc(sizeof *o);
    if (!o) {
        return ERR_NOMEM;
    }
    o->events = events;
    o->ctx = ctx;
    o->lock_poll_ms = lock_poll_ms;
    set_reason(o, "starting", "");
    arena_init(&o->arena, SIZE_MAX / 2);
    enum err e = conn_new(&o->conn, loop, config, &session, o);
    if (e != ERR_OK) {
        mem_free(o);
        return e;
    }
    (void)uv_timer_init(loop, &o->timer);
    o->timer.data = o;
    o->handles = 2;
    *out = o;
    return ERR_OK;
}

void outbox_start(struct outbox *o)
{
    conn_start(o->conn);
}

bool outbox_owned(const struct outbox *o)
{
    return o->owned;
}

const char *outbox_reason(const struct outbox *o)
{
    return o->reason;
}

static void part_closed(struct outbox *o)
{
    if (--o->handles > 0) {
        return;
    }
    void (*closed)(void *) = o->closed;
    void *arg = o->closed_arg;
    arena_free(&o->arena);
    mem_free(o);
    closed(arg);
}

static void on_timer_closed(uv_handle_t *h)
{
    part_closed(h->data);
}

static void on_conn_closed(void *arg)
{
    part_closed(arg);
}

void outbox_close(struct outbox *o, void (*closed)(void *arg), void *arg)
{
    o->closed = closed;
    o->closed_arg = arg;
    uv_close((uv_handle_t *)&o->timer, on_timer_closed);
    conn_close(o->conn, on_conn_closed, o);
}
