/* SPDX-License-Identifier: Apache-2.0 */
/* Plain blocking libmosquitto: a short-lived command, nothing else to do meanwhile. */
#include "cli/broker_check.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/digest.h"

#define STEP_MS     5000 /* for each thing that is waited for */
#define LOOP_MS     50
#define SESSION_S   60
#define KEEPALIVE_S 30
#define ID_CHARS    40

struct probe {
    const struct broker_wants *wants;
    struct mosquitto *m;
    char id[ID_CHARS];
    bool connected, refused, subscribed;
    uint16_t receive_maximum;
    uint32_t packet_max; /* 0: none told */
    uint8_t qos_max, retain_available;
    size_t acked, arrived;
    size_t largest; /* bytes of the largest message that came back */
};

static void on_connect(struct mosquitto *m, void *ctx, int rc, int flags,
                       const mosquitto_property *props)
{
    struct probe *p = ctx;
    (void)m, (void)flags;
    p->connected = rc == 0;
    p->refused = rc != 0;
    p->receive_maximum = 65535; /* MQTT 5: what is not told */
    p->qos_max = 2;
    p->retain_available = 1;
    mosquitto_property_read_int16(props, MQTT_PROP_RECEIVE_MAXIMUM, &p->receive_maximum, false);
    mosquitto_property_read_int32(props, MQTT_PROP_MAXIMUM_PACKET_SIZE, &p->packet_max, false);
    mosquitto_property_read_byte(props, MQTT_PROP_MAXIMUM_QOS, &p->qos_max, false);
    mosquitto_property_read_byte(props, MQTT_PROP_RETAIN_AVAILABLE, &p->retain_available, false);
}

static void on_subscribe(struct mosquitto *m, void *ctx, int mid, int n, const int *granted,
                         const mosquitto_property *props)
{
    struct probe *p = ctx;
    (void)m, (void)mid, (void)props;
    p->subscribed = n > 0 && granted[0] < 0x80;
    p->refused = !p->subscribed;
}

static void on_publish(struct mosquitto *m, void *ctx, int mid, int reason,
                       const mosquitto_property *props)
{
    struct probe *p = ctx;
    (void)m, (void)mid, (void)props;
    p->acked += reason < 0x80;
}

static void on_message(struct mosquitto *m, void *ctx, const struct mosquitto_message *message,
                       const mosquitto_property *props)
{
    struct probe *p = ctx;
    (void)m, (void)props;
    p->arrived++;
    if (message->payloadlen > 0 && (size_t)message->payloadlen > p->largest) {
        p->largest = (size_t)message->payloadlen;
    }
}

/* Runs the network until *what is at least `until`, or nothing more may be hoped for. */
static bool wait_count(struct probe *p, const size_t *what, size_t until)
{
    int64_t end = clock_steady_ms(&clock_system) + STEP_MS;
    while (*what < until && clock_steady_ms(&clock_system) < end) {
        if (mosquitto_loop(p->m, LOOP_MS, 1) != MOSQ_ERR_SUCCESS) {
            return false;
        }
    }
    return *what >= until;
}

static bool wait_flag(struct probe *p, const bool *what)
{
    int64_t end = clock_steady_ms(&clock_system) + STEP_MS;
    while (!*what && !p->refused && clock_steady_ms(&clock_system) < end) {
        if (mosquitto_loop(p->m, LOOP_MS, 1) != MOSQ_ERR_SUCCESS) {
            return false;
        }
    }
    return *what;
}

