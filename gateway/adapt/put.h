/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical texts into the fields of a message, by descriptor. Judges the type; lengths and formats
 * are rules. */
#ifndef ADAPT_PUT_H
#define ADAPT_PUT_H

#include "adapt/mapping.h"
#include "model/reason.h"

/* An empty message of that type in the arena, or NULL. */
ProtobufCMessage *put_new(const ProtobufCMessageDescriptor *desc, struct arena *arena);
/* Sets the target's field of message m to the texts: one, or for a repeated field several. *why is
 * REASON_NONE when they were taken, and *wrong the text that was not. ERR_NOMEM only. */
MUST_CHECK enum err put_texts(ProtobufCMessage *m, const struct target *target,
                              const struct span *texts, size_t n, struct arena *arena,
                              enum reason *why, struct span *wrong);

/* Sets a list of messages. items live as long as m; none: as it was. */
void put_items(ProtobufCMessage *m, const struct field_type *list, ProtobufCMessage **items,
               size_t n);
/* Item i of the target's list, or NULL when there is none or it is of another code than the
 * target's.
 */
const ProtobufCMessage *put_item(const ProtobufCMessage *m, const struct target *target, size_t i);

#endif
