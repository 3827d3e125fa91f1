/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd (MHD) with an external loop: its epoll descriptor is watched, MHD_run() is called
 * when it is readable or when the time is up that MHD asks for, and that time is asked for again
 * after each run. Two things MHD does not do by itself are done here: a zero timeout is raised,
 * because libuv 1.44 would spin on it, and a connection has a deadline for its header, because
 * MHD's own timeout starts anew with every byte. */
#include "admin/http.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "admin/listen.h"
#include "base/alloc.h"
#include "base/list.h"
#include "base/log.h"

#define TIMEOUT_FLOOR_MS 2
#define INACTIVE_MAX_S   15u
#define CONNECTION_BYTES ((size_t)16384)
#define REPLY_BYTES_MAX  ((size_t)16 << 20)
#define LISTEN_BACKLOG   64
#define HANDLES          3 /* poll, run_timer, deadline_timer */
#define DEADLINE_SHARE   4 /* deadlines are looked at four times in their length */

struct http {
    uv_loop_t *loop;
    const struct http_route *routes;
    void *ctx;
    uint32_t header_timeout_ms;
    uint16_t port;

    const struct http_stream_route *stream; /* or NULL */
    struct list streams;                    /* struct http_stream: under way */

    struct MHD_Daemon *daemon;
    bool run_again;          /* a connection has ended since the last look */
    struct list connections; /* struct connection.link */
    uv_poll_t poll;          /* on MHD's epoll descriptor */
    uv_timer_t run_timer;
    uv_timer_t deadline_timer;

    int handles; /* not yet closed */
    void (*closed)(void *arg);
    void *closed_arg;
};

struct connection {
    struct list link;
    int fd;
    uint64_t deadline_ms; /* of the header; 0: it has come */
};

struct http_request {
    struct MHD_Connection *connection;
};

/* --- connections and their deadlines --- */

static void await_header(const struct http *h, struct connection *c)
{
    c->deadline_ms = uv_now(h->loop) + h->header_timeout_ms;
}

static void on_deadline_timer(uv_timer_t *timer)
{
    struct http *h = timer->data;
    uint64_t now = uv_now(h->loop);
    LIST_EACH (it, &h->connections) {
        struct connection *c = LIST_ITEM(it, struct connection, link);
        if (c->deadline_ms && now >= c->deadline_ms) {
            (void)shutdown(c->fd, SHUT_RDWR); /* MHD sees the end and closes */
        }
    }
    if (list_empty(&h->connections)) {
        (void)uv_timer_stop(timer);
    }
}

static void on_connection_started(struct http *h, struct MHD_Connection *connection, void **slot)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct connection *c = mem_zalloc(sizeof(*c));
    if (!c) {
        (void)shutdown(info->connect_fd, SHUT_RDWR);
        return;
    }
    c->fd = info->connect_fd;
    await_header(h, c);
    list_append(&h->connections, &c->link);
    *slot = c;
    uint64_t period = h->header_timeout_ms / DEADLINE_SHARE + 1;
    if (!uv_is_active((const uv_handle_t *)&h->deadline_timer)) {
        (void)uv_timer_start(&h->deadline_timer, on_deadline_timer, period, period);
    }
}

static void on_connection(void *ctx, struct MHD_Connection *connection, void **slot,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http *h = ctx;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        on_connection_started(h, connection, slot);
        return;
    }
    h->run_again = true;
    if (*slot) {
        struct connection *c = *slot;
        list_remove(&c->link);
        mem_free(c);
        *slot = NULL;
    }
}

static struct connection *record_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* The next request of a kept connection has a deadline of its own. */
static void on_completed(void *ctx, struct MHD_Connection *connection, void **marker,
                         enum MHD_RequestTerminationCode code)
{
    (void)code;
    if (*marker && *marker != ctx) {
        http_stream_end(*marker);
        *marker = NULL;
    }
    struct connection *c = record_of(connection);
    if (c) {
        await_header(ctx, c);
    }
}

/* --- answering --- */

