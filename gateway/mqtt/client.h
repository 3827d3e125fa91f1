/* SPDX-License-Identifier: Apache-2.0 */
/* An ordinary MQTT 5 client on the loop, for receipts, feeds, status and the command line:
 * publishes at QoS 1 and says when the broker has taken it, subscribes, reconnects with backoff,
 * never blocks the loop (names by uv_getaddrinfo, TCP connect awaited). Bounded: at most window_max
 * publishes unacknowledged, then client_publish says ERR_FULL. */
#ifndef MQTT_CLIENT_H
#define MQTT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/incoming.h"
#include "base/span.h"

struct client;

struct client_settings {
    const char *who; /* for logs: "receipts", "feed" */
    const char *host;
    uint16_t port;
    const char *username, *password; /* or NULL */
    const char *client_id;           /* NULL: random */
    bool persistent;                 /* clean start off and session_expiry_s kept */
    uint32_t session_expiry_s;
    const char *const *filters;  /* NULL-ended, or NULL */
    uint32_t keepalive_s;        /* 0, or at least 5 */
    uint32_t connect_timeout_ms; /* also: with publishes under way, silence so long is a loss */
    uint32_t backoff_first_ms, backoff_max_ms;
    uint32_t window_max;
    const char *will_topic; /* or NULL; retained, QoS 1 */
    struct span will_payload;
};

struct client_ops {
    void (*on_ready)(void *ctx); /* connected, and subscribed where filters are given */
    /* Every publish under way has been called back with ERR_TRANSIENT. Not for client_stop. */
    void (*on_lost)(void *ctx);
    void (*on_message)(void *ctx, const struct incoming *in); /* or NULL */
};

struct publication {
    struct span topic, payload;
    struct span correlation;    /* or empty */
    struct span response_topic; /* or empty */
    const char *content_type;   /* or NULL */
    bool retain;
    int qos; /* 0 or 1 */
};

typedef void (*client_done)(void *arg, enum err result);

MUST_CHECK enum err client_new(struct client **out, uv_loop_t *loop,
                               const struct client_settings *settings, const struct clock *clock,
                               const struct client_ops *ops, void *ctx);
void client_start(struct client *c);
bool client_ready(const struct client *c);
/* done: exactly once, ERR_OK after PUBACK (QoS 0: after writing), ERR_TRANSIENT when the connection
 * was lost, ERR_DATA when the broker refused it (reason code 0x80 and above). Not called if this
 * returns an error. Bytes are copied. */
MUST_CHECK enum err client_publish(struct client *c, const struct publication *p, client_done done,
                                   void *arg);
/* Publications gather (TCP_CORK) until flushed or the loop turns. */
void client_flush(struct client *c);
uint32_t client_outstanding(const struct client *c);
/* Disconnects in order (with DISCONNECT) and stays away; what is under way is called back with
 * ERR_TRANSIENT. */
void client_stop(struct client *c);
/* Stops, closes handles, frees itself, then calls closed. Not from inside on_message. */
void client_close(struct client *c, void (*closed)(void *arg), void *arg);

#endif
