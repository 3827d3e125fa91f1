/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of protobuf-c messages by descriptor: is it set, what is in it, set it. The only place
 * that computes addresses inside a message whose C type is not named. Judges nothing. */
#ifndef MODEL_FIELD_H
#define MODEL_FIELD_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

/* Set: the has_ flag, a pointer that is not NULL, a oneof that says so, or at least one item. */
bool field_present(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);
/* Items of a repeated field; of another 1 when present, else 0. */
size_t field_count(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);
/* Address of item i (of a field that is not repeated: 0), i < field_count(). */
void *field_item(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i);
/* Bytes that one item takes: of a string or message, its pointer. */
size_t field_item_size(const ProtobufCFieldDescriptor *f);
/* Marks a field that is not repeated as set; its value is written by the caller through
 * field_item(). */
void field_mark(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);
/* Makes it absent. */
void field_clear(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);

/* The string of a field that is not repeated, or NULL. */
const char *field_text(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f);
/* The value of an integer or enum as 64 bits; unsigned ones above the range of int64 are cut to its
 * end. */
int64_t field_integer(const ProtobufCFieldDescriptor *f, const void *item);
/* The value as text: strings as they are, integers in decimal, enums by name, "" when absent. NULL
 * only when the arena is exhausted. */
const char *field_as_text(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f,
                          struct arena *a);

#endif
