/* SPDX-License-Identifier: Apache-2.0 */
/* The one question of permission, answered from the register alone. */
#include "model/may.h"

/* MQTT 5 properties of ours are refused above this (contract: response topic). */
#define RESPONSE_TOPIC_BYTES_MAX 256
/* Brokers refuse topics of more levels (Mosquitto: 200), and a receipt that cannot be published
 * would bring its batch back for ever. */
#define RESPONSE_TOPIC_SLASHES_MAX 100

static bool may_publish(const struct registry *r, const struct principal *who,
                        const struct scope *scope)
{
    const struct reg_publisher *p = who->publisher;
    if (!p || !p->active) {
        return false;
    }
    struct span code = span_of(p->code);
    return span_eq(code, scope->uscc) || registry_authorised(r, code, scope->uscc, scope->sector);
}

/* Answers go only below the topic's own down/: anywhere else, a publisher could make the gateway
 * write into another's topics. */
static bool may_receive(const struct scope *scope)
{
    struct span topic = scope->topic;
    struct span prefix = scope->own_topic_prefix;
    if (prefix.len == 0 || topic.len <= prefix.len || topic.len > RESPONSE_TOPIC_BYTES_MAX ||
        !span_starts(topic, prefix)) {
        return false;
    }
    size_t slashes = 0;
    for (size_t i = 0; i < topic.len; i++) {
        if (topic.at[i] == '+' || topic.at[i] == '#' || topic.at[i] == '\0') {
            return false;
        }
        slashes += topic.at[i] == '/';
    }
    return slashes <= RESPONSE_TOPIC_SLASHES_MAX;
}

bool may(const struct registry *r, const struct principal *who, enum verb verb,
         const struct scope *scope)
{
    switch (verb) {
    case VERB_PUBLISH:
        return may_publish(r, who, scope);
    case VERB_RECEIVE:
        return may_receive(scope);
    }
    return false;
}
