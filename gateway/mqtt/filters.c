/* SPDX-License-Identifier: Apache-2.0 */
/* See filters.h. */
#include "mqtt/filters.h"

#include <mosquitto.h>
#include <stdbool.h>
#include <stddef.h>

static bool holds(const char *filter, const char *topic)
{
    bool yes = false;
    return mosquitto_topic_matches_sub(filter, topic, &yes) == MOSQ_ERR_SUCCESS && yes;
}

static enum err add(struct filters *to, const char *filter, struct arena *strings)
{
    char *copy = arena_strdup(strings, filter);
    if (!copy) {
        return ERR_NOMEM;
    }
    to->list[to->count++] = copy;
    return ERR_OK;
}

enum err filters_copy(struct filters *to, const char *const *from, const char *topic,
                      struct arena *strings)
{
    size_t count = 0;
    while (from && from[count]) {
        count++;
    }
    *to = (struct filters){arena_alloc(strings, (count + 1) * sizeof(*to->list)), 0};
    if (!to->list) {
        return ERR_NOMEM;
    }
    bool wanted = topic != NULL;
    for (size_t i = 0; i < count; i++) {
        if (add(to, from[i], strings) != ERR_OK) {
            return ERR_NOMEM;
        }
        wanted = wanted && !holds(from[i], topic);
    }
    return wanted ? add(to, topic, strings) : ERR_OK;
}
