/* SPDX-License-Identifier: Apache-2.0 */
/* A publication (client.h) as the library wants it: texts ended with NUL, properties as its list.
 * Not for deciding whether it may be sent now, nor for what the broker answers. */
#ifndef MQTT_PUBLICATION_H
#define MQTT_PUBLICATION_H

#include <mosquitto.h>

#include "base/buf.h"
#include "base/err.h"
#include "mqtt/client.h"

/* ERR_INVALID: NUL in a topic, more bytes than a packet holds, or a QoS other than 0 and 1. */
MUST_CHECK enum err publication_check(const struct publication *p);
/* Hands it to the library, which copies it and writes *mid before it sends; at QoS 0 it may call
 * back about *mid from inside this call. scratch is overwritten. ERR_NOMEM, ERR_INVALID, ERR_DATA
 * (the broker does not take such a one), ERR_TRANSIENT. */
MUST_CHECK enum err publication_send(const struct publication *p, struct mosquitto *m,
                                     struct buf *scratch, int *mid);

#endif
