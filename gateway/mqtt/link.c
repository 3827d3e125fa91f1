/* SPDX-License-Identifier: Apache-2.0 */
/* See link.h. struct mosquitto must not be destroyed inside its own callbacks: what is asked for
 * there waits in `pending` until link_leave(). */
#include "mqtt/link.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/metric.h"
#include "mqtt/dial.h"
#include "mqtt/socket.h"

/* Names, credentials and the will of one client. */
#define STRINGS_MAX_BYTES 262144

enum state {
    STATE_STOPPED,
    STATE_DIALLING,   /* the dial has not handed out an address yet */
    STATE_CONNECTING, /* TCP */
    STATE_GREETING,   /* CONNECT is out, CONNACK is not in */
    STATE_UP,
};

enum pending { PENDING_NONE, PENDING_DROP, PENDING_LOSE, PENDING_GOODBYE, PENDING_STOP };

struct link {
    uv_loop_t *loop;
    struct arena strings;
    struct link_settings settings;
    const struct link_ops *ops;
    void *ctx;

    enum state state;
    struct dial dial;
    uv_timer_t tick;

    struct mosquitto *m;
    struct library_user user;
    struct socket *socket;

    bool inside;   /* a call of the library is on the stack */
    bool progress; /* it has called back */
    enum pending pending;
    const char *reason;

    unsigned open_parts; /* the dial, the timer, and sockets that libuv has not let go of */
    bool closing;
    void (*closed)(void *arg);
    void *closed_arg;

    struct metric *connected, *reconnects;
    bool connected_before;
};

/* ---- the end of a connection ------------------------------------------------------------------
 */

static void release_part(void *ctx)
{
    struct link *l = ctx;
    assert(l->open_parts > 0);
    l->open_parts--;
    if (!l->closing || l->open_parts > 0) {
        return;
    }
    void (*closed)(void *) = l->closed;
    void *arg = l->closed_arg;
    arena_free(&l->strings);
    mem_free(l);
    (void)mosquitto_lib_cleanup();
    closed(arg);
}

static void close_socket(struct link *l)
{
    if (l->socket) {
        socket_close(l->socket);
        l->socket = NULL;
    }
    if (l->m) {
        /* Frees what is queued; writes nothing. */
        mosquitto_destroy(l->m);
        l->m = NULL;
    }
}

static void teardown(struct link *l)
{
    assert(!l->inside);
    close_socket(l);
    l->pending = PENDING_NONE;
    dial_stop(&l->dial);
    (void)uv_timer_stop(&l->tick);
    metric_set(l->connected, 0);
    l->state = STATE_STOPPED;
}

static void try_later(struct link *l)
{
    l->state = STATE_DIALLING;
    dial_later(&l->dial);
}

/* An attempt or a connection has failed. */
static void fail(struct link *l, const char *reason)
{
    bool opened = l->state >= STATE_GREETING;
    bool was_up = l->state == STATE_UP;
    log_warn(l->settings.who, "event=%s host=%s port=%u reason=\"%s\"",
             was_up ? "connection_lost" : "connect_failed", l->settings.host, l->settings.port,
             reason);
    if (was_up) {
        dial_forget(&l->dial);
    }
    teardown(l);
    try_later(l);
    if (opened) {
        l->ops->on_down(l->ctx);
    }
}

void link_lose(struct link *l, const char *reason)
{
    if (!l->m) {
        return;
    }
    if (l->inside) {
        l->reason = reason;
        l->pending = l->pending == PENDING_NONE ? PENDING_LOSE : l->pending;
        return;
    }
    fail(l, reason);
}

void link_drop(struct link *l)
{
    if (!l->m) {
        return;
    }
    if (l->inside) {
        l->pending = l->pending <= PENDING_LOSE ? PENDING_DROP : l->pending;
        return;
    }
    log_info(l->settings.who, "event=connection_dropped");
    teardown(l);
    try_later(l);
}

void link_stop(struct link *l)
{
    if (l->inside) {
        l->pending = PENDING_STOP;
        return;
    }
    teardown(l);
    dial_forget(&l->dial);
}

void link_goodbye(struct link *l)
{
    if (l->inside) {
        l->pending = l->pending == PENDING_STOP ? l->pending : PENDING_GOODBYE;
        return;
    }
    if (l->state == STATE_UP) {
        link_enter(l);
        (void)mosquitto_disconnect(l->m);
        l->inside = false;
    }
    link_stop(l);
}

void link_enter(struct link *l)
{
    assert(!l->inside && l->m);
    l->inside = true;
    l->progress = false;
}