static const char *const common_headers[][2] = {
    {MHD_HTTP_HEADER_CACHE_CONTROL, "no-store"},
    {"X-Content-Type-Options", "nosniff"},
    {"Content-Security-Policy",
     "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"},
    {"Referrer-Policy", "no-referrer"},
};

static enum MHD_Result send_reply(struct MHD_Connection *connection, const struct http_reply *reply)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(reply->body.len, reply->body.data, MHD_RESPMEM_MUST_COPY);
    if (!response) {
        return MHD_NO; /* MHD closes the connection */
    }
    enum MHD_Result ok =
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->content_type);
    for (size_t i = 0; i < sizeof(common_headers) / sizeof(common_headers[0]); i++) {
        ok &= MHD_add_response_header(response, common_headers[i][0], common_headers[i][1]);
    }
    if (reply->status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        ok &= MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    }
    if (ok == MHD_YES) {
        ok = MHD_queue_response(connection, reply->status, response);
    }
    MHD_destroy_response(response);
    return ok;
}

static const struct http_route *route_of(const struct http *h, const char *path)
{
    const struct http_route *r = h->routes;
    while (r->path && strcmp(r->path, path) != 0) {
        r++;
    }
    return r->path ? r : NULL;
}

static void put_plain(struct http_reply *reply, unsigned status, const char *text)
{
    reply->status = status;
    reply->content_type = "text/plain; charset=utf-8";
    buf_reset(&reply->body);
    buf_puts(&reply->body, text);
}

static bool may_read(const char *method)
{
    return strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
}

static enum MHD_Result answer(struct http *h, struct MHD_Connection *connection, const char *path,
                              const char *method)
{
    struct http_reply reply;
    buf_init(&reply.body, REPLY_BYTES_MAX);
    put_plain(&reply, MHD_HTTP_OK, "");
    const struct http_route *route = route_of(h, path);
    if (!route) {
        put_plain(&reply, MHD_HTTP_NOT_FOUND, "not found\n");
    } else if (!may_read(method)) {
        put_plain(&reply, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    } else {
        struct http_request request = {connection};
        route->handle(h->ctx, &request, &reply);
    }
    if (buf_failed(&reply.body)) {
        put_plain(&reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory\n");
    }
    enum MHD_Result result = send_reply(connection, &reply);
    buf_free(&reply.body);
    return result;
}

static void run(struct http *h);

static void on_resumed(void *arg)
{
    run(arg);
}

static bool is_stream(const struct http *h, const char *path, const char *method)
{
    return h->stream && may_read(method) &&
           strncmp(path, h->stream->prefix, strlen(h->stream->prefix)) == 0;
}

static enum MHD_Result begin_stream(struct http *h, struct MHD_Connection *connection,
                                    const char *path, void **marker)
{
    struct http_stream *s = http_stream_new(&h->streams, connection, on_resumed, h);
    if (!s) {
        return MHD_NO;
    }
    *marker = s;
    http_stream_begin(s, h->stream, path + strlen(h->stream->prefix));
    return http_stream_turn(s) ? MHD_YES : MHD_NO;
}

/* MHD calls once with the header, then for every piece of a body, then once more. What will be
 * refused is refused at the first call: no body is ever waited for. */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *body,
                                  size_t *body_bytes, void **marker)
{
    struct http *h = ctx;
    (void)version;
    (void)body;
    if (!*marker) {
        *marker = h;
        struct connection *c = record_of(connection);
        if (c) {
            c->deadline_ms = 0;
        }
        return may_read(method) ? MHD_YES : answer(h, connection, path, method);
    }
    if (*body_bytes > 0) {
        *body_bytes = 0;
        return MHD_YES;
    }
    if (*marker != h) {
        return http_stream_turn(*marker) ? MHD_YES : MHD_NO;
    }
    if (is_stream(h, path, method)) {
        return begin_stream(h, connection, path, marker);
    }
    return answer(h, connection, path, method);
}

static void on_library_log(void *ctx, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void on_library_log(void *ctx, const char *format, va_list args)
{
    (void)ctx;
    char text[256];
    (void)vsnprintf(text, sizeof(text), format, args);
    text[strcspn(text, "\r\n")] = '\0';
    log_debug("http", "event=library text=\"%s\"", text);
}

/* --- on the loop --- */

static void on_run_timer(uv_timer_t *timer);

/* MHD's wish for when to be called again changes with every run. */
static void arm_run_timer(struct http *h)
{
    MHD_UNSIGNED_LONG_LONG wait = 0;
    if (MHD_get_timeout(h->daemon, &wait) != MHD_YES && !h->run_again) {
        (void)uv_timer_stop(&h->run_timer);
        return;
    }
    uint64_t ms = h->run_again || wait < TIMEOUT_FLOOR_MS ? TIMEOUT_FLOOR_MS : wait;
    h->run_again = false;
    (void)uv_timer_start(&h->run_timer, on_run_timer, ms, 0);
}

static void run(struct http *h)
{
    (void)MHD_run(h->daemon);
    arm_run_timer(h);
}

static void on_run_timer(uv_timer_t *timer)
{
    run(timer->data);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    run(poll->data);
}

/* --- beginning and end --- */

static struct MHD_Daemon *start_daemon(struct http *h, const struct http_settings *settings, int fd)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, h,
        MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL, /* first, to catch start-up too */
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, settings->connections_max,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
        INACTIVE_MAX_S, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, h, MHD_OPTION_END);
}

