/* SPDX-License-Identifier: Apache-2.0 */
/* What a broker must grant so that no acknowledged report is lost on its way to the gateway. Queue
 * and persistence settings cannot be read over MQTT: limits are read from CONNACK, the rest is
 * tried out with messages on the node's own probe topic. */
#ifndef CLI_BROKER_CHECK_H
#define CLI_BROKER_CHECK_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct broker_wants {
    const char *who; /* "mqtt.host" or "mqtt.publishers_host", for the complaints */
    const char *host;
    uint16_t port;
    const char *username, *password; /* or NULL */
    const char *probe_topic;         /* below dp/v1/{node}/probe/ */
    uint16_t receive_maximum;        /* the gate's window */
    uint32_t message_bytes_max;      /* must arrive */
    uint32_t queue_messages;         /* must be kept for a client that is away */
};

/* Appends a line per complaint; ERR_INVALID when there is one, ERR_IO when the broker does not
 * answer. */
MUST_CHECK enum err broker_check(const struct broker_wants *w, struct buf *complaints);

#endif
