/* SPDX-License-Identifier: Apache-2.0 */
/* JSON scalars into typed fields (ProtoJSON, without its leniency where a code could be guessed).
 */
#include "model/json_scalar.h"

/* An integer read without loss. */
struct integer {
    bool negative;
    uint64_t magnitude;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 5, -5, and 5.0: writers that know only floating point add the fraction. */
static bool only_zeros_after_point(struct span s)
{
    if (s.len == 0) {
        return true;
    }
    if (s.at[0] != '.' || s.len == 1) {
        return false;
    }
    for (size_t i = 1; i < s.len; i++) {
        if (s.at[i] != '0') {
            return false;
        }
    }
    return true;
}

static enum reason parse_integer(struct span s, struct integer *out)
{
    size_t i = s.len > 0 && s.at[0] == '-' ? 1 : 0;
    size_t first = i;
    bool overflow = false;
    *out = (struct integer){.negative = i == 1};
    for (; i < s.len && is_digit(s.at[i]); i++) {
        overflow |= __builtin_mul_overflow(out->magnitude, (uint64_t)10, &out->magnitude);
        overflow |=
            __builtin_add_overflow(out->magnitude, (uint64_t)(s.at[i] - '0'), &out->magnitude);
    }
    if (i == first || !only_zeros_after_point((struct span){s.at + i, s.len - i})) {
        return REASON_WRONG_TYPE;
    }
    return overflow ? REASON_OUT_OF_RANGE : REASON_NONE;
}

/* Into a signed number of the given greatest value. */
static bool fit_signed(struct integer n, int64_t max, int64_t *out)
{
    uint64_t limit = (uint64_t)max + (n.negative ? 1 : 0);
    if (n.magnitude > limit) {
        return false;
    }
    /* Written so that the smallest value does not overflow on its way. */
    *out = n.negative && n.magnitude > 0 ? -(int64_t)(n.magnitude - 1) - 1 : (int64_t)n.magnitude;
    return true;
}

static bool fit_unsigned(struct integer n, uint64_t max)
{
    return n.magnitude <= max && (!n.negative || n.magnitude == 0);
}

static bool store_number(ProtobufCType type, struct integer n, void *item)
{
    int64_t value = 0;
    bool wide = type == PROTOBUF_C_TYPE_INT64 || type == PROTOBUF_C_TYPE_SINT64 ||
                type == PROTOBUF_C_TYPE_SFIXED64;
    if (type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_FIXED64) {
        *(uint64_t *)item = n.magnitude;
        return fit_unsigned(n, UINT64_MAX);
    }
    if (type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_FIXED32) {
        *(uint32_t *)item = (uint32_t)n.magnitude;
        return fit_unsigned(n, UINT32_MAX);
    }
    if (!fit_signed(n, wide ? INT64_MAX : INT32_MAX, &value)) {
        return false;
    }
    if (wide) {
        *(int64_t *)item = value;
    } else {
        *(int32_t *)item = (int32_t)value;
    }
    return true;
}

static enum reason store_integer(const struct field_type *type, const struct json_scalar *value,
                                 void *item)
{
    struct integer n;
    if (value->kind == SCALAR_BOOL) {
        return REASON_WRONG_TYPE;
    }
    enum reason why = parse_integer(value->text, &n);
    if (why != REASON_NONE) {
        return why;
    }
    return store_number(type->desc->type, n, item) ? REASON_NONE : REASON_OUT_OF_RANGE;
}

static enum reason store_code(const struct field_type *type, const struct json_scalar *value,
                              void *item)
{
    const struct code_value *code = NULL;
    struct integer n;
    int64_t number = 0;
    if (value->kind == SCALAR_BOOL) {
        return REASON_WRONG_TYPE;
    }
    if (value->kind == SCALAR_STRING) {
        code = code_by_name(type->codes, value->text);
    } else if (parse_integer(value->text, &n) == REASON_NONE && fit_signed(n, INT32_MAX, &number)) {
        code = code_by_number(type->codes, (int)number);
    }
    if (!code) {
        return REASON_UNKNOWN_CODE;
    }
    *(int *)item = code->number;
    return REASON_NONE;
}

static enum err store_text(const struct field_type *type, const struct json_scalar *value,
                           struct arena *arena, void *item, enum reason *why)
{
    bool digits = value->kind == SCALAR_NUMBER &&
                  type->rule->format == DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DECIMAL;
    if (value->kind != SCALAR_STRING && !digits) {
        *why = REASON_WRONG_TYPE;
        return ERR_OK;
    }
    /* A C string ends at NUL: what follows would be lost without a word. */
    if (value->text.len > 0 && memchr(value->text.at, '\0', value->text.len)) {
        *why = REASON_CONTROL_CHARACTER;
        return ERR_OK;
    }
    char *copy = arena_strndup(arena, value->text.at, value->text.len);
    if (!copy) {
        return ERR_NOMEM;
    }
    *(char **)item = copy;
    return ERR_OK;
}

enum err json_scalar_store(const struct field_type *type, const struct json_scalar *value,
                           struct arena *arena, void *item, enum reason *why)
{
    *why = REASON_NONE;
    switch (type->desc->type) {
    case PROTOBUF_C_TYPE_STRING:
        return store_text(type, value, arena, item, why);
    case PROTOBUF_C_TYPE_BOOL:
        if (value->kind == SCALAR_BOOL) {
            *(protobuf_c_boolean *)item = span_is(value->text, "true");
        } else {
            *why = REASON_WRONG_TYPE;
        }
        break;
    case PROTOBUF_C_TYPE_ENUM:
        *why = store_code(type, value, item);
        break;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        *why = store_integer(type, value, item);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
    case PROTOBUF_C_TYPE_FLOAT: /* the schema has no floating point and no bytes */
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_BYTES:
        *why = REASON_WRONG_TYPE;
        break;
    }
    return ERR_OK;
}
