/* SPDX-License-Identifier: Apache-2.0 */
/* poll → (version or day changed) → begin and small tables → pages of the large ones → commit →
 * loaded → poll. Validity is judged by the civil day of Asia/Shanghai, as everywhere. */
#include "pg/register_load.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/log.h"
#include "pg/register_rows.h"

/* Rows in one round trip: what the loop may be busy with at once. */
#define PAGE_ROWS     2000
#define KEY_BYTES_MAX 512

static const struct pg_statement version_select = {
    "register_version", "select n, " REGISTER_TODAY "::text from register.version"};
static const struct pg_statement snapshot_begin = {
    "register_begin", "begin isolation level repeatable read read only"};
static const struct pg_statement snapshot_end = {"register_end", "commit"};

struct register_load {
    struct conn *conn;
    uv_timer_t timer;
    uint32_t poll_ms;
    const struct register_load_ops *ops;
    void *ctx;

    bool have;
    int64_t version, loading_version;
    char day[16], loading_day[16];
    struct registry *building;
    size_t page; /* of register_pages: the table that is being read */
    char last_key[REGISTER_KEYS_MAX][KEY_BYTES_MAX];
    char reason[PG_MESSAGE_MAX + 64];
    bool closing;
    void (*closed)(void *arg);
    void *closed_arg;
};

static void on_poll(uv_timer_t *timer);

static void poll_later(struct register_load *l)
{
    if (!l->closing) {
        (void)uv_timer_start(&l->timer, on_poll, l->poll_ms, 0);
    }
}

/* This attempt is over; the next poll begins anew. */
static void give_up(struct register_load *l, const char *why)
{
    registry_free(l->building);
    l->building = NULL;
    if (!l->have) {
        (void)snprintf(l->reason, sizeof l->reason, "the register cannot be read: %s", why);
    }
    if (!l->closing) {
        log_warn("register", "event=register_not_loaded error=\"%s\"", why);
    }
    if (conn_in_transaction(l->conn)) {
        conn_drop(l->conn, "register transaction left open");
    }
    poll_later(l);
}

static bool failed(struct register_load *l, const struct pg_reply *reply)
{
    if (l->closing) {
        registry_free(l->building);
        l->building = NULL;
        return true;
    }
    if (reply->err != ERR_OK) {
        give_up(l, reply->message);
        return true;
    }
    return false;
}

static void on_end(void *arg, const struct pg_reply *reply)
{
    struct register_load *l = arg;
    if (failed(l, reply)) {
        return;
    }
    struct registry *ready = l->building;
    l->building = NULL;
    l->version = l->loading_version;
    memcpy(l->day, l->loading_day, sizeof l->day);
    l->have = true;
    l->reason[0] = '\0';
    log_info("register", "event=register_loaded version=%" PRId64 " units=%zu", l->version,
             registry_unit_count(ready));
    poll_later(l);
    l->ops->loaded(l->ctx, ready, l->version);
}

static void ask_page(struct register_load *l);

static void begin_table(struct register_load *l, size_t page)
{
    l->page = page;
    memset(l->last_key, 0, sizeof l->last_key);
}

static void on_page(void *arg, const struct pg_reply *reply)
{
    struct register_load *l = arg;
    if (failed(l, reply)) {
        return;
    }
    const struct register_page *page = &register_pages[l->page];
    const struct pg_result *r = reply->results[0];
    size_t n = result_rows(r);
    enum err err = page->take(l->building, r);
    if (err != ERR_OK) {
        give_up(l, err_text(err));
        return;
    }
    for (size_t i = 0; i < page->keys && n == PAGE_ROWS; i++) {
        (void)snprintf(l->last_key[i], KEY_BYTES_MAX, "%s", register_cell(r, n - 1, (int)i));
    }
    if (n < PAGE_ROWS) {
        begin_table(l, l->page + 1);
    }
    ask_page(l);
}

/* The next page, or the end after the last table. */
static void ask_page(struct register_load *l)
{
    static const uint8_t limit[4] = {0, 0, PAGE_ROWS >> 8, PAGE_ROWS & 0xff};
    struct pg_param params[REGISTER_KEYS_MAX + 1];
    struct pg_step step = {&snapshot_end, NULL, 0};
    bool end = l->page == REGISTER_PAGES;
    if (!end) {
        const struct register_page *page = &register_pages[l->page];
        for (size_t i = 0; i < page->keys; i++) {
            params[i] = (struct pg_param){l->last_key[i], strlen(l->last_key[i])};
        }
        params[page->keys] = (struct pg_param){limit, sizeof limit};
        step = (struct pg_step){&page->select, params, page->keys + 1};
    }
    if (conn_send(l->conn, &step, 1, 0, end ? on_end : on_page, l) != ERR_OK) {
        give_up(l, "the session is gone");
    }
}

