/* SPDX-License-Identifier: Apache-2.0 */
/* The door to libmosquitto: one connection's struct mosquitto, made with our options, its callbacks
 * turned into ours. Promises that every connection gets a fresh one, so nothing that was queued for
 * an old connection (a PUBACK above all) can leave on a new one. Not for deciding when anything is
 * read or written: that is the owner's. */
#ifndef MQTT_LIBRARY_H
#define MQTT_LIBRARY_H

#include <mosquitto.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/incoming.h"
#include "base/span.h"

struct library_settings {
    const char *client_id;
    const char *username, *password; /* or NULL */
    bool clean_start;
    uint32_t session_expiry_s;
    uint16_t receive_maximum; /* 0: the library's */
    uint32_t keepalive_s;     /* 0, or at least 5: the library refuses less */
    bool deferred; /* packets are only queued until the owner calls mosquitto_loop_write() */
    const char *will_topic; /* or NULL */
    struct span will_payload;
};

/* All of these are called from inside the library, in which no struct mosquitto may be destroyed.
 */
struct library_ops {
    /* reason 0: accepted. window: what the broker bears unacknowledged. */
    void (*on_connack)(void *ctx, int reason, bool session_present, uint16_t window);
    void (*on_suback)(void *ctx, int count, const int *granted);
    void (*on_puback)(void *ctx, int mid, int reason);
    void (*on_message)(void *ctx, const struct incoming *in);
    void (*on_goodbye)(void *ctx,
                       int reason); /* the connection is closed; reason of a DISCONNECT */
};

/* Kept by the owner for as long as the struct mosquitto lives. */
struct library_user {
    const struct library_ops *ops;
    void *ctx;
};

/* With texts of its own, which live in the arena; on error *to is of no use. */
MUST_CHECK enum err library_copy_settings(struct library_settings *to,
                                          const struct library_settings *from,
                                          struct arena *strings);
/* Begins a TCP connection to a numeric address without blocking and queues CONNECT. ERR_TRANSIENT
 * when the connection is refused at once. The caller destroys *out. */
MUST_CHECK enum err library_connect(struct mosquitto **out, const struct library_settings *settings,
                                    struct library_user *user, const char *address, uint16_t port);

#endif
