/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacking goes into an arena, so that nothing here is freed one by one; protobuf-c answers NULL
 * for bad bytes and for no memory alike, and what the allocator saw tells them apart. */
#include "model/descriptors.h"

#include <stdint.h>

struct arena_allocator {
    struct arena *arena;
    bool failed;
};

static void *allocate(void *data, size_t size)
{
    struct arena_allocator *a = data;
    void *out = arena_alloc(a->arena, size);
    a->failed = a->failed || !out;
    return out;
}

static void keep(void *data, void *block)
{
    (void)data;
    (void)block;
}

static enum err unpack(const ProtobufCMessageDescriptor *type, struct span bytes,
                       struct arena *arena, ProtobufCMessage **out)
{
    struct arena_allocator state = {.arena = arena};
    ProtobufCAllocator allocator = {.alloc = allocate, .free = keep, .allocator_data = &state};
    *out = protobuf_c_message_unpack(type, &allocator, bytes.len, (const uint8_t *)bytes.at);
    if (*out) {
        return ERR_OK;
    }
    return state.failed ? ERR_NOMEM : ERR_SYNTAX;
}

enum err descriptors_read(struct span bytes, struct arena *arena,
                          const Google__Protobuf__FileDescriptorSet **out)
{
    ProtobufCMessage *set = NULL;
    enum err e = unpack(&google__protobuf__file_descriptor_set__descriptor, bytes, arena, &set);
    *out = (const Google__Protobuf__FileDescriptorSet *)(const void *)set;
    return e;
}

static const Google__Protobuf__DescriptorProto *
message_in(Google__Protobuf__DescriptorProto *const *list, size_t n, struct span name)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i]->name && span_is(name, list[i]->name)) {
            return list[i];
        }
    }
    return NULL;
}

/* What follows "package." in a full name; SPAN_NONE when it is of another package. */
static struct span without_package(const Google__Protobuf__FileDescriptorProto *file,
                                   struct span full_name)
{
    struct span package = span_of(file->package);
    if (!package.len || !span_starts(full_name, package) || full_name.len <= package.len + 1 ||
        full_name.at[package.len] != '.') {
        return SPAN_NONE;
    }
    return (struct span){full_name.at + package.len + 1, full_name.len - package.len - 1};
}

static const Google__Protobuf__DescriptorProto *
message_of_file(const Google__Protobuf__FileDescriptorProto *file, struct span path)
{
    const Google__Protobuf__DescriptorProto *m = NULL;
    while (path.at) {
        struct span name = span_cut(&path, '.');
        m = m ? message_in(m->nested_type, m->n_nested_type, name)
              : message_in(file->message_type, file->n_message_type, name);
        if (!m) {
            return NULL;
        }
    }
    return m;
}

static const Google__Protobuf__DescriptorProto *
message_named(const Google__Protobuf__FileDescriptorSet *set, struct span full_name)
{
    for (size_t i = 0; i < set->n_file; i++) {
        const Google__Protobuf__DescriptorProto *m =
            message_of_file(set->file[i], without_package(set->file[i], full_name));
        if (m) {
            return m;
        }
    }
    return NULL;
}

const Google__Protobuf__DescriptorProto *
descriptors_message(const Google__Protobuf__FileDescriptorSet *set, const char *full_name)
{
    return message_named(set, span_of(full_name));
}

const Google__Protobuf__EnumDescriptorProto *
descriptors_enum(const Google__Protobuf__FileDescriptorSet *set, const char *full_name)
{
    const char *dot = strrchr(full_name, '.');
    if (!dot) {
        return NULL;
    }
    struct span owner = {full_name, (size_t)(dot - full_name)};
    const Google__Protobuf__DescriptorProto *m = message_named(set, owner);
    for (size_t i = 0; m && i < m->n_enum_type; i++) {
        if (m->enum_type[i]->name && strcmp(m->enum_type[i]->name, dot + 1) == 0) {
            return m->enum_type[i];
        }
    }
    return NULL;
}

const Google__Protobuf__FieldDescriptorProto *
descriptors_field(const Google__Protobuf__DescriptorProto *message, uint32_t number)
{
    for (size_t i = 0; i < message->n_field; i++) {
        if (message->field[i]->has_number && message->field[i]->number == (int64_t)number) {
            return message->field[i];
        }
    }
    return NULL;
}

/* protobuf-c keeps an unknown length-delimited field with its length in front. */
static bool without_length(struct span *data)
{
    uint64_t len = 0;
    for (size_t i = 0; i < data->len && i < 5; i++) {
        unsigned char c = (unsigned char)data->at[i];
        len |= (uint64_t)(c & 0x7f) << (7 * i);
        if (c < 0x80) {
            *data = (struct span){data->at + i + 1, data->len - i - 1};
            return data->len == len;
        }
    }
    return false;
}

enum err descriptors_option(const ProtobufCMessage *options, uint32_t tag,
                            const ProtobufCMessageDescriptor *type, struct arena *arena,
                            ProtobufCMessage **out)
{
    *out = NULL;
    for (unsigned i = 0; options && i < options->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *f = &options->unknown_fields[i];
        if (f->tag != tag) {
            continue;
        }
        struct span data = {(const char *)f->data, f->len};
        if (f->wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED || !without_length(&data)) {
            return ERR_SYNTAX;
        }
        return unpack(type, data, arena, out);
    }
    return ERR_OK;
}
