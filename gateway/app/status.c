/* SPDX-License-Identifier: Apache-2.0 */
#include "app/status.h"

#include <stdio.h>
#include <string.h>

#include "cli/version.h"
#include "model/civil_time.h"

static void write_payload(const char *state, int64_t since_us, char out[STATUS_PAYLOAD_CHARS])
{
    char since[TIME_TEXT_MAX];
    time_format(since_us, since);
    snprintf(out, STATUS_PAYLOAD_CHARS,
             "{\"state\": \"%s\", \"since\": \"%s\", \"version\": \"%s\"}", state, since,
             version_text());
}

void status_init(struct status *s, const char *node, const char *gateway, const struct clock *clock)
{
    *s = (struct status){.clock = clock};
    snprintf(s->topic, sizeof s->topic, "dp/v1/%s/status/%s", node, gateway);
    write_payload("down", clock_wall_us(clock), s->will);
}

void status_forget(struct status *s)
{
    s->said = false;
}

static void on_taken(void *arg, enum err result)
{
    (void)arg;
    (void)result; /* said again after the next reconnect */
}

void status_say(struct status *s, struct client *client, const char *state)
{
    char payload[STATUS_PAYLOAD_CHARS];
    if (s->state == NULL || strcmp(s->state, state) != 0) {
        s->state = state;
        s->since_us = clock_wall_us(s->clock);
        s->said = false;
    }
    if (s->said) {
        return;
    }
    write_payload(state, s->since_us, payload);
    const struct publication p = {
        .topic = span_of(s->topic),
        .payload = span_of(payload),
        .content_type = "application/json",
        .retain = true,
        .qos = 1,
    };
    if (client_publish(client, &p, on_taken, NULL) == ERR_OK) {
        s->said = true;
        client_flush(client);
    }
}
