/* SPDX-License-Identifier: Apache-2.0 */
/* See publication.h. */
#include "mqtt/publication.h"

#include <mqtt_protocol.h>
#include <string.h>

static enum err translated(int rc)
{
    switch (rc) {
    case MOSQ_ERR_SUCCESS:
        return ERR_OK;
    case MOSQ_ERR_NOMEM:
        return ERR_NOMEM;
    case MOSQ_ERR_INVAL:
    case MOSQ_ERR_MALFORMED_UTF8:
    case MOSQ_ERR_PAYLOAD_SIZE:
    case MOSQ_ERR_DUPLICATE_PROPERTY:
        return ERR_INVALID;
    case MOSQ_ERR_OVERSIZE_PACKET:
    case MOSQ_ERR_QOS_NOT_SUPPORTED:
        return ERR_DATA;
    default:
        return ERR_TRANSIENT;
    }
}

static bool has_nul(struct span s)
{
    return s.len > 0 && memchr(s.at, '\0', s.len) != NULL;
}

enum err publication_check(const struct publication *p)
{
    bool odd = has_nul(p->topic) || has_nul(p->response_topic) || p->payload.len > INT32_MAX ||
               p->qos < 0 || p->qos > 1;
    return odd ? ERR_INVALID : ERR_OK;
}

/* Offset of the text in scratch. */
static size_t put_text(struct buf *scratch, struct span text)
{
    size_t at = scratch->len;
    buf_put_span(scratch, text);
    buf_putc(scratch, '\0');
    return at;
}

static int add_properties(mosquitto_property **list, const struct publication *p,
                          const char *response_topic)
{
    int rc = MOSQ_ERR_SUCCESS;
    if (p->response_topic.len > 0) {
        rc = mosquitto_property_add_string(list, MQTT_PROP_RESPONSE_TOPIC, response_topic);
    }
    if (!rc && p->correlation.len > UINT16_MAX) {
        rc = MOSQ_ERR_INVAL;
    } else if (!rc && p->correlation.len > 0) {
        rc = mosquitto_property_add_binary(list, MQTT_PROP_CORRELATION_DATA, p->correlation.at,
                                           (uint16_t)p->correlation.len);
    }
    if (!rc && p->content_type) {
        rc = mosquitto_property_add_string(list, MQTT_PROP_CONTENT_TYPE, p->content_type);
    }
    return rc;
}

enum err publication_send(const struct publication *p, struct mosquitto *m, struct buf *scratch,
                          int *mid)
{
    buf_reset(scratch);
    size_t topic = put_text(scratch, p->topic);
    size_t response = put_text(scratch, p->response_topic);
    if (buf_failed(scratch)) {
        return ERR_NOMEM;
    }
    mosquitto_property *properties = NULL;
    int rc = add_properties(&properties, p, scratch->data + response);
    if (!rc) {
        rc = mosquitto_publish_v5(m, mid, scratch->data + topic, (int)p->payload.len, p->payload.at,
                                  p->qos, p->retain, properties);
    }
    mosquitto_property_free_all(&properties);
    return translated(rc);
}
