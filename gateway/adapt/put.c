/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/put.h"

#include "base/utf8.h"
#include "model/field.h"
#include "model/json_scalar.h"

ProtobufCMessage *put_new(const ProtobufCMessageDescriptor *desc, struct arena *arena)
{
    ProtobufCMessage *m = arena_zalloc(arena, desc->sizeof_message);
    if (m) {
        protobuf_c_message_init(desc, m);
    }
    return m;
}

/* Where an item of the field's type lies before the field says that it is there. */
union item {
    protobuf_c_boolean yes;
    int code;
    int64_t number;
    void *pointer;
};

static enum err store(const struct field_type *field, struct span text, struct arena *arena,
                      union item *item, enum reason *why)
{
    struct json_scalar value = {SCALAR_STRING, text};
    if (utf8_text_prefix(text) != text.len) {
        *why = REASON_CONTROL_CHARACTER;
        return ERR_OK;
    }
    if (field->desc->type == PROTOBUF_C_TYPE_BOOL &&
        (span_is(text, "true") || span_is(text, "false"))) {
        value.kind = SCALAR_BOOL;
    }
    return json_scalar_store(field, &value, arena, item, why);
}

static enum err put_one(ProtobufCMessage *m, const struct field_type *field, struct span text,
                        struct arena *arena, enum reason *why)
{
    union item item = {.number = 0};
    enum err err = store(field, text, arena, &item, why);
    if (err == ERR_OK && *why == REASON_NONE) {
        field_mark(m, field->desc);
        memcpy(field_item(m, field->desc, 0), &item, field_item_size(field->desc));
    }
    return err;
}

static enum err put_many(ProtobufCMessage *m, const struct field_type *field,
                         const struct span *texts, size_t n, struct arena *arena, enum reason *why,
                         struct span *wrong)
{
    size_t size = field_item_size(field->desc);
    char *items = arena_zalloc(arena, (n + 1) * size);
    if (!items) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        union item item = {.number = 0};
        enum err err = store(field, texts[i], arena, &item, why);
        if (err != ERR_OK || *why != REASON_NONE) {
            *wrong = texts[i];
            return err;
        }
        memcpy(items + i * size, &item, size);
    }
    char *base = (char *)m;
    memcpy(base + field->desc->quantifier_offset, &n, sizeof n);
    memcpy(base + field->desc->offset, &items, sizeof items);
    return ERR_OK;
}

/* The submessage that a nested target is in, made when it is not there yet. */
static ProtobufCMessage *inner_message(ProtobufCMessage *m, const struct field_type *field,
                                       struct arena *arena)
{
    ProtobufCMessage *inner = NULL;
    if (field_present(m, field->desc)) {
        memcpy(&inner, field_item(m, field->desc, 0), sizeof inner);
        return inner;
    }
    inner = put_new(field->message->desc, arena);
    if (inner) {
        field_mark(m, field->desc);
        memcpy(field_item(m, field->desc, 0), &inner, sizeof inner);
    }
    return inner;
}

void put_items(ProtobufCMessage *m, const struct field_type *list, ProtobufCMessage **items,
               size_t n)
{
    if (n > 0) {
        memcpy((char *)m + list->desc->quantifier_offset, &n, sizeof n);
        memcpy((char *)m + list->desc->offset, &items, sizeof items);
    }
}

static int code_of(const ProtobufCMessage *item, const struct field_type *kind)
{
    int code = 0;
    memcpy(&code, field_item(item, kind->desc, 0), sizeof code);
    return code;
}

const ProtobufCMessage *put_item(const ProtobufCMessage *m, const struct target *target, size_t i)
{
    const ProtobufCMessage *item = NULL;
    if (target->kind && i < field_count(m, target->field->desc)) {
        memcpy(&item, field_item(m, target->field->desc, i), sizeof item);
    }
    return item && code_of(item, target->kind) == target->code ? item : NULL;
}

/* The item of the target's code, made when it is not there yet. */
static ProtobufCMessage *item_message(ProtobufCMessage *m, const struct target *target,
                                      struct arena *arena)
{
    const ProtobufCFieldDescriptor *list = target->field->desc;
    size_t n = field_count(m, list);
    for (size_t i = 0; i < n; i++) {
        if (put_item(m, target, i)) {
            return *(ProtobufCMessage **)field_item(m, list, i);
        }
    }
    ProtobufCMessage *item = put_new(target->field->message->desc, arena);
    ProtobufCMessage **items = arena_zalloc(arena, (n + 1) * sizeof(ProtobufCMessage *));
    if (!item || !items) {
        return NULL;
    }
    field_mark(item, target->kind->desc);
    memcpy(field_item(item, target->kind->desc, 0), &target->code, sizeof target->code);
    for (size_t i = 0; i < n; i++) {
        memcpy(&items[i], field_item(m, list, i), sizeof(ProtobufCMessage *));
    }
    items[n++] = item;
    put_items(m, target->field, items, n);
    return item;
}

enum err put_texts(ProtobufCMessage *m, const struct target *target, const struct span *texts,
                   size_t n, struct arena *arena, enum reason *why, struct span *wrong)
{
    const struct field_type *field = target->field;
    *why = REASON_NONE;
    *wrong = n > 0 ? texts[0] : SPAN_NONE;
    if (n == 0) {
        return ERR_OK;
    }
    if (target->inner) {
        m = target->kind ? item_message(m, target, arena) : inner_message(m, field, arena);
        field = target->inner;
        if (!m) {
            return ERR_NOMEM;
        }
    }
    if (field->desc->label == PROTOBUF_C_LABEL_REPEATED) {
        return put_many(m, field, texts, n, arena, why, wrong);
    }
    return put_one(m, field, texts[0], arena, why);
}
