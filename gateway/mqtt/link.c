/* SPDX-License-Identifier: Apache-2.0 */
/* See link.h. The library closes its socket whenever it likes, and libuv must never see a closed
 * one: so we poll a duplicate that is ours, and close it in the same turn in which the connection
 * ends (a surviving duplicate would keep the peer waiting). struct mosquitto must not be destroyed
 * inside its own callbacks: what is asked for there waits in `pending` until link_leave(). */
#include "mqtt/link.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/backoff.h"
#include "base/log.h"
#include "base/metric.h"

/* Names, credentials and the will of one client. */
#define STRINGS_MAX_BYTES 262144

enum state {
    STATE_STOPPED,
    STATE_WAITING, /* for the next attempt */
    STATE_RESOLVING,
    STATE_CONNECTING, /* TCP */
    STATE_GREETING,   /* CONNECT is out, CONNACK is not in */
    STATE_UP,
};

enum pending { PENDING_NONE, PENDING_DROP, PENDING_LOSE, PENDING_GOODBYE, PENDING_STOP };

/* Outlives its connection until libuv has let go of it. */
struct polled {
    uv_poll_t handle;
    struct link *link;
    int fd;
};

struct link {
    uv_loop_t *loop;
    struct arena strings;
    struct link_settings settings;
    const struct link_ops *ops;
    void *ctx;

    enum state state;
    struct backoff backoff;
    uv_timer_t timer; /* deadline of the attempt, or the wait before it */
    uv_timer_t tick;
    uv_getaddrinfo_t request;
    bool resolving;
    struct addrinfo *addresses, *next_address;

    struct mosquitto *m;
    struct library_user user;
    struct polled *polled;
    int watched;

    bool inside;   /* a call of the library is on the stack */
    bool progress; /* it has called back */
    enum pending pending;
    const char *reason;

    unsigned open_handles; /* timers, polls, and the request under way */
    bool closing;
    void (*closed)(void *arg);
    void *closed_arg;

    struct metric *connected, *reconnects;
    bool connected_before;
};

static void attempt(struct link *l);

/* ---- the end of a connection ------------------------------------------------------------------
 */

static void release_handle(struct link *l)
{
    assert(l->open_handles > 0);
    l->open_handles--;
    if (!l->closing || l->open_handles > 0) {
        return;
    }
    void (*closed)(void *) = l->closed;
    void *arg = l->closed_arg;
    arena_free(&l->strings);
    mem_free(l);
    (void)mosquitto_lib_cleanup();
    closed(arg);
}

static void on_poll_closed(uv_handle_t *handle)
{
    struct polled *p = handle->data;
    struct link *l = p->link;
    mem_free(p);
    release_handle(l);
}

