/* SPDX-License-Identifier: Apache-2.0 */
/* The topic filters that a client subscribes to, copied into an arena, in the shape in which the
 * library takes them. Not for subscribing. */
#ifndef MQTT_FILTERS_H
#define MQTT_FILTERS_H

#include "base/arena.h"
#include "base/err.h"

struct filters {
    char **list;
    int count;
};

/* from: NULL-ended, or NULL. topic, or NULL: is to be received too, and joins the list unless a
 * filter holds it already (subscribed to twice, it would bring everything twice). ERR_NOMEM. */
MUST_CHECK enum err filters_copy(struct filters *to, const char *const *from, const char *topic,
                                 struct arena *strings);

#endif
