/* SPDX-License-Identifier: Apache-2.0 */
/* What the MQTT tests stand on: a real Mosquitto of their own on a free port in a directory of its
 * own, a blocking publisher, waiting on a loop with a deadline, and a TCP proxy that counts what
 * the client sends and can cut the connection. Asserts for itself: a rig that does not stand is a
 * failed test. */
#ifndef SYSTEM_BROKER_RIG_H
#define SYSTEM_BROKER_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "base/alloc.h"

/* ---- the broker -------------------------------------------------------------------------------
 */

struct broker {
    char dir[64];
    char config[96];
    uint16_t port;
    pid_t pid;
};

static inline uint16_t free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    (void)close(fd);
    return ntohs(at.sin_port);
}

static inline bool answers(uint16_t port)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    bool yes = connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0;
    (void)close(fd);
    return yes;
}

static inline void broker_run(struct broker *b)
{
    b->pid = fork();
    assert_true(b->pid >= 0);
    if (b->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that crashes leaves no broker */
        (void)freopen("/dev/null", "w", stderr);
        (void)execl("/usr/sbin/mosquitto", "mosquitto", "-c", b->config, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 500; i++) {
        if (answers(b->port)) {
            return;
        }
        (void)usleep(10000);
    }
    fail_msg("the broker does not come up");
}

/* extra: more lines of configuration, or "". */
static inline void broker_start(struct broker *b, const char *extra)
{
    (void)snprintf(b->dir, sizeof(b->dir), "/tmp/dualgate-rig-XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    (void)snprintf(b->config, sizeof(b->config), "%s/mosquitto.conf", b->dir);
    b->port = free_port();
    FILE *f = fopen(b->config, "w");
    assert_non_null(f);
    (void)fprintf(f,
                  "listener %u 127.0.0.1\nallow_anonymous true\nuser root\nset_tcp_nodelay true\n"
                  "max_queued_messages 1000000\npersistence_location %s/\n%s\n",
                  b->port, b->dir, extra);
    assert_int_equal(fclose(f), 0);
    broker_run(b);
}

static inline void broker_end(struct broker *b, int signal_number)
{
    if (b->pid > 0) {
        (void)kill(b->pid, signal_number);
        (void)kill(b->pid, SIGCONT);
        (void)waitpid(b->pid, NULL, 0);
        b->pid = 0;
    }
}

static inline void broker_stop(struct broker *b)
{
    char path[128];
    broker_end(b, SIGTERM);
    (void)snprintf(path, sizeof(path), "%s/mosquitto.db", b->dir);
    (void)unlink(path);
    (void)unlink(b->config);
    (void)rmdir(b->dir);
}

/* ---- blocking helpers -------------------------------------------------------------------------
 */

static inline void rig_on_publish(struct mosquitto *m, void *arg, int mid)
{
    (void)m;
    (void)mid;
    ++*(int *)arg;
}

/* Publishes n messages "first", "first+1", … at QoS 1 and waits for every PUBACK. */
static inline void publish_numbers(uint16_t port, const char *topic, int first, int n)
{
    int acked = 0;
    struct mosquitto *m = mosquitto_new(NULL, true, &acked);
    assert_non_null(m);
    assert_int_equal(mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1), 0);
    mosquitto_publish_callback_set(m, rig_on_publish);
    assert_int_equal(mosquitto_connect(m, "127.0.0.1", port, 60), 0);
    for (int i = 0; i < n; i++) {
        char text[16];
        int len = snprintf(text, sizeof(text), "%d", first + i);
        assert_int_equal(mosquitto_publish(m, NULL, topic, len, text, 1, false), 0);
    }
    while (acked < n) {
        assert_int_equal(mosquitto_loop(m, 1000, 100), 0);
    }
    (void)mosquitto_disconnect(m);
    mosquitto_destroy(m);
}

/* Connects once under this client id with clean start: whatever session it had is gone. */
static inline void take_session_away(uint16_t port, const char *client_id)
{
    struct mosquitto *m = mosquitto_new(client_id, true, NULL);
    assert_non_null(m);
    assert_int_equal(mosquitto_connect(m, "127.0.0.1", port, 60), 0);
    for (int i = 0; i < 20; i++) {
        (void)mosquitto_loop(m, 20, 1);
    }
    (void)mosquitto_disconnect(m);
    mosquitto_destroy(m);
}

/* ---- waiting on the loop ----------------------------------------------------------------------
 */

static inline void rig_set_flag(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static inline void rig_closed(uv_handle_t *handle)
{
    *(bool *)handle->data = true;
}

/* Turns the loop until holds(arg) or ms are over; says which. */
static inline bool loop_until(uv_loop_t *loop, bool (*holds)(void *arg), void *arg, uint64_t ms)
{
    uv_timer_t timer;
    bool late = false;
    bool closed = false;
    assert_int_equal(uv_timer_init(loop, &timer), 0);
    timer.data = &late;
    assert_int_equal(uv_timer_start(&timer, rig_set_flag, ms, 0), 0);
    while (!late && !(holds && holds(arg))) {
        (void)uv_run(loop, UV_RUN_ONCE);
    }
    timer.data = &closed;
    uv_close((uv_handle_t *)&timer, rig_closed);
    while (!closed) {
        (void)uv_run(loop, UV_RUN_NOWAIT);
    }
    return !late;
}

static inline void loop_for(uv_loop_t *loop, uint64_t ms)
{
    (void)loop_until(loop, NULL, NULL, ms);
}

static inline void rig_set_true(void *arg)
{
    *(bool *)arg = true;
}

static inline bool rig_is_true(void *arg)
{
    return *(bool *)arg;
}

/* ---- the proxy --------------------------------------------------------------------------------
 */

/* One connection at a time is enough. */
struct proxy {
    uv_tcp_t listener;
    uint16_t port, to;
    uv_tcp_t client, server;
    int open; /* handles of the pair */
    bool connected;
    uint64_t from_client; /* bytes, over all connections */
    int connections;
};

struct proxy_write {
    uv_write_t request;
    char bytes[];
};

static inline void proxy_pair_closed(uv_handle_t *handle)
{
    struct proxy *p = handle->data;
    p->open--;
}

/* Cuts the connection as a broken network does. */
static inline void proxy_cut(struct proxy *p)
{
    if (p->open == 2 && !uv_is_closing((uv_handle_t *)&p->client)) {
        uv_close((uv_handle_t *)&p->client, proxy_pair_closed);
        uv_close((uv_handle_t *)&p->server, proxy_pair_closed);
    }
    p->connected = false;
}

static inline void proxy_alloc(uv_handle_t *handle, size_t wish, uv_buf_t *out)
{
    (void)handle;
    out->base = mem_alloc(wish);
    out->len = wish;
}

static inline void proxy_written(uv_write_t *request, int status)
{
    (void)status;
    mem_free(request);
}

static inline void proxy_read(uv_stream_t *from, ssize_t n, const uv_buf_t *in)
{
    struct proxy *p = from->data;
    uv_stream_t *to =
        from == (uv_stream_t *)&p->client ? (uv_stream_t *)&p->server : (uv_stream_t *)&p->client;
    if (n > 0) {
        p->from_client += from == (uv_stream_t *)&p->client ? (uint64_t)n : 0;
        struct proxy_write *w = mem_alloc(sizeof(*w) + (size_t)n);
        memcpy(w->bytes, in->base, (size_t)n);
        uv_buf_t out = uv_buf_init(w->bytes, (unsigned)n);
        if (uv_write(&w->request, to, &out, 1, proxy_written) != 0) {
            mem_free(w);
        }
    } else if (n < 0) {
        proxy_cut(p);
    }
    mem_free(in->base);
}

static inline void proxy_connected(uv_connect_t *request, int status)
{
    struct proxy *p = request->data;
    mem_free(request);
    if (status != 0) {
        proxy_cut(p);
        return;
    }
    p->connected = true;
    (void)uv_read_start((uv_stream_t *)&p->client, proxy_alloc, proxy_read);
    (void)uv_read_start((uv_stream_t *)&p->server, proxy_alloc, proxy_read);
}

static inline void proxy_accept(uv_stream_t *listener, int status)
{
    struct proxy *p = listener->data;
    assert_int_equal(status, 0);
    assert_int_equal(p->open, 0);
    assert_int_equal(uv_tcp_init(listener->loop, &p->client), 0);
    assert_int_equal(uv_tcp_init(listener->loop, &p->server), 0);
    p->client.data = p->server.data = p;
    p->open = 2;
    p->connections++;
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&p->client), 0);
    struct sockaddr_in at;
    assert_int_equal(uv_ip4_addr("127.0.0.1", p->to, &at), 0);
    uv_connect_t *request = mem_alloc(sizeof(*request));
    request->data = p;
    assert_int_equal(
        uv_tcp_connect(request, &p->server, (const struct sockaddr *)&at, proxy_connected), 0);
}

static inline void proxy_start(struct proxy *p, uv_loop_t *loop, uint16_t to)
{
    struct sockaddr_in at;
    *p = (struct proxy){.port = free_port(), .to = to};
    assert_int_equal(uv_ip4_addr("127.0.0.1", p->port, &at), 0);
    assert_int_equal(uv_tcp_init(loop, &p->listener), 0);
    p->listener.data = p;
    assert_int_equal(uv_tcp_bind(&p->listener, (const struct sockaddr *)&at, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&p->listener, 8, proxy_accept), 0);
}

static inline void proxy_stop(struct proxy *p, uv_loop_t *loop)
{
    bool closed = false;
    proxy_cut(p);
    p->listener.data = &closed;
    uv_close((uv_handle_t *)&p->listener, rig_closed);
    while (!closed || p->open > 0) {
        (void)uv_run(loop, UV_RUN_NOWAIT);
    }
}

#endif
