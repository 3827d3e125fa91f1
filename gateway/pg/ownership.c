/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/ownership.h"

#include <stdio.h>

#include "base/log.h"

#define CATALOGUE_BYTES ((size_t)16 << 20)

static void ask_lock(struct ownership *o);

static void set_reason(struct ownership *o, const char *what, const char *why)
{
    (void)snprintf(o->reason, sizeof o->reason, "%s: %s%s%s", o->settings.who, what,
                   why[0] ? ": " : "", why);
}

static void lose(struct ownership *o)
{
    bool held = o->state == OWNERSHIP_OWNED;
    o->state = OWNERSHIP_DOWN;
    uv_timer_stop(&o->wait_timer);
    if (held) {
        o->events->lost(o->arg);
    }
}

void ownership_give_up(struct ownership *o, enum err e, const char *why)
{
    o->fatal = e == ERR_FATAL || e == ERR_INVALID;
    set_reason(o, o->fatal ? "stopped" : "connection given up", why);
    if (o->fatal) {
        log_error(o->settings.who, "event=stopped why=\"%s\"", why);
    }
    conn_drop(o->conn, why);
}

static void on_wait_timer(uv_timer_t *t)
{
    struct ownership *o = t->data;
    if (o->state == OWNERSHIP_WAITING) {
        ask_lock(o);
    }
}

static void wait_and_ask(struct ownership *o, uint32_t ms)
{
    o->state = OWNERSHIP_WAITING;
    uv_timer_start(&o->wait_timer, on_wait_timer, ms, 0);
}

/* ---- loading ---- */

static enum err make_statements(struct ownership *o, const struct pg_reply *reply, const char **why)
{
    if (o->has_statements) {
        statements_free(&o->statements);
    }
    statements_init(&o->statements, CATALOGUE_BYTES);
    o->has_statements = true;
    return statements_make(&o->statements, o->schema, lane_row_catalogue(reply), why);
}

static void win(struct ownership *o, const struct lane_row *row)
{
    o->state = OWNERSHIP_OWNED;
    o->fatal = false;
    o->reason[0] = '\0';
    o->events->won(o->arg, row);
}

static void on_loaded(void *arg, const struct pg_reply *reply)
{
    struct ownership *o = arg;
    struct lane_row row;
    const char *why = reply->message;
    enum err e = reply->err;
    if (e == ERR_OK) {
        e = make_statements(o, reply, &why);
    }
    if (e == ERR_OK) {
        why = "the lane's row is not of the expected form";
        e = lane_row_take(reply, &row);
    }
    if (e == ERR_OK) {
        win(o, &row);
    } else if (conn_up(o->conn)) {
        ownership_give_up(o, e, why[0] ? why : err_text(e));
    }
}

static void load(struct ownership *o)
{
    o->state = OWNERSHIP_LOADING;
    enum err e = lane_row_load(o->conn, o->settings.lane, on_loaded, o);
    if (e != ERR_OK) {
        ownership_give_up(o, e, err_text(e));
    }
}

/* ---- the lock ---- */

static void on_lock(void *arg, const struct pg_reply *reply)
{
    struct ownership *o = arg;
    bool ours = false;
    if (!lane_row_locked(reply, &ours)) {
        if (conn_up(o->conn)) {
            ownership_give_up(o, reply->err, reply->message);
        }
        return;
    }
    if (ours) {
        load(o);
    } else {
        set_reason(o, "standby", "another gateway holds the lane");
        wait_and_ask(o, o->settings.lock_poll_ms);
    }
}

static void ask_lock(struct ownership *o)
{
    o->state = OWNERSHIP_ASKING;
    enum err e = lane_row_lock(o->conn, o->settings.lane, on_lock, o);
    if (e != ERR_OK) {
        ownership_give_up(o, e, err_text(e));
    }
}

static void on_up(void *arg)
{
    struct ownership *o = arg;
    if (o->fatal) {
        wait_and_ask(o, o->settings.fatal_retry_ms);
    } else {
        ask_lock(o);
    }
}

static void on_down(void *arg, enum err err, const char *why)
{
    struct ownership *o = arg;
    (void)err;
    if (!o->fatal) {
        set_reason(o, "no connection to the database", why);
    }
    lose(o);
}

/* ---- the outside ---- */

enum err ownership_init(struct ownership *o, uv_loop_t *loop, const struct schema *schema,
                        const struct ownership_settings *settings, const struct conn_config *config,
                        const struct ownership_events *events, void *arg)
{
    static const struct conn_events of_conn = {on_up, on_down};
    *o = (struct ownership){
        .settings = *settings, .schema = schema, .events = events, .arg = arg, .handles = 2};
    set_reason(o, "starting", "");
    enum err e = conn_new(&o->conn, loop, config, &of_conn, o);
    if (e == ERR_OK) {
        (void)uv_timer_init(loop, &o->wait_timer);
        o->wait_timer.data = o;
    }
    return e;
}

void ownership_start(struct ownership *o)
{
    conn_start(o->conn);
}

bool ownership_held(const struct ownership *o)
{
    return o->state == OWNERSHIP_OWNED;
}

static void part_closed(struct ownership *o)
{
    if (--o->handles == 0) {
        o->closed(o->arg);
    }
}

static void on_handle_closed(uv_handle_t *h)
{
    part_closed(h->data);
}

static void on_conn_closed(void *arg)
{
    part_closed(arg);
}

void ownership_close(struct ownership *o, void (*closed)(void *arg))
{
    o->closed = closed;
    set_reason(o, "closing", "");
    uv_close((uv_handle_t *)&o->wait_timer, on_handle_closed);
    conn_close(o->conn, on_conn_closed, o);
}

void ownership_free(struct ownership *o)
{
    if (o->has_statements) {
        statements_free(&o->statements);
    }
}
