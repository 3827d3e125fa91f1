/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the C descriptors from the envelope down and looks each message, field and code up in the
 * set: the two were made from the same files, and a difference means that the build mixed two
 * versions. A message that contains itself is refused, for unpacking foreign bytes would recurse
 * without end. */
#include "model/schema_join.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/schema_options.h"

#define DEPTH_MAX 6

#define TAG_FIELD_RULE 51001
#define TAG_CODE_RULE  51003

static const Dualgate__V1__FieldRule no_rule = DUALGATE__V1__FIELD_RULE__INIT;

/* Types of the set by the number descriptor.proto gives them; -1: not used by this schema. */
static const int type_of_proto[] = {
    [5] = PROTOBUF_C_TYPE_INT32,
    [3] = PROTOBUF_C_TYPE_INT64,
    [13] = PROTOBUF_C_TYPE_UINT32,
    [4] = PROTOBUF_C_TYPE_UINT64,
    [8] = PROTOBUF_C_TYPE_BOOL,
    [9] = PROTOBUF_C_TYPE_STRING,
    [11] = PROTOBUF_C_TYPE_MESSAGE,
    [14] = PROTOBUF_C_TYPE_ENUM,
    [17] = PROTOBUF_C_TYPE_SINT32,
    [18] = PROTOBUF_C_TYPE_SINT64,
    [1] = -1,
    [2] = -1,
    [6] = -1,
    [7] = -1,
    [10] = -1,
    [12] = -1,
    [15] = -1,
    [16] = -1,
    [0] = -1,
};

bool join_fail(struct schema_join *j, enum err e, const char *format, ...)
{
    if (j->err == ERR_OK) {
        j->err = e;
        va_list args;
        va_start(args, format);
        char text[256];
        (void)vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        buf_puts(j->why, text);
    }
    return false;
}

void *join_alloc(struct schema_join *j, size_t n, size_t size)
{
    void *out = arena_zalloc(j->arena, n * size);
    if (!out) {
        (void)join_fail(j, ERR_NOMEM, "out of memory");
    }
    return out;
}

/* The option of an options message; NULL where not given. */
static const ProtobufCMessage *option_of(struct schema_join *j, const ProtobufCMessage *options,
                                         uint32_t tag, const ProtobufCMessageDescriptor *type,
                                         const char *place)
{
    ProtobufCMessage *out = NULL;
    enum err e = descriptors_option(options, tag, type, j->arena, &out);
    if (e != ERR_OK) {
        (void)join_fail(j, e, "%s: option %u does not parse", place, tag);
    }
    return out;
}

const ProtobufCMessage *join_message_option(struct schema_join *j, const char *message,
                                            uint32_t tag, const ProtobufCMessageDescriptor *type)
{
    const Google__Protobuf__DescriptorProto *proto = descriptors_message(j->set, message);
    if (!proto || !proto->options) {
        return NULL;
    }
    return option_of(j, &proto->options->base, tag, type, message);
}

/* A copy of text between two quotes, then `end`. */
static struct span quoted(struct schema_join *j, const char *text, const char *end)
{
    char *out = arena_printf(j->arena, "\"%s\"%s", text, end);
    if (!out) {
        (void)join_fail(j, ERR_NOMEM, "out of memory");
    }
    return span_of(out);
}

/* --- code lists ------------------------------------------------------------------------------- */

static int compare_aliases(const void *a, const void *b)
{
    const struct code_alias *x = a;
    const struct code_alias *y = b;
    return strcmp(x->text, y->text);
}

static bool build_aliases(struct schema_join *j, struct code_list *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n_values; i++) {
        n += list->values[i].rule ? list->values[i].rule->n_alias : 0;
    }
    struct code_alias *aliases = join_alloc(j, n, sizeof(*aliases));
    if (!aliases) {
        return false;
    }
    for (size_t i = 0; i < list->n_values; i++) {
        const struct code_value *v = &list->values[i];
        for (size_t k = 0; v->rule && k < v->rule->n_alias; k++) {
            aliases[list->n_aliases++] = (struct code_alias){v->rule->alias[k], v};
        }
    }
    qsort(aliases, n, sizeof(*aliases), compare_aliases);
    list->aliases = aliases;
    for (size_t i = 0; i < n; i++) {
        if (!strchr(aliases[i].text, ':')) {
            return join_fail(j, ERR_INVALID, "%s: alias \"%s\" names no system", list->desc->name,
                             aliases[i].text);
        }
        if (i > 0 && strcmp(aliases[i].text, aliases[i - 1].text) == 0) {
            return join_fail(j, ERR_INVALID, "%s: alias \"%s\" stands twice", list->desc->name,
                             aliases[i].text);
        }
    }
    return true;
}