static enum err watch(struct http *h)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!info || uv_poll_init(h->loop, &h->poll, info->epoll_fd) != 0) {
        return ERR_IO;
    }
    (void)uv_timer_init(h->loop, &h->run_timer);
    (void)uv_timer_init(h->loop, &h->deadline_timer);
    h->poll.data = h->run_timer.data = h->deadline_timer.data = h;
    h->handles = HANDLES;
    (void)uv_poll_start(&h->poll, UV_READABLE, on_readable);
    arm_run_timer(h);
    return ERR_OK;
}

enum err http_new(struct http **out, uv_loop_t *loop, const struct http_settings *settings,
                  const struct http_route *routes, void *ctx, struct buf *why)
{
    int fd = -1;
    *out = NULL;
    struct http *h = mem_zalloc(sizeof(*h));
    if (!h) {
        return ERR_NOMEM;
    }
    h->loop = loop;
    h->routes = routes;
    h->ctx = ctx;
    h->header_timeout_ms = settings->header_timeout_ms;
    list_init(&h->connections);
    list_init(&h->streams);
    enum err e = listen_open(settings->host, settings->port, &fd, &h->port, why);
    if (e != ERR_OK) {
        goto out;
    }
    h->daemon = start_daemon(h, settings, fd);
    if (!h->daemon) {
        (void)close(fd);
        buf_puts(why, "the HTTP library does not start");
        e = ERR_IO;
        goto out;
    }
    e = watch(h); /* the socket is MHD's now */
    if (e != ERR_OK) {
        MHD_stop_daemon(h->daemon);
        buf_puts(why, "the loop does not take the HTTP library");
    }
out:
    if (e != ERR_OK) {
        mem_free(h);
        h = NULL;
    }
    *out = h;
    return e;
}

void http_add_stream(struct http *h, const struct http_stream_route *route)
{
    h->stream = route;
}

uint16_t http_port(const struct http *h)
{
    return h->port;
}

const char *http_query(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct http *h = handle->data;
    if (--h->handles > 0) {
        return;
    }
    void (*closed)(void *arg) = h->closed;
    void *arg = h->closed_arg;
    mem_free(h);
    if (closed) {
        closed(arg);
    }
}

void http_close(struct http *h, void (*closed)(void *arg), void *arg)
{
    h->closed = closed;
    h->closed_arg = arg;
    uv_close((uv_handle_t *)&h->poll, on_handle_closed); /* before its descriptor goes */
    uv_close((uv_handle_t *)&h->run_timer, on_handle_closed);
    uv_close((uv_handle_t *)&h->deadline_timer, on_handle_closed);
    http_stream_wake_all(&h->streams);
    MHD_stop_daemon(h->daemon);
}
