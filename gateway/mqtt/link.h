/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to the broker that comes back: resolves the name (uv_getaddrinfo), connects without
 * blocking, waits for CONNACK against a deadline, polls the socket for its owner, and after a loss
 * tries again with backoff. What gate and client share. It never reads or writes by itself: its
 * owner does, and so alone decides what may leave when.
 *
 * Promises: at most one connection at a time; on_down exactly once per connection that was lost or
 * never came up after on_open, never for one its owner dropped; after a loss or drop not a byte
 * more is written, and the socket is closed in the same turn. */
#ifndef MQTT_LINK_H
#define MQTT_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/err.h"
#include "base/incoming.h"
#include "mqtt/library.h"

struct link;

struct link_settings {
    const char *who; /* for logs and metrics */
    const char *host;
    uint16_t port;
    struct library_settings library;
    uint32_t connect_timeout_ms; /* from resolving to CONNACK */
    uint32_t backoff_first_ms, backoff_max_ms;
    uint32_t tick_ms;
};

struct link_ops {
    /* TCP stands and CONNECT is queued. */
    void (*on_open)(void *ctx);
    /* The socket can do what was watched for. */
    void (*on_event)(void *ctx, bool readable, bool writable);
    /* Every tick_ms while a connection is open. */
    void (*on_tick)(void *ctx);
    void (*on_down)(void *ctx);
    /* From inside the library: may queue packets, may drop or stop the link (done on the way out).
     */
    void (*on_up)(void *ctx, bool session_present, uint16_t window);
    void (*on_suback)(void *ctx, bool granted);
    void (*on_puback)(void *ctx, int mid, int reason);
    void (*on_message)(void *ctx, const struct incoming *in);
};

MUST_CHECK enum err link_new(struct link **out, uv_loop_t *loop,
                             const struct link_settings *settings, const struct link_ops *ops,
                             void *ctx);
void link_start(struct link *l);
/* The connection works as a whole: the backoff begins anew. */
void link_proven(struct link *l);
/* Gives the connection up without on_down and without writing anything; tries again later. */
void link_drop(struct link *l);
/* The same for a reason found by the owner: logged, and on_down is called. */
void link_lose(struct link *l, const char *reason);
/* Drops and stays away. */
void link_stop(struct link *l);
/* Stays away after DISCONNECT; what is queued before it is written as far as the socket takes it.
 */
void link_goodbye(struct link *l);
void link_close(struct link *l, void (*closed)(void *arg), void *arg);

/* The connection's, or NULL. */
struct mosquitto *link_mosquitto(const struct link *l);
/* Between on_up and the loss. */
bool link_is_up(const struct link *l);
/* Inside a callback of the library. */
bool link_is_inside(const struct link *l);
/* UV_READABLE, UV_WRITABLE, both or 0. */
void link_watch(struct link *l, int events);
/* Holds small segments back while on. */
void link_cork(struct link *l, bool on);

enum link_step {
    LINK_PROGRESS, /* something came; there may be more */
    LINK_DRY,
    LINK_GONE, /* no connection (any more); on_down has been called if it is due */
};
/* One mosquitto_loop_read(), which is one packet unless publishes are under way. */
enum link_step link_read(struct link *l);
/* One mosquitto_loop_misc(); in deferred mode it only queues. */
enum link_step link_misc(struct link *l);
/* Around a call of the library that its owner makes: enter, call, leave. link_leave gives LINK_GONE
 * when the connection did not survive the call. */
void link_enter(struct link *l);
enum link_step link_leave(struct link *l, int rc);

#endif