enum link_step link_leave(struct link *l, int rc)
{
    l->inside = false;
    enum pending pending = l->pending;
    l->pending = PENDING_NONE;
    switch (pending) {
    case PENDING_DROP:
        link_drop(l);
        return LINK_GONE;
    case PENDING_STOP:
        link_stop(l);
        return LINK_GONE;
    case PENDING_GOODBYE:
        link_goodbye(l);
        return LINK_GONE;
    case PENDING_LOSE:
        fail(l, l->reason);
        return LINK_GONE;
    case PENDING_NONE:
        break;
    }
    if (rc != MOSQ_ERR_SUCCESS || mosquitto_socket(l->m) < 0) {
        fail(l, rc != MOSQ_ERR_SUCCESS ? mosquitto_strerror(rc) : "closed by the broker");
        return LINK_GONE;
    }
    return LINK_PROGRESS;
}

/* ---- for the owner ----------------------------------------------------------------------------
 */

enum link_step link_read(struct link *l)
{
    if (!l->m) {
        return LINK_GONE;
    }
    link_enter(l);
    errno = 0;
    int rc = mosquitto_loop_read(l->m, 1);
    /* errno alone does not say that the socket is dry: the library's own signalling pipe, full
     * after some hundred packets, leaves EAGAIN behind a packet that did come. */
    bool dry = errno == EAGAIN && !l->progress;
    if (link_leave(l, rc) == LINK_GONE) {
        return LINK_GONE;
    }
    return dry ? LINK_DRY : LINK_PROGRESS;
}

enum link_step link_misc(struct link *l)
{
    if (!l->m) {
        return LINK_GONE;
    }
    link_enter(l);
    return link_leave(l, mosquitto_loop_misc(l->m));
}

void link_watch(struct link *l, int events)
{
    if (l->socket) {
        socket_watch(l->socket, events);
    }
}

void link_cork(struct link *l, bool on)
{
    if (l->socket) {
        socket_cork(l->socket, on);
    }
}

/* ---- what the library tells -------------------------------------------------------------------
 */

static void on_connack(void *ctx, int reason, bool session_present, uint16_t window)
{
    struct link *l = ctx;
    l->progress = true;
    if (reason != 0) {
        l->reason = mosquitto_reason_string(reason);
        l->pending = PENDING_LOSE;
        return;
    }
    l->state = STATE_UP;
    dial_reached(&l->dial);
    metric_set(l->connected, 1);
    if (l->connected_before) {
        metric_add(l->reconnects, 1);
    }
    l->connected_before = true;
    log_info(l->settings.who, "event=connected host=%s port=%u session_present=%d window=%u",
             l->settings.host, l->settings.port, session_present, window);
    l->ops->on_up(l->ctx, session_present, window);
}

static void on_suback(void *ctx, int count, const int *granted)
{
    struct link *l = ctx;
    l->progress = true;
    bool all = true;
    for (int i = 0; i < count; i++) {
        all = all && granted[i] < 0x80;
    }
    l->ops->on_suback(l->ctx, all);
}

static void on_puback(void *ctx, int mid, int reason)
{
    struct link *l = ctx;
    l->progress = true;
    l->ops->on_puback(l->ctx, mid, reason);
}

static void on_message(void *ctx, const struct incoming *in)
{
    struct link *l = ctx;
    l->progress = true;
    if (l->pending == PENDING_NONE) {
        l->ops->on_message(l->ctx, in);
    }
}

static void on_goodbye(void *ctx, int reason)
{
    struct link *l = ctx;
    if (reason != 0 && l->pending == PENDING_NONE) {
        /* A DISCONNECT of the broker, or an error code of the library. */
        l->reason = reason >= 0x80 ? mosquitto_reason_string(reason) : mosquitto_strerror(reason);
        l->pending = PENDING_LOSE;
    }
}

static const struct library_ops library_ops = {on_connack, on_suback, on_puback, on_message,
                                               on_goodbye};

/* ---- what dial and socket tell ----------------------------------------------------------------
 */

static void on_connected(struct link *l)
{
    int error = socket_error(l->socket);
    if (error != 0) {
        fail(l, strerrorname_np(error) ? strerrorname_np(error) : "connect");
        return;
    }
    l->state = STATE_GREETING;
    (void)uv_timer_again(&l->tick);
    l->ops->on_open(l->ctx);
}

static void on_event(void *ctx, bool readable, bool writable)
{
    struct link *l = ctx;
    if (l->state == STATE_CONNECTING) {
        on_connected(l);
    } else {
        l->ops->on_event(l->ctx, readable, writable);
    }
}

static const struct socket_ops socket_ops = {on_event, release_part};

