/* SPDX-License-Identifier: Apache-2.0 */
/* Joins C descriptors with the descriptor set: message types with their fields, rules and code
 * lists. Only for model/schema. The first thing wrong is kept, with its place; everything after
 * does nothing. */
#ifndef MODEL_SCHEMA_JOIN_H
#define MODEL_SCHEMA_JOIN_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/descriptors.h"
#include "model/schema.h"

struct message_node {
    struct message_node *next;
    struct message_type type;
};

struct codes_node {
    struct codes_node *next;
    struct code_list list;
};

struct schema_join {
    const Google__Protobuf__FileDescriptorSet *set;
    struct arena *arena; /* of what stays */
    struct message_node *messages;
    struct codes_node *lists;
    struct buf *why;
    enum err err;
};

/* Where a field's name is looked for first in message_type.slots. */
static inline size_t slot_of_name(struct span name)
{
    const unsigned char *at = (const unsigned char *)name.at;
    return name.len * 5 + at[0] * (size_t)3 + at[name.len / 2] * (size_t)17 +
           at[name.len - 1] * (size_t)31;
}

/* Records the first failure; always false. */
bool join_fail(struct schema_join *j, enum err e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void *join_alloc(struct schema_join *j, size_t n, size_t size);
/* The message with all below it; NULL after a failure. */
const struct message_type *join_message(struct schema_join *j,
                                        const ProtobufCMessageDescriptor *desc);
/* The option `tag` of the message itself; NULL where it has none or after a failure. */
const ProtobufCMessage *join_message_option(struct schema_join *j, const char *message,
                                            uint32_t tag, const ProtobufCMessageDescriptor *type);

#endif
