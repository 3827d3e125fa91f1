/* SPDX-License-Identifier: Apache-2.0 */
/* See library.h. What is particular to libmosquitto's interface stands here, found in the sources
 * of 2.0.11, 2.0.22 and 2.1.2. */
#include "mqtt/library.h"

#include <mqtt_protocol.h>
#include <string.h>

static void on_connack(struct mosquitto *m, void *arg, int reason, int flags,
                       const mosquitto_property *properties)
{
    (void)m;
    struct library_user *user = arg;
    uint16_t window = UINT16_MAX;
    (void)mosquitto_property_read_int16(properties, MQTT_PROP_RECEIVE_MAXIMUM, &window, false);
    user->ops->on_connack(user->ctx, reason, (flags & 1) != 0, window);
}

static void on_suback(struct mosquitto *m, void *arg, int mid, int count, const int *granted,
                      const mosquitto_property *properties)
{
    (void)m;
    (void)mid;
    (void)properties;
    struct library_user *user = arg;
    user->ops->on_suback(user->ctx, count, granted);
}

static void on_puback(struct mosquitto *m, void *arg, int mid, int reason,
                      const mosquitto_property *properties)
{
    (void)m;
    (void)properties;
    struct library_user *user = arg;
    user->ops->on_puback(user->ctx, mid, reason);
}

static void on_goodbye(struct mosquitto *m, void *arg, int reason,
                       const mosquitto_property *properties)
{
    (void)m;
    (void)properties;
    struct library_user *user = arg;
    user->ops->on_goodbye(user->ctx, reason);
}

/* The library gives out copies that its own deallocator must take back; this is its only door. */
/* NOLINTNEXTLINE(readability-non-const-parameter): the library frees what it points to */
static void give_back(char *topic, void *payload)
{
    struct mosquitto_message copies = {.topic = topic, .payload = payload};
    mosquitto_message_free_contents(&copies);
}

static void on_message(struct mosquitto *m, void *arg, const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    (void)m;
    struct library_user *user = arg;
    char *content_type = NULL;
    char *response_topic = NULL;
    void *correlation = NULL;
    uint16_t correlation_len = 0;
    if (properties) {
        (void)mosquitto_property_read_string(properties, MQTT_PROP_CONTENT_TYPE, &content_type,
                                             false);
        (void)mosquitto_property_read_string(properties, MQTT_PROP_RESPONSE_TOPIC, &response_topic,
                                             false);
        (void)mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA, &correlation,
                                             &correlation_len, false);
    }
    struct incoming in = {
        .topic = span_of(message->topic),
        .payload = {message->payload, (size_t)message->payloadlen},
        .content_type = span_of(content_type),
        .response_topic = span_of(response_topic),
        .correlation = {correlation, correlation_len},
        .retained = message->retain,
    };
    user->ops->on_message(user->ctx, &in);
    give_back(content_type, correlation);
    give_back(response_topic, NULL);
}

static enum err translated(int rc)
{
    switch (rc) {
    case MOSQ_ERR_SUCCESS:
        return ERR_OK;
    case MOSQ_ERR_NOMEM:
        return ERR_NOMEM;
    case MOSQ_ERR_INVAL:
    case MOSQ_ERR_MALFORMED_UTF8:
        return ERR_INVALID;
    default:
        /* MOSQ_ERR_CONN_PENDING is below zero. */
        return rc < 0 ? ERR_OK : ERR_TRANSIENT;
    }
}

static int set_options(struct mosquitto *m, const struct library_settings *s)
{
    int rc = mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    if (!rc) {
        rc = mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1);
    }
    if (!rc && s->receive_maximum) {
        rc = mosquitto_int_option(m, MOSQ_OPT_RECEIVE_MAXIMUM, s->receive_maximum);
    }
    if (!rc) {
        /* Ours is bounded by the owner's window and by what CONNACK says. */
        rc = mosquitto_int_option(m, MOSQ_OPT_SEND_MAXIMUM, UINT16_MAX);
    }
    if (!rc && s->deferred) {
        rc = mosquitto_threaded_set(m, true);
    }
    if (!rc && s->username) {
        rc = mosquitto_username_pw_set(m, s->username, s->password);
    }
    if (!rc && s->will_topic) {
        rc = mosquitto_will_set_v5(m, s->will_topic, (int)s->will_payload.len, s->will_payload.at,
                                   1, true, NULL);
    }
#if LIBMOSQUITTO_VERSION_NUMBER >= 2001000
    /* A byte into a pipe that nobody reads, for each packet. */
    (void)mosquitto_int_option(m, MOSQ_OPT_DISABLE_SOCKETPAIR, 1);
#endif
    return rc;
}

static void set_callbacks(struct mosquitto *m)
{
    mosquitto_connect_v5_callback_set(m, on_connack);
    mosquitto_subscribe_v5_callback_set(m, on_suback);
    mosquitto_publish_v5_callback_set(m, on_puback);
    mosquitto_message_v5_callback_set(m, on_message);
    mosquitto_disconnect_v5_callback_set(m, on_goodbye);
}

/* Only the blocking connect takes properties, only the other does not block. The blocking one keeps
 * the properties before it looks at the host, and reconnecting by any road uses what is kept: so it
 * is called without a host, refuses, and has done its part. The tests of the session's survival pin
 * this down. */
static int keep_properties(struct mosquitto *m, const struct library_settings *s)
{
    if (s->session_expiry_s == 0) {
        return MOSQ_ERR_SUCCESS;
    }
    mosquitto_property *properties = NULL;
    int rc = mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                          s->session_expiry_s);
    if (!rc) {
        rc = mosquitto_connect_bind_v5(m, NULL, 1883, (int)s->keepalive_s, NULL, properties);
        rc = rc == MOSQ_ERR_INVAL ? MOSQ_ERR_SUCCESS : rc;
    }
    mosquitto_property_free_all(&properties);
    return rc;
}

static const char *copied(const char *text, struct arena *strings, bool *ok)
{
    char *copy = text ? arena_strdup(strings, text) : NULL;
    *ok = *ok && (copy || !text);
    return copy;
}

enum err library_copy_settings(struct library_settings *to, const struct library_settings *from,
                               struct arena *strings)
{
    bool ok = true;
    *to = *from;
    to->client_id = copied(from->client_id, strings, &ok);
    to->username = copied(from->username, strings, &ok);
    to->password = copied(from->password, strings, &ok);
    to->will_topic = copied(from->will_topic, strings, &ok);
    if (ok && from->will_payload.len > 0) {
        to->will_payload.at = arena_strndup(strings, from->will_payload.at, from->will_payload.len);
        ok = to->will_payload.at != NULL;
    }
    return ok ? ERR_OK : ERR_NOMEM;
}

enum err library_connect(struct mosquitto **out, const struct library_settings *settings,
                         struct library_user *user, const char *address, uint16_t port)
{
    struct mosquitto *m = mosquitto_new(settings->client_id, settings->clean_start, user);
    if (!m) {
        return ERR_NOMEM;
    }
    set_callbacks(m);
    int rc = set_options(m, settings);
    if (!rc) {
        rc = keep_properties(m, settings);
    }
    if (!rc) {
        rc = mosquitto_connect_bind_async(m, address, port, (int)settings->keepalive_s, NULL);
    }
    if (translated(rc) == ERR_OK && mosquitto_socket(m) < 0) {
        rc = MOSQ_ERR_NO_CONN;
    }
    if (translated(rc) != ERR_OK) {
        mosquitto_destroy(m);
        return translated(rc);
    }
    *out = m;
    return ERR_OK;
}