static enum err open_socket(struct link *l)
{
    enum err e = socket_open(&l->socket, l->loop, mosquitto_socket(l->m), &socket_ops, l);
    if (e == ERR_OK) {
        l->open_parts++;
        socket_watch(l->socket, UV_WRITABLE);
    }
    return e;
}

static void on_address(void *ctx, const char *address)
{
    struct link *l = ctx;
    l->state = STATE_CONNECTING;
    enum err e = library_connect(&l->m, &l->settings.library, &l->user, address, l->settings.port);
    if (e == ERR_OK) {
        e = open_socket(l);
    }
    if (e != ERR_OK) {
        fail(l, err_text(e));
    }
}

static void on_failed(void *ctx, const char *reason)
{
    fail(ctx, reason);
}

static const struct dial_ops dial_ops = {on_address, on_failed};

static void on_tick(uv_timer_t *timer)
{
    struct link *l = timer->data;
    l->ops->on_tick(l->ctx);
}

/* ---- life -------------------------------------------------------------------------------------
 */

/* Metrics keep the pointer to their labels for ever, so these are literals. */
static const char *labels_of(const char *who)
{
    static const char *const known[][2] = {
        {"intake", "client=\"intake\""},
        {"receipts", "client=\"receipts\""},
        {"feed", "client=\"feed\""},
        {"status", "client=\"status\""},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i][0], who) == 0) {
            return known[i][1];
        }
    }
    return "client=\"other\"";
}

static enum err copy_settings(struct link *l, const struct link_settings *from)
{
    struct link_settings *to = &l->settings;
    *to = *from;
    to->who = arena_strdup(&l->strings, from->who);
    to->host = arena_strdup(&l->strings, from->host);
    if (!to->who || !to->host) {
        return ERR_NOMEM;
    }
    return library_copy_settings(&to->library, &from->library, &l->strings);
}

static void make_dial(struct link *l)
{
    struct dial_settings settings = {
        .who = l->settings.who,
        .host = l->settings.host,
        .port = l->settings.port,
        .deadline_ms = l->settings.connect_timeout_ms,
        .backoff_first_ms = l->settings.backoff_first_ms,
        .backoff_max_ms = l->settings.backoff_max_ms,
    };
    dial_init(&l->dial, l->loop, &settings, &dial_ops, l);
}

static void make_metrics(struct link *l)
{
    const char *labels = labels_of(l->settings.who);
    l->connected = metric_gauge("dualgate_mqtt_connected", labels,
                                "1 while this client is connected to the broker.");
    l->reconnects = metric_counter("dualgate_mqtt_reconnects_total", labels,
                                   "Connections of this client after its first.");
}

enum err link_new(struct link **out, uv_loop_t *loop, const struct link_settings *settings,
                  const struct link_ops *ops, void *ctx)
{
    struct link *l = mem_zalloc(sizeof(*l));
    if (!l) {
        return ERR_NOMEM;
    }
    arena_init(&l->strings, STRINGS_MAX_BYTES);
    enum err e = copy_settings(l, settings);
    if (e != ERR_OK) {
        arena_free(&l->strings);
        mem_free(l);
        return e;
    }
    (void)mosquitto_lib_init();
    l->loop = loop;
    l->ops = ops;
    l->ctx = ctx;
    l->user = (struct library_user){&library_ops, l};
    make_metrics(l);
    make_dial(l);
    (void)uv_timer_init(loop, &l->tick);
    l->tick.data = l;
    (void)uv_timer_start(&l->tick, on_tick, settings->tick_ms, settings->tick_ms);
    (void)uv_timer_stop(&l->tick);
    l->open_parts = 2;
    *out = l;
    return ERR_OK;
}

void link_start(struct link *l)
{
    if (l->state == STATE_STOPPED && !l->closing) {
        l->state = STATE_DIALLING;
        dial_start(&l->dial);
    }
}

void link_proven(struct link *l)
{
    dial_proven(&l->dial);
}

struct mosquitto *link_mosquitto(const struct link *l)
{
    return l->m;
}

bool link_is_up(const struct link *l)
{
    return l->state == STATE_UP && l->pending == PENDING_NONE;
}

bool link_is_inside(const struct link *l)
{
    return l->inside;
}

static void on_tick_closed(uv_handle_t *handle)
{
    release_part(handle->data);
}

void link_close(struct link *l, void (*closed)(void *arg), void *arg)
{
    assert(!l->inside && !l->closing);
    link_stop(l);
    l->closing = true;
    l->closed = closed;
    l->closed_arg = arg;
    dial_close(&l->dial, release_part);
    uv_close((uv_handle_t *)&l->tick, on_tick_closed);
}