static bool take_version(const struct pg_result *r, int64_t *version, char day[16])
{
    const char *text = register_cell(r, 0, 1);
    if (!text || !result_int(r, 0, 0, version)) {
        return false;
    }
    (void)snprintf(day, 16, "%s", text);
    return true;
}

static void on_begun(void *arg, const struct pg_reply *reply)
{
    struct register_load *l = arg;
    if (failed(l, reply)) {
        return;
    }
    enum err err = registry_new(&l->building);
    if (err == ERR_OK && !take_version(reply->results[1], &l->loading_version, l->loading_day)) {
        err = ERR_FATAL;
    }
    for (size_t i = 0; i < REGISTER_TABLES && err == ERR_OK; i++) {
        err = register_tables[i].take(l->building, reply->results[2 + i]);
    }
    if (err != ERR_OK) {
        give_up(l, err_text(err));
        return;
    }
    begin_table(l, 0);
    ask_page(l);
}

static void on_version(void *arg, const struct pg_reply *reply)
{
    struct pg_step steps[2 + REGISTER_TABLES] = {{&snapshot_begin, NULL, 0},
                                                 {&version_select, NULL, 0}};
    struct register_load *l = arg;
    int64_t version = 0;
    char day[16] = "";
    if (failed(l, reply)) {
        return;
    }
    if (!take_version(reply->results[0], &version, day)) {
        give_up(l, "register.version has no row");
        return;
    }
    if (l->have && version == l->version && strcmp(day, l->day) == 0) {
        poll_later(l);
        return;
    }
    for (size_t i = 0; i < REGISTER_TABLES; i++) {
        steps[2 + i] = (struct pg_step){&register_tables[i].select, NULL, 0};
    }
    if (conn_send(l->conn, steps, 2 + REGISTER_TABLES, 0, on_begun, l) != ERR_OK) {
        give_up(l, "the session is gone");
    }
}

static void on_poll(uv_timer_t *timer)
{
    struct register_load *l = timer->data;
    struct pg_step step = {&version_select, NULL, 0};
    if (!conn_up(l->conn)) {
        return; /* on_up asks */
    }
    if (conn_send(l->conn, &step, 1, 0, on_version, l) != ERR_OK) {
        poll_later(l);
    }
}

static void on_up(void *arg)
{
    struct register_load *l = arg;
    if (!l->closing) {
        (void)uv_timer_start(&l->timer, on_poll, 0, 0);
    }
}

static void on_down(void *arg, enum err err, const char *why)
{
    struct register_load *l = arg;
    (void)err;
    if (!l->have) {
        (void)snprintf(l->reason, sizeof l->reason, "the register cannot be read: %s", why);
    }
    (void)uv_timer_stop(&l->timer);
}

static const struct conn_events events = {on_up, on_down};

enum err register_load_new(struct register_load **out, uv_loop_t *loop,
                           const struct conn_config *config, uint32_t poll_ms,
                           const struct register_load_ops *ops, void *ctx)
{
    struct register_load *l = mem_zalloc(sizeof *l);
    if (!l) {
        return ERR_NOMEM;
    }
    l->poll_ms = poll_ms;
    l->ops = ops;
    l->ctx = ctx;
    (void)snprintf(l->reason, sizeof l->reason, "the register is not loaded yet");
    enum err err = conn_new(&l->conn, loop, config, &events, l);
    if (err != ERR_OK) {
        mem_free(l);
        return err;
    }
    (void)uv_timer_init(loop, &l->timer);
    l->timer.data = l;
    *out = l;
    return ERR_OK;
}

void register_load_set_poll(struct register_load *l, uint32_t poll_ms)
{
    l->poll_ms = poll_ms;
}

void register_load_start(struct register_load *l)
{
    conn_start(l->conn);
}

const char *register_load_reason(const struct register_load *l)
{
    return l->reason;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct register_load *l = handle->data;
    void (*closed)(void *arg) = l->closed;
    void *arg = l->closed_arg;
    registry_free(l->building);
    mem_free(l);
    if (closed) {
        closed(arg);
    }
}

static void on_conn_closed(void *arg)
{
    struct register_load *l = arg;
    uv_close((uv_handle_t *)&l->timer, on_timer_closed);
}

void register_load_close(struct register_load *l, void (*closed)(void *arg), void *arg)
{
    l->closing = true;
    l->closed = closed;
    l->closed_arg = arg;
    (void)uv_timer_stop(&l->timer);
    conn_close(l->conn, on_conn_closed, l);
}
