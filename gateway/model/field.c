/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of protobuf-c messages by descriptor, after the layout that protoc-c generates. */
#include "model/field.h"

#include <inttypes.h>

static void *at_offset(const ProtobufCMessage *m, unsigned offset)
{
    return (char *)(uintptr_t)m + offset;
}

static bool is_pointer(const ProtobufCFieldDescriptor *f)
{
    return f->type == PROTOBUF_C_TYPE_STRING || f->type == PROTOBUF_C_TYPE_MESSAGE;
}

static bool in_oneof(const ProtobufCFieldDescriptor *f)
{
    return (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

bool field_present(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    if (f->label == PROTOBUF_C_LABEL_REPEATED) {
        return *(size_t *)at_offset(m, f->quantifier_offset) > 0;
    }
    if (in_oneof(f) && *(uint32_t *)at_offset(m, f->quantifier_offset) != f->id) {
        return false;
    }
    if (is_pointer(f)) {
        return *(void **)at_offset(m, f->offset) != NULL;
    }
    return in_oneof(f) || *(protobuf_c_boolean *)at_offset(m, f->quantifier_offset);
}

size_t field_count(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    if (f->label == PROTOBUF_C_LABEL_REPEATED) {
        return *(size_t *)at_offset(m, f->quantifier_offset);
    }
    return field_present(m, f) ? 1 : 0;
}

size_t field_item_size(const ProtobufCFieldDescriptor *f)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(uint64_t);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_ENUM:
        break;
    }
    return sizeof(uint32_t);
}

void *field_item(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, size_t i)
{
    if (f->label == PROTOBUF_C_LABEL_REPEATED) {
        return *(char **)at_offset(m, f->offset) + i * field_item_size(f);
    }
    return at_offset(m, f->offset);
}

void field_mark(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    if (in_oneof(f)) {
        *(uint32_t *)at_offset(m, f->quantifier_offset) = f->id;
    } else if (!is_pointer(f)) {
        *(protobuf_c_boolean *)at_offset(m, f->quantifier_offset) = 1;
    }
}

void field_clear(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    if (f->label == PROTOBUF_C_LABEL_REPEATED) {
        *(size_t *)at_offset(m, f->quantifier_offset) = 0;
    } else if (is_pointer(f)) {
        *(void **)at_offset(m, f->offset) = NULL;
    } else {
        *(protobuf_c_boolean *)at_offset(m, f->quantifier_offset) = 0;
    }
}

const char *field_text(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    if (f->type != PROTOBUF_C_TYPE_STRING || f->label == PROTOBUF_C_LABEL_REPEATED ||
        !field_present(m, f)) {
        return NULL;
    }
    return *(char **)at_offset(m, f->offset);
}

int64_t field_integer(const ProtobufCFieldDescriptor *f, const void *item)
{
    switch (f->type) {
    case PROTOBUF_C_TYPE_BOOL:
        return *(const protobuf_c_boolean *)item != 0;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return *(const uint32_t *)item;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return *(const int64_t *)item;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64: {
        uint64_t value = *(const uint64_t *)item;
        return value > INT64_MAX ? INT64_MAX : (int64_t)value;
    }
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_ENUM:
        return *(const int32_t *)item;
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        break;
    }
    return 0;
}

static const char *enum_name(const ProtobufCFieldDescriptor *f, int number, struct arena *a)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(f->descriptor, number);
    return value ? value->name : arena_printf(a, "%d", number);
}

const char *field_as_text(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f,
                          struct arena *a)
{
    if (f->label == PROTOBUF_C_LABEL_REPEATED || !field_present(m, f)) {
        return "";
    }
    if (f->type == PROTOBUF_C_TYPE_STRING) {
        return field_text(m, f);
    }
    int64_t value = field_integer(f, field_item(m, f, 0));
    if (f->type == PROTOBUF_C_TYPE_ENUM) {
        return enum_name(f, (int)value, a);
    }
    return arena_printf(a, "%" PRId64, value);
}
