/* SPDX-License-Identifier: Apache-2.0 */
/* Protobuf's wire format, read strictly: nothing is believed about a length before it was compared
 * with what is there. */
#include "model/wire.h"

#define VARINT_BYTES_MAX 10
#define FIELD_NUMBER_MAX ((UINT64_C(1) << 29) - 1)

bool wire_take_varint(struct span *rest, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < rest->len && i < VARINT_BYTES_MAX; i++) {
        uint8_t byte = (uint8_t)rest->at[i];
        if (i == VARINT_BYTES_MAX - 1 && byte > 1) {
            return false; /* more than 64 bits */
        }
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            rest->at += i + 1;
            rest->len -= i + 1;
            *out = value;
            return true;
        }
    }
    return false;
}

static bool take_bytes(struct span *rest, uint64_t n, struct span *out)
{
    if (n > rest->len) {
        return false;
    }
    *out = (struct span){rest->at, (size_t)n};
    rest->at += n;
    rest->len -= (size_t)n;
    return true;
}

static bool take_value(struct span *rest, struct wire_field *out)
{
    uint64_t len = 0;
    switch (out->type) {
    case 0:
        return wire_take_varint(rest, &out->varint);
    case 1:
        return take_bytes(rest, 8, &out->bytes);
    case 2:
        return wire_take_varint(rest, &len) && take_bytes(rest, len, &out->bytes);
    case 5:
        return take_bytes(rest, 4, &out->bytes);
    default:
        return false;
    }
}

enum wire_step wire_next(struct wire *w, struct wire_field *out)
{
    uint64_t tag = 0;
    if (w->rest.len == 0) {
        return WIRE_END;
    }
    struct span rest = w->rest;
    if (!wire_take_varint(&rest, &tag) || tag >> 3 == 0 || tag >> 3 > FIELD_NUMBER_MAX) {
        return WIRE_BROKEN;
    }
    *out = (struct wire_field){.number = (uint32_t)(tag >> 3), .type = (unsigned)(tag & 7)};
    if (!take_value(&rest, out)) {
        return WIRE_BROKEN;
    }
    w->rest = rest;
    return WIRE_FIELD;
}

unsigned wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 1;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return 2;
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return 5;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_ENUM:
        break;
    }
    return 0;
}

bool wire_packed_count(ProtobufCType type, struct span bytes, size_t *out)
{
    unsigned wire_type = wire_type_of(type);
    *out = 0;
    if (wire_type != 0) {
        size_t size = wire_type == 1 ? 8 : 4;
        *out = bytes.len / size;
        return bytes.len % size == 0;
    }
    for (uint64_t value; bytes.len > 0; (*out)++) {
        if (!wire_take_varint(&bytes, &value)) {
            return false;
        }
    }
    return true;
}
