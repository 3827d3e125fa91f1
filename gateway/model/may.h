/* SPDX-License-Identifier: Apache-2.0 */
/* The one question of permission. Every act that somebody could be forbidden passes may(). */
#ifndef MODEL_MAY_H
#define MODEL_MAY_H

#include <stdbool.h>

#include "model/register.h"

enum verb {
    VERB_PUBLISH, /* a report for scope.uscc */
    VERB_RECEIVE, /* a receipt on topic scope.topic */
};

struct principal {
    const struct reg_publisher *publisher;
};

struct scope {
    struct span uscc;
    struct span sector;
    struct span record;
    struct span topic; /* asked response topic */
    struct span
        own_topic_prefix; /* …/{sector}/{publisher}/down/ of the topic the message came on */
};

bool may(const struct registry *r, const struct principal *who, enum verb verb,
         const struct scope *scope);

#endif