static const Google__Protobuf__EnumValueDescriptorProto *
value_of_proto(const Google__Protobuf__EnumDescriptorProto *proto, const ProtobufCEnumValue *v)
{
    for (size_t i = 0; i < proto->n_value; i++) {
        if (proto->value[i]->number == v->value && proto->value[i]->name &&
            strcmp(proto->value[i]->name, v->name) == 0) {
            return proto->value[i];
        }
    }
    return NULL;
}

static bool build_value(struct schema_join *j, const Google__Protobuf__EnumDescriptorProto *proto,
                        const ProtobufCEnumDescriptor *desc, size_t i, struct code_value *out)
{
    const ProtobufCEnumValue *v = &desc->values[i];
    const Google__Protobuf__EnumValueDescriptorProto *p = value_of_proto(proto, v);
    if (!p) {
        return join_fail(j, ERR_INVALID, "%s.%s: not in the descriptor set", desc->name, v->name);
    }
    const ProtobufCMessage *rule = p->options
                                       ? option_of(j, &p->options->base, TAG_CODE_RULE,
                                                   &dualgate__v1__code_rule__descriptor, desc->name)
                                       : NULL;
    *out = (struct code_value){
        .number = v->value,
        .name = v->name,
        .json = quoted(j, v->name, ""),
        .rule = (const Dualgate__V1__CodeRule *)(const void *)rule,
    };
    return j->err == ERR_OK;
}

static bool build_codes(struct schema_join *j, const ProtobufCEnumDescriptor *desc,
                        struct code_list *list)
{
    const Google__Protobuf__EnumDescriptorProto *proto = descriptors_enum(j->set, desc->name);
    if (!proto || proto->n_value != desc->n_values) {
        return join_fail(j, ERR_INVALID, "%s: not the list of the descriptor set", desc->name);
    }
    struct code_value *values = join_alloc(j, desc->n_values, sizeof(*values));
    for (size_t i = 0; values && i < desc->n_values; i++) {
        if (!build_value(j, proto, desc, i, &values[i])) {
            return false;
        }
    }
    *list = (struct code_list){.desc = desc, .values = values, .n_values = desc->n_values};
    return values && build_aliases(j, list);
}

static const struct code_list *join_codes(struct schema_join *j,
                                          const ProtobufCEnumDescriptor *desc)
{
    for (struct codes_node *n = j->lists; n; n = n->next) {
        if (n->list.desc == desc) {
            return &n->list;
        }
    }
    struct codes_node *node = join_alloc(j, 1, sizeof(*node));
    if (!node || !build_codes(j, desc, &node->list)) {
        return NULL;
    }
    node->next = j->lists;
    j->lists = node;
    return &node->list;
}

/* --- messages --------------------------------------------------------------------------------- */

static const struct message_type *
message_at(struct schema_join *j, const ProtobufCMessageDescriptor *desc, unsigned depth);

static int proto_type(const Google__Protobuf__FieldDescriptorProto *p)
{
    size_t n = sizeof(type_of_proto) / sizeof(type_of_proto[0]);
    int type = (int)p->type;
    return type >= 0 && (size_t)type < n ? type_of_proto[type] : -1;
}

static bool same_kind(const ProtobufCFieldDescriptor *f,
                      const Google__Protobuf__FieldDescriptorProto *p)
{
    bool repeated = p->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED;
    return p->name && strcmp(p->name, f->name) == 0 &&
           repeated == (f->label == PROTOBUF_C_LABEL_REPEATED);
}

static bool check_field(struct schema_join *j, const ProtobufCMessageDescriptor *desc,
                        const ProtobufCFieldDescriptor *f,
                        const Google__Protobuf__FieldDescriptorProto *p)
{
    if (!p || !same_kind(f, p)) {
        return join_fail(j, ERR_INVALID, "%s.%s: not the field of the descriptor set", desc->name,
                         f->name);
    }
    if (proto_type(p) < 0) {
        return join_fail(j, ERR_INVALID,
                         "%s.%s: bytes, floating and fixed types are not used; "
                         "numbers with a point are strings of format DECIMAL",
                         desc->name, f->name);
    }
    if (proto_type(p) != (int)f->type) {
        return join_fail(j, ERR_INVALID, "%s.%s: not the type of the descriptor set", desc->name,
                         f->name);
    }
    if (f->label == PROTOBUF_C_LABEL_REQUIRED) {
        return join_fail(j, ERR_INVALID, "%s.%s: fields are optional or repeated", desc->name,
                         f->name);
    }
    return true;
}

