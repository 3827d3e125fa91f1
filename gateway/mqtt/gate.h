/* SPDX-License-Identifier: Apache-2.0 */
/* The intake client whose PUBACKs leave only when we say so. Stock libmosquitto, told that its
 * network thread is ours (mosquitto_threaded_set), only queues PUBACKs; they leave in
 * mosquitto_loop_write(), which has one call site here with two cases: (a) no message is held; (b)
 * the held messages were released: then it is called until nothing wants writing, before anything
 * more is read. SUBSCRIBE, the probe and PINGREQ wait for one of the two; WRITABLE is armed only in
 * (a)/(b). On failure nothing is written and no DISCONNECT sent: the connection is dropped and the
 * broker redelivers. */
#ifndef MQTT_GATE_H
#define MQTT_GATE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/incoming.h"

struct gate;

struct gate_settings {
    const char *host;
    uint16_t port;
    const char *username, *password; /* or NULL */
    const char *client_id;           /* 128 random bits of the lane's row */
    const char *const *filters;      /* subscriptions, NULL-ended: dp/v1/{node}/+/+/up/# */
    const char *probe_topic;         /* where the probe is published and expected */
    uint16_t receive_maximum;
    uint32_t session_expiry_s;
    uint32_t keepalive_s; /* 0, or at least 5; longer than the longest commit */
    uint32_t connect_timeout_ms;
    uint32_t probe_timeout_ms;  /* from SUBSCRIBE to the probe's arrival */
    uint32_t probe_interval_ms; /* a probe now and then: a session taken away is noticed */
    uint32_t backoff_first_ms, backoff_max_ms;
    uint32_t batch_age_ms;
    const char *who; /* for logs and metrics; NULL: "intake" */
};

struct gate_ops {
    /* A message arrived; borrowed for the call. It is held until release or drop. */
    void (*on_message)(void *ctx, const struct incoming *in);
    /* Asked after each read: may more be read before the held ones are released? One read may bring
     * several messages (libmosquitto 2.1: 4 KiB of them), so the batch must bear an overshoot. */
    bool (*wants_more)(void *ctx);
    /* The burst has ended (full, dry or old) and at least one message came in it. No reading until
     * gate_resume, gate_release or gate_drop, which may be called from here. */
    void (*on_burst_end)(void *ctx);
    /* The connection is gone; whatever was held will be delivered again. Called once per loss, not
     * for gate_drop and gate_stop, whose caller knows. */
    void (*on_lost)(void *ctx);
    /* Subscribed and proven by the probe, once per connection. Messages may have come before. */
    void (*on_ready)(void *ctx);
};

MUST_CHECK enum err gate_new(struct gate **out, uv_loop_t *loop,
                             const struct gate_settings *settings, const struct clock *clock,
                             const struct gate_ops *ops, void *ctx);
/* Connects, and again with backoff after each loss, until gate_stop. */
void gate_start(struct gate *g);
/* Read on while everything is still held: nothing is written. So a burst can be stored while the
 * next one is read; both are acknowledged together. */
void gate_resume(struct gate *g);
/* Acknowledge everything held, then read on. Does nothing within a burst, nor when nothing is held:
 * a connection that was lost meanwhile has nothing to acknowledge. */
void gate_release(struct gate *g);
/* Give everything held back to the broker: drop the connection without writing, reconnect. */
void gate_drop(struct gate *g);
/* Drop and stay away (lane lost, drain). */
void gate_stop(struct gate *g);
/* Drain: reads no more; once nothing is held calls done (from inside this call if that is so
 * already) and stays connected until gate_stop. */
void gate_drain(struct gate *g, void (*done)(void *ctx));
/* From the next burst on. */
void gate_set_batch_age(struct gate *g, uint32_t ms);
bool gate_ready(const struct gate *g);
/* Stops, closes handles, frees itself, then calls closed. Not from inside on_message. */
void gate_close(struct gate *g, void (*closed)(void *arg), void *arg);

#endif
