/* SPDX-License-Identifier: Apache-2.0 */
/* The one question of permission. Every act that somebody could be forbidden passes may(). */
#ifndef MODEL_MAY_H
#define MODEL_MAY_H

#include <stdbool.h>

#include "model/register.h"

enum verb {
    VERB_PUBLISH, /* a report about the scope's uscc or organisation */
    VERB_RECEIVE, /* a receipt on topic scope.topic */
};

struct principal {
    const struct reg_publisher *publisher;
    const struct reg_org *org; /* it acts as this organisation, on that one's topic; else NULL */
};

struct scope {
    struct span uscc;       /* of the reporting unit; empty where it is about an organisation */
    struct span org;        /* that organisation's code, else empty */
    struct span sector;     /* the unit's, and further ones: */
    const char *co_sectors; /* words separated by spaces, or NULL */
    struct span division;
    struct span record;
    struct span topic; /* asked response topic */
    struct span
        own_topic_prefix; /* …/{sector}/{publisher}/down/ of the topic the message came on */
};

bool may(const struct registry *r, const struct principal *who, enum verb verb,
         const struct scope *scope);

#endif