static bool join_field(struct schema_join *j, const ProtobufCMessageDescriptor *desc,
                       const Google__Protobuf__DescriptorProto *proto, size_t i, unsigned depth,
                       struct field_type *out)
{
    const ProtobufCFieldDescriptor *f = &desc->fields[i];
    const Google__Protobuf__FieldDescriptorProto *p = descriptors_field(proto, f->id);
    if (!check_field(j, desc, f, p)) {
        return false;
    }
    const ProtobufCMessage *rule =
        p->options ? option_of(j, &p->options->base, TAG_FIELD_RULE,
                               &dualgate__v1__field_rule__descriptor, desc->name)
                   : NULL;
    *out = (struct field_type){
        .desc = f,
        .rule = rule ? (const Dualgate__V1__FieldRule *)(const void *)rule : &no_rule,
        .key = quoted(j, f->name, ":"),
    };
    if (f->type == PROTOBUF_C_TYPE_ENUM) {
        out->codes = join_codes(j, f->descriptor);
    } else if (f->type == PROTOBUF_C_TYPE_MESSAGE) {
        out->message = message_at(j, f->descriptor, depth + 1);
    }
    return j->err == ERR_OK;
}

/* RiskUnit -> risk_unit */
static const char *snake_case(struct schema_join *j, const char *name)
{
    char *out = join_alloc(j, 2 * strlen(name) + 1, 1);
    size_t n = 0;
    for (size_t i = 0; out && name[i]; i++) {
        bool upper = name[i] >= 'A' && name[i] <= 'Z';
        if (upper && i > 0) {
            out[n++] = '_';
        }
        out[n++] = upper ? (char)(name[i] - 'A' + 'a') : name[i];
    }
    return out;
}

static bool build_slots(struct schema_join *j, struct message_type *m)
{
    size_t n = 4;
    while (n < 4 * m->n_fields) {
        n *= 2;
    }
    uint16_t *slots = join_alloc(j, n, sizeof(*slots));
    for (size_t i = 0; slots && i < m->n_fields; i++) {
        size_t at = slot_of_name(span_of(m->fields[i].desc->name)) & (n - 1);
        while (slots[at]) {
            at = (at + 1) & (n - 1);
        }
        slots[at] = (uint16_t)(i + 1);
    }
    m->slots = slots;
    m->slot_mask = n - 1;
    return slots;
}

static bool build_message(struct schema_join *j, const ProtobufCMessageDescriptor *desc,
                          unsigned depth, struct message_type *out)
{
    const Google__Protobuf__DescriptorProto *proto = descriptors_message(j->set, desc->name);
    if (!proto || proto->n_field != desc->n_fields) {
        return join_fail(j, ERR_INVALID, "%s: not the message of the descriptor set", desc->name);
    }
    const char *name = snake_case(j, desc->short_name);
    struct field_type *fields = join_alloc(j, desc->n_fields, sizeof(*fields));
    for (size_t i = 0; fields && i < desc->n_fields; i++) {
        if (!join_field(j, desc, proto, i, depth, &fields[i])) {
            return false;
        }
    }
    *out = (struct message_type){
        .desc = desc, .name = name, .fields = fields, .n_fields = desc->n_fields};
    return name && fields && build_slots(j, out) && options_check_fields(j, out);
}

static const struct message_type *message_at(struct schema_join *j,
                                             const ProtobufCMessageDescriptor *desc, unsigned depth)
{
    if (depth > DEPTH_MAX) {
        (void)join_fail(j, ERR_INVALID, "%s: nested too deep, or in itself", desc->name);
        return NULL;
    }
    for (struct message_node *n = j->messages; n; n = n->next) {
        if (n->type.desc == desc) {
            return &n->type;
        }
    }
    struct message_node *node = join_alloc(j, 1, sizeof(*node));
    if (!node || !build_message(j, desc, depth, &node->type)) {
        return NULL;
    }
    node->next = j->messages;
    j->messages = node;
    return &node->type;
}

const struct message_type *join_message(struct schema_join *j,
                                        const ProtobufCMessageDescriptor *desc)
{
    return message_at(j, desc, 0);
}
