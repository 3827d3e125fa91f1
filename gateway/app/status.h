/* SPDX-License-Identifier: Apache-2.0 */
/* The retained status message of a gateway (contract: dp/v1/{node}/status/{gateway}): up, standby
 * or down, with a last will that says down for a process that died. Said again when it changes or
 * after a reconnect. */
#ifndef APP_STATUS_H
#define APP_STATUS_H

#include "base/clock.h"
#include "mqtt/client.h"

#define STATUS_TOPIC_CHARS   128
#define STATUS_PAYLOAD_CHARS 256

struct status {
    const struct clock *clock;
    const char *state; /* "up", "standby", "down" */
    int64_t since_us;
    bool said; /* on this connection */
    char topic[STATUS_TOPIC_CHARS];
    char will[STATUS_PAYLOAD_CHARS];
};

void status_init(struct status *s, const char *node, const char *gateway,
                 const struct clock *clock);
/* A new connection: whatever was said before may not stand there. */
void status_forget(struct status *s);
/* state is a literal. */
void status_say(struct status *s, struct client *client, const char *state);

#endif
