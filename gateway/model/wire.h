/* SPDX-License-Identifier: Apache-2.0 */
/* Protobuf's wire format, field by field, without unpacking: what a scan needs to know before it
 * lets protobuf-c near the bytes. */
#ifndef MODEL_WIRE_H
#define MODEL_WIRE_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct wire {
    struct span rest;
};

struct wire_field {
    uint32_t number;
    unsigned type;     /* 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes */
    uint64_t varint;   /* of type 0 */
    struct span bytes; /* of the others */
};

enum wire_step { WIRE_FIELD, WIRE_END, WIRE_BROKEN };

/* Takes the next field off. Groups are WIRE_BROKEN: no schema of ours has them. */
enum wire_step wire_next(struct wire *w, struct wire_field *out);
/* The wire type in which a field of this type is written, when not packed. */
unsigned wire_type_of(ProtobufCType type);
/* Items of a packed field. False when the bytes are no whole number of them. */
bool wire_packed_count(ProtobufCType type, struct span bytes, size_t *out);
/* One varint off the front of *rest. */
bool wire_take_varint(struct span *rest, uint64_t *out);

#endif
