/* SPDX-License-Identifier: Apache-2.0 */
/* When to send a probe message through the broker, and when its absence means that the session or
 * its subscriptions are gone. Pure bookkeeping: sends nothing, knows no connection.
 *
 * The probe travels at QoS 0 and so overtakes what the broker has queued; still the broker may drop
 * it while the queue is full, and it waits in the socket while messages are held. So absence counts
 * only when in all that time nothing else came and nothing was released. */
#ifndef MQTT_PROBE_H
#define MQTT_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

#define PROBE_TOKEN_LEN 32

struct probe {
    uint32_t timeout_ms, interval_ms;
    char token[PROBE_TOKEN_LEN + 1];
    bool awaited;
    bool life;      /* a message came, or some were released, since the probe was sent */
    int64_t due_ms; /* of the next probe, or of the answer */
};

enum probe_step { PROBE_REST, PROBE_SEND, PROBE_FAILED };

/* A new connection: the first probe is awaited from SUBSCRIBE on. */
MUST_CHECK enum err probe_begin(struct probe *p, int64_t now_ms);
/* Something came through this connection, or its reader was busy. */
void probe_life(struct probe *p);
/* A message on the probe's topic: is it the awaited one? Then the next is due after the interval.
 */
bool probe_answered(struct probe *p, struct span payload, int64_t now_ms);
/* PROBE_SEND: send p->token now. Ask while the reader is idle and the socket dry. */
enum probe_step probe_step(struct probe *p, int64_t now_ms);
struct span probe_token(const struct probe *p);

#endif