static bool open_session(struct probe *p, bool clean)
{
    const struct broker_wants *w = p->wants;
    mosquitto_property *props = NULL;
    p->m = mosquitto_new(p->id, clean, p);
    if (p->m == NULL) {
        return false;
    }
    p->connected = p->refused = p->subscribed = false;
    mosquitto_int_option(p->m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_connect_v5_callback_set(p->m, on_connect);
    mosquitto_subscribe_v5_callback_set(p->m, on_subscribe);
    mosquitto_publish_v5_callback_set(p->m, on_publish);
    mosquitto_message_v5_callback_set(p->m, on_message);
    if (w->username != NULL) {
        mosquitto_username_pw_set(p->m, w->username, w->password);
    }
    bool ok = mosquitto_property_add_int32(&props, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                           clean ? 0 : SESSION_S) == MOSQ_ERR_SUCCESS &&
              mosquitto_connect_bind_v5(p->m, w->host, w->port, KEEPALIVE_S, NULL, props) ==
                  MOSQ_ERR_SUCCESS &&
              wait_flag(p, &p->connected);
    mosquitto_property_free_all(&props);
    return ok;
}

static void close_session(struct probe *p)
{
    if (p->m != NULL) {
        mosquitto_disconnect(p->m);
        (void)mosquitto_loop(p->m, 0, 1);
        mosquitto_destroy(p->m);
        p->m = NULL;
    }
}

static bool subscribe(struct probe *p)
{
    return mosquitto_subscribe_v5(p->m, NULL, p->wants->probe_topic, 1,
                                  MQTT_SUB_OPT_SEND_RETAIN_NEVER, NULL) == MOSQ_ERR_SUCCESS &&
           wait_flag(p, &p->subscribed);
}

static bool publish(struct probe *p, size_t bytes)
{
    char *payload = mem_zalloc(bytes + 1);
    int rc = payload == NULL ? MOSQ_ERR_NOMEM
                             : mosquitto_publish(p->m, NULL, p->wants->probe_topic, (int)bytes,
                                                 payload, 1, false);
    mem_free(payload);
    return rc == MOSQ_ERR_SUCCESS;
}

static void check_limits(const struct probe *p, struct buf *out)
{
    const struct broker_wants *w = p->wants;
    if (p->qos_max < 1) {
        buf_printf(out, "%s: the broker does not allow QoS 1\n", w->who);
    }
    if (!p->retain_available) {
        buf_printf(out, "%s: the broker keeps no retained messages (status, feed heads)\n", w->who);
    }
    if (p->packet_max != 0 && p->packet_max < w->message_bytes_max) {
        buf_printf(
            out,
            "%s: the broker takes packets of %u bytes, intake.message_bytes_max is %u: raise "
            "max_packet_size\n",
            w->who, p->packet_max, w->message_bytes_max);
    }
    if (p->receive_maximum < 100) {
        buf_printf(out,
                   "%s: a publisher may have only %u messages under way: set max_inflight_messages "
                   "(at least 100)\n",
                   w->who, p->receive_maximum);
    }
}

/* A message of the largest size must come back. */
static void check_size(struct probe *p, struct buf *out)
{
    size_t want = p->wants->message_bytes_max;
    p->arrived = p->largest = 0;
    if (!publish(p, want) || !wait_count(p, &p->arrived, 1) || p->largest != want) {
        buf_printf(out,
                   "%s: a message of %zu bytes does not arrive: raise message_size_limit and "
                   "max_packet_size\n",
                   p->wants->who, want);
    }
}

/* Messages for a session that is away must be kept. A second client publishes them. */
static void check_queue(struct probe *away, struct buf *out)
{
    const struct broker_wants *w = away->wants;
    struct probe other = {.wants = w};
    size_t want = w->queue_messages;
    snprintf(other.id, sizeof other.id, "%.*s-b", ID_CHARS - 3, away->id);
    close_session(away);
    if (open_session(&other, true)) {
        for (size_t i = 0; i < want; i++) {
            if (!publish(&other, 1)) {
                break;
            }
            (void)mosquitto_loop(other.m, 0, 1);
        }
        (void)wait_count(&other, &other.acked, want);
    }
    close_session(&other);
    away->arrived = 0;
    if (!open_session(away, false) || !wait_count(away, &away->arrived, want)) {
        buf_printf(out,
                   "%s: of %zu messages for a session that was away %zu were kept: raise "
                   "max_queued_messages (1000000; 0 disconnects clients on 2.0.11)\n",
                   w->who, want, away->arrived);
    }
}

/* Takes the persistent session away again. */
static void clean_up(struct probe *p)
{
    close_session(p);
    if (open_session(p, true)) {
        close_session(p);
    } else {
        mosquitto_destroy(p->m);
    }
}

enum err broker_check(const struct broker_wants *w, struct buf *complaints)
{
    uint8_t chance[8];
    struct probe p = {.wants = w};
    size_t before = complaints->len;
    if (random_bytes(chance, sizeof chance) != ERR_OK || mosquitto_lib_init() != MOSQ_ERR_SUCCESS) {
        return ERR_NOMEM;
    }
    memcpy(p.id, "dualgate-check-", 15);
    hex_encode(chance, sizeof chance, p.id + 15);
    if (!open_session(&p, false)) {
        buf_printf(complaints, "%s: no MQTT 5 broker answers at %s port %u%s\n", w->who, w->host,
                   w->port, p.refused ? " (it refused the connection)" : "");
        mosquitto_destroy(p.m);
        (void)mosquitto_lib_cleanup();
        return ERR_IO;
    }
    check_limits(&p, complaints);
    if (subscribe(&p)) {
        check_size(&p, complaints);
        check_queue(&p, complaints);
    } else {
        buf_printf(complaints, "%s: SUBSCRIBE to %s is refused\n", w->who, w->probe_topic);
    }
    clean_up(&p);
    (void)mosquitto_lib_cleanup();
    return complaints->len == before ? ERR_OK : ERR_INVALID;
}
