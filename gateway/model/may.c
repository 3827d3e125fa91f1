/* SPDX-License-Identifier: Apache-2.0 */
/* The one question of permission, answered from the register alone. */
#include "model/may.h"

#include "model/division.h"

/* MQTT 5 properties of ours are refused above this (contract: response topic). */
#define RESPONSE_TOPIC_BYTES_MAX 256
/* Brokers refuse topics of more levels (Mosquitto: 200), and a receipt that cannot be published
 * would bring its batch back for ever. */
#define RESPONSE_TOPIC_SLASHES_MAX 100

static bool holds_word(const char *words, struct span word)
{
    struct span rest = span_of(words);
    while (rest.at && word.len > 0) {
        if (span_eq(span_cut(&rest, ' '), word)) {
            return true;
        }
    }
    return false;
}

static bool leads_sector(const struct registry *r, const struct reg_org *org, struct span sector)
{
    const struct reg_sector *s = registry_sector(r, sector);
    return holds_word(org->sectors, sector) || (s && (strcmp(s->lead_org, org->code) == 0 ||
                                                      holds_word(s->co_orgs, span_of(org->code))));
}

/* A department without sectors is responsible for all (police, fire brigade). */
static bool answers_for_sectors(const struct registry *r, const struct reg_org *org,
                                const struct scope *scope)
{
    if (org->sectors[0] == '\0' || leads_sector(r, org, scope->sector)) {
        return true;
    }
    struct span rest = span_of(scope->co_sectors);
    while (rest.at) {
        if (leads_sector(r, org, span_cut(&rest, ' '))) {
            return true;
        }
    }
    return false;
}

static bool coordinates_all(const struct reg_org *org)
{
    return org->kind == ORG_COMMITTEE || org->kind == ORG_GOVERNMENT || org->kind == ORG_UPPER;
}

static bool answers_for_unit(const struct registry *r, const struct reg_org *org,
                             const struct scope *scope)
{
    bool here = division_within(scope->division, span_of(org->division));
    return coordinates_all(org) || (org->kind == ORG_TOWNSHIP && here) ||
           (org->kind == ORG_DEPARTMENT && here && answers_for_sectors(r, org, scope));
}

static bool org_may_publish(const struct registry *r, const struct reg_org *org,
                            const struct scope *scope)
{
    if (!org->active) {
        return false;
    }
    if (scope->org.len > 0) {
        return span_is(scope->org, org->code) || coordinates_all(org);
    }
    return answers_for_unit(r, org, scope);
}

static bool may_publish(const struct registry *r, const struct principal *who,
                        const struct scope *scope)
{
    const struct reg_publisher *p = who->publisher;
    if (!p || !p->active) {
        return false;
    }
    if (who->org) {
        return org_may_publish(r, who->org, scope);
    }
    struct span code = span_of(p->code);
    return scope->uscc.len > 0 &&
           (span_eq(code, scope->uscc) || registry_authorised(r, code, scope->uscc, scope->sector));
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