static void close_socket(struct link *l)
{
    if (l->polled) {
        uv_close((uv_handle_t *)&l->polled->handle, on_poll_closed);
        /* libuv has forgotten the descriptor as soon as uv_close() returns. */
        (void)close(l->polled->fd);
        l->polled = NULL;
        l->watched = 0;
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
    (void)uv_timer_stop(&l->timer);
    (void)uv_timer_stop(&l->tick);
    metric_set(l->connected, 0);
    l->state = STATE_STOPPED;
}

static void forget_addresses(struct link *l)
{
    if (l->addresses) {
        uv_freeaddrinfo(l->addresses);
    }
    l->addresses = NULL;
    l->next_address = NULL;
}

static void on_wait_over(uv_timer_t *timer)
{
    attempt(timer->data);
}

static void try_later(struct link *l)
{
    uint32_t wait_ms = l->next_address ? 0 : backoff_next_ms(&l->backoff);
    l->state = STATE_WAITING;
    (void)uv_timer_start(&l->timer, on_wait_over, wait_ms, 0);
    log_debug(l->settings.who, "event=retry wait_ms=%u", wait_ms);
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
        forget_addresses(l);
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
    forget_addresses(l);
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

/* ---- reading ----------------------------------------------------------------------------------
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
    (void)uv_timer_stop(&l->timer);
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

/* ---- the socket -------------------------------------------------------------------------------
 */

static bool still_connecting(struct link *l)
{
    int error = 0;
    socklen_t len = sizeof(error);
    if (getsockopt(l->polled->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0) {
        error = errno;
    }
    if (error != 0) {
        fail(l, strerrorname_np(error) ? strerrorname_np(error) : "connect");
        return true;
    }
    l->state = STATE_GREETING;
    (void)uv_timer_again(&l->tick);
    l->ops->on_open(l->ctx);
    return false;
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct polled *p = handle->data;
    struct link *l = p->link;
    if (l->polled != p) {
        return;
    }
    if (l->state == STATE_CONNECTING) {
        (void)still_connecting(l);
        return;
    }
    /* After an error both: the library's own call tells which error it is. */
    bool readable = status != 0 || (events & UV_READABLE) != 0;
    bool writable = status != 0 || (events & UV_WRITABLE) != 0;
    l->ops->on_event(l->ctx, readable, writable);
}

void link_watch(struct link *l, int events)
{
    if (!l->polled || l->watched == events) {
        return;
    }
    l->watched = events;
    if (events == 0) {
        (void)uv_poll_stop(&l->polled->handle);
    } else {
        (void)uv_poll_start(&l->polled->handle, events, on_poll);
    }
}

void link_cork(struct link *l, bool on)
{
    if (l->polled) {
        int value = on;
        (void)setsockopt(l->polled->fd, IPPROTO_TCP, TCP_CORK, &value, sizeof(value));
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct link *l = timer->data;
    l->ops->on_tick(l->ctx);
}

static void on_attempt_late(uv_timer_t *timer)
{
    struct link *l = timer->data;
    if (l->state == STATE_RESOLVING) {
        /* The answer may still come; it is used by the next attempt. */
        (void)uv_cancel((uv_req_t *)&l->request);
    }
    fail(l, "timeout");
}

/* Polls a duplicate of the library's socket. */
static enum err poll_socket(struct link *l)
{
    int own = mosquitto_socket(l->m);
    (void)fcntl(own, F_SETFD, FD_CLOEXEC);
    struct polled *p = mem_zalloc(sizeof(*p));
    if (!p) {
        return ERR_NOMEM;
    }
    p->link = l;
    p->fd = fcntl(own, F_DUPFD_CLOEXEC, 0);
    if (p->fd < 0 || uv_poll_init(l->loop, &p->handle, p->fd) != 0) {
        if (p->fd >= 0) {
            (void)close(p->fd);
        }
        mem_free(p);
        return ERR_IO;
    }
    p->handle.data = p;
    l->polled = p;
    l->open_handles++;
    link_watch(l, UV_WRITABLE);
    return ERR_OK;
}

static enum err open_address(struct link *l, const struct addrinfo *to)
{
    char address[NI_MAXHOST];
    if (getnameinfo(to->ai_addr, to->ai_addrlen, address, sizeof(address), NULL, 0,
                    NI_NUMERICHOST) != 0) {
        return ERR_INVALID;
    }
    enum err e = library_connect(&l->m, &l->settings.library, &l->user, address, l->settings.port);
    return e == ERR_OK ? poll_socket(l) : e;
}

static void connect_next(struct link *l)
{
    const struct addrinfo *to = l->next_address;
    l->next_address = to->ai_next;
    l->state = STATE_CONNECTING;
    enum err e = open_address(l, to);
    if (e != ERR_OK) {
        fail(l, err_text(e));
    }
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct link *l = request->data;
    l->resolving = false;
    if (!l->closing && status == 0) {
        forget_addresses(l);
        l->addresses = found;
        l->next_address = found;
    } else {
        uv_freeaddrinfo(found);
    }
    if (!l->closing && l->state == STATE_RESOLVING) {
        if (l->next_address) {
            connect_next(l);
        } else {
            fail(l, uv_strerror(status));
        }
    }
    release_handle(l);
}

static int resolve(struct link *l)
{
    if (l->resolving) {
        return 0;
    }
    char port[8];
    (void)snprintf(port, sizeof(port), "%u", l->settings.port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    int rc = uv_getaddrinfo(l->loop, &l->request, on_resolved, l->settings.host, port, &hints);
    if (rc == 0) {
        l->resolving = true;
        l->open_handles++;
    }
    return rc;
}

static void attempt(struct link *l)
{
    (void)uv_timer_start(&l->timer, on_attempt_late, l->settings.connect_timeout_ms, 0);
    if (l->next_address) {
        connect_next(l);
        return;
    }
    l->state = STATE_RESOLVING;
    int rc = resolve(l);
    if (rc != 0) {
        fail(l, uv_strerror(rc));
    }
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

static const char *copied(struct link *l, const char *text, bool *ok)
{
    char *copy = text ? arena_strdup(&l->strings, text) : NULL;
    *ok = *ok && (copy || !text);
    return copy;
}

static bool copy_settings(struct link *l, const struct link_settings *from)
{
    bool ok = true;
    struct link_settings *to = &l->settings;
    *to = *from;
    to->who = copied(l, from->who, &ok);
    to->host = copied(l, from->host, &ok);
    to->library.client_id = copied(l, from->library.client_id, &ok);
    to->library.username = copied(l, from->library.username, &ok);
    to->library.password = copied(l, from->library.password, &ok);
    to->library.will_topic = copied(l, from->library.will_topic, &ok);
    if (ok && from->library.will_payload.len > 0) {
        to->library.will_payload.at = arena_strndup(&l->strings, from->library.will_payload.at,
                                                    from->library.will_payload.len);
        ok = to->library.will_payload.at != NULL;
    }
    return ok;
}

enum err link_new(struct link **out, uv_loop_t *loop, const struct link_settings *settings,
                  const struct link_ops *ops, void *ctx)
{
    struct link *l = mem_zalloc(sizeof(*l));
    if (!l) {
        return ERR_NOMEM;
    }
    arena_init(&l->strings, STRINGS_MAX_BYTES);
    if (!copy_settings(l, settings)) {
        arena_free(&l->strings);
        mem_free(l);
        return ERR_NOMEM;
    }
    (void)mosquitto_lib_init();
    l->loop = loop;
    l->ops = ops;
    l->ctx = ctx;
    l->user = (struct library_user){&library_ops, l};
    backoff_init(&l->backoff, settings->backoff_first_ms, settings->backoff_max_ms);
    const char *labels = labels_of(l->settings.who);
    l->connected = metric_gauge("dualgate_mqtt_connected", labels,
                                "1 while this client is connected to the broker.");
    l->reconnects = metric_counter("dualgate_mqtt_reconnects_total", labels,
                                   "Connections of this client after its first.");
    (void)uv_timer_init(loop, &l->timer);
    (void)uv_timer_init(loop, &l->tick);
    l->timer.data = l->tick.data = l->request.data = l;
    (void)uv_timer_start(&l->tick, on_tick, settings->tick_ms, settings->tick_ms);
    (void)uv_timer_stop(&l->tick);
    l->open_handles = 2;
    *out = l;
    return ERR_OK;
}

void link_start(struct link *l)
{
    if (l->state == STATE_STOPPED && !l->closing) {
        attempt(l);
    }
}

void link_proven(struct link *l)
{
    backoff_reset(&l->backoff);
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

static void on_handle_closed(uv_handle_t *handle)
{
    release_handle(handle->data);
}

void link_close(struct link *l, void (*closed)(void *arg), void *arg)
{
    assert(!l->inside && !l->closing);
    link_stop(l);
    l->closing = true;
    l->closed = closed;
    l->closed_arg = arg;
    if (l->resolving) {
        (void)uv_cancel((uv_req_t *)&l->request);
    }
    uv_close((uv_handle_t *)&l->timer, on_handle_closed);
    uv_close((uv_handle_t *)&l->tick, on_handle_closed);
}
