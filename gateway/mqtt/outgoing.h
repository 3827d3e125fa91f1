/* SPDX-License-Identifier: Apache-2.0 */
/* The publications that the library has and the broker has not answered yet: a fixed pool, found by
 * packet id in O(1). Not for sending: knows neither library nor connection.
 *
 * Promises: what was committed is called back exactly once, by outgoing_tell alone, and counts
 * until then; what was abandoned never. */
#ifndef MQTT_OUTGOING_H
#define MQTT_OUTGOING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"

typedef void (*outgoing_done)(void *arg, enum err result);

struct outgoing_entry;

struct outgoing {
    struct outgoing_entry *pool;
    struct list *slots;
    uint32_t slot_mask;
    uint32_t count;
    struct list free, finished;
    struct outgoing_entry *begun; /* in the call of the library under way */
};

/* Room for `max` publications, but at least 1 and at most a quarter of the packet ids. ERR_NOMEM;
 * outgoing_free in any case. */
MUST_CHECK enum err outgoing_init(struct outgoing *o, uint32_t max);
void outgoing_free(struct outgoing *o);
bool outgoing_is_full(const struct outgoing *o);
/* Not yet told about. */
uint32_t outgoing_count(const struct outgoing *o);
/* Before the library is called, and not while full: where it writes the packet id before it sends.
 * Then one of the two that follow. */
int *outgoing_begin(struct outgoing *o, outgoing_done done, void *arg);
void outgoing_commit(struct outgoing *o);
void outgoing_abandon(struct outgoing *o);
/* The answer to this packet id; may come before outgoing_commit. False when it is unknown. */
bool outgoing_finish(struct outgoing *o, int mid, enum err result);
/* All that were committed end so. False when there are none. */
bool outgoing_finish_all(struct outgoing *o, enum err result);
/* Calls back for what has finished. Not from inside the library: who is told may do anything but
 * free *o. */
void outgoing_tell(struct outgoing *o);

#endif
