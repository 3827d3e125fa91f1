/* SPDX-License-Identifier: Apache-2.0 */
/* What is found about a report, and its identity: id, place in the order of versions, content hash.
 */
#include "model/report.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "model/civil_time.h"
#include "model/field.h"

#define VALUE_CHARS_MAX 200
/* A packed report up to this size is hashed from the stack; photos go through the heap. */
#define PACK_ON_STACK 4096

/* A name beginning with '@' in a record's key is a field of the envelope. */
#define KEY_OF_ENVELOPE '@'

static struct span shown_value(struct span value)
{
    value.len = utf8_valid_prefix(value);
    return utf8_clip(value, VALUE_CHARS_MAX);
}

void report_reject(struct report *r, struct arena *a, enum reason reason, const char *field,
                   const struct field_type *type, struct span value)
{
    if (r->problem.reason != REASON_NONE) {
        return;
    }
    struct span shown = shown_value(value);
    r->problem = (struct problem){
        .reason = reason,
        .field = field ? arena_strdup(a, field) : NULL,
        .label_zh = type ? type->rule->zh : NULL,
        .label_en = type ? type->rule->en : NULL,
        .value = value.at ? arena_strndup(a, shown.at, shown.len) : NULL,
    };
    r->starved |= (field && !r->problem.field) || (value.at && !r->problem.value);
}

void report_warn(struct report *r, struct arena *a, const char *text)
{
    struct warning *w = arena_zalloc(a, sizeof *w);
    struct warning **end = &r->warnings;
    if (!w || !(w->text = arena_strdup(a, text))) {
        r->starved = true;
        return;
    }
    while (*end) {
        end = &(*end)->next;
    }
    *end = w;
}

/* A copy, or NULL for NULL. */
static const char *copy_or_null(struct report *r, struct arena *a, const char *text)
{
    const char *copy = text ? arena_strdup(a, text) : NULL;
    r->starved |= text && !copy;
    return copy;
}

void report_find(struct report *r, struct arena *a, const char *code, const char *field,
                 const char *reported, const char *expected)
{
    struct finding *f = arena_zalloc(a, sizeof *f);
    struct finding **end = &r->findings;
    if (!f) {
        r->starved = true;
        return;
    }
    f->code = copy_or_null(r, a, code);
    f->field = copy_or_null(r, a, field ? field : "");
    f->reported = copy_or_null(r, a, reported);
    f->expected = copy_or_null(r, a, expected);
    if (!f->code || !f->field) {
        return;
    }
    while (*end) {
        end = &(*end)->next;
    }
    *end = f;
}

const char *report_record_name(const struct report *r)
{
    if (r->type) {
        return r->type->via ? r->type->via->name : r->type->name;
    }
    return r->env && r->env->record ? r->env->record : "";
}

Dualgate__V1__Op__Code report_default_op(const struct record_type *record)
{
    bool only_zero = record->ops == 1u << DUALGATE__V1__OP__CODE__ZERO;
    return only_zero ? DUALGATE__V1__OP__CODE__ZERO : DUALGATE__V1__OP__CODE__UPSERT;
}

Dualgate__V1__Op__Code report_op(const struct report *r, const struct record_type *record)
{
    return r->env->has_op ? r->env->op : report_default_op(record);
}

static const struct record_type *named_record(struct report *r, struct arena *a,
                                              const struct schema *schema,
                                              const struct record_type *topic_record)
{
    const struct field_type *field = message_field(schema->report, SPAN_LIT("record"));
    const char *name = r->env->record;
    if (!name) {
        if (!topic_record) {
            report_reject(r, a, REASON_MISSING_FIELD, "record", field, SPAN_NONE);
        }
        return topic_record;
    }
    const struct record_type *named = schema_record(schema, span_of(name));
    if (!named || named->via) {
        report_reject(r, a, REASON_UNKNOWN_RECORD, "record", field, span_of(name));
        return NULL;
    }
    if (topic_record && named != topic_record) {
        report_reject(r, a, REASON_RECORD_MISMATCH, "record", field, span_of(name));
        return NULL;
    }
    return named;
}

const struct record_type *report_body_record(struct report *r, struct arena *a,
                                             const struct schema *schema,
                                             const struct record_type *topic_record)
{
    const struct record_type *record = named_record(r, a, schema, topic_record);
    if (!record) {
        return NULL;
    }
    Dualgate__V1__Op__Code op = report_op(r, record);
    const struct record_type *body = schema_body_of(schema, record, op);
    if (!body) {
        const ProtobufCEnumValue *value =
            protobuf_c_enum_descriptor_get_value(&dualgate__v1__op__code__descriptor, (int)op);
        report_reject(r, a, REASON_OP_NOT_ALLOWED, "op",
                      message_field(schema->report, SPAN_LIT("op")),
                      span_of(value ? value->name : ""));
    }
    return body;
}

bool report_path_is_field(const struct schema *schema, const struct record_type *record,
                          const char *path)
{
    struct span rest = span_of(path);
    const struct message_type *in = schema->report;
    while (rest.at) {
        struct span name = span_cut(&rest, '.');
        name.len = strcspn(name.at, ".[");
        if (in == schema->report && span_is(name, "body")) {
            in = record->message;
            continue;
        }
        const struct field_type *field = message_field(in, name);
        if (!field || (in == schema->report && field->message)) {
            return false;
        }
        if (!field->message) {
            return true;
        }
        in = field->message;
    }
    return true;
}

static enum reason judge_member(const struct report *r, const struct schema *schema,
                                const Dualgate__V1__UnknownMember *m)
{
    if (!m->path || !m->json) {
        return REASON_MISSING_FIELD;
    }
    size_t len = strlen(m->path);
    if (len == 0 || m->path[len - 1] == '.') {
        return REASON_BAD_FORMAT;
    }
    return report_path_is_field(schema, r->type, m->path) ? REASON_DUPLICATE_MEMBER : REASON_NONE;
}

void report_check_members(struct report *r, struct arena *a, const struct schema *schema)
{
    for (size_t i = 0; r->type && i < r->env->n_unknown_members; i++) {
        const Dualgate__V1__UnknownMember *m = r->env->unknown_members[i];
        enum reason why = judge_member(r, schema, m);
        if (why != REASON_NONE) {
            report_reject(r, a, why, m->path ? m->path : "unknown_members", NULL, SPAN_NONE);
        }
    }
}

static const ProtobufCFieldDescriptor *body_field(const struct report *r, const char *name)
{
    return protobuf_c_message_descriptor_get_field_by_name(r->body->descriptor, name);
}

/* The value of the record's field `id`, or NULL. */
static const char *own_id(const struct report *r)
{
    const ProtobufCFieldDescriptor *f = r->body ? body_field(r, "id") : NULL;
    return f ? field_text(r->body, f) : NULL;
}

void report_name(struct report *r)
{
    if (r->env && (!r->msg_id || !r->msg_id[0])) {
        r->msg_id = r->env->msg_id;
    }
    if (!r->id_as_sent) {
        r->id_as_sent = own_id(r);
    }
    if (!r->id) {
        r->id = r->id_as_sent;
    }
}

/* One part of a joined key; "" when absent. */
static const char *key_part(const struct report *r, const char *name, struct arena *a)
{
    const ProtobufCMessage *m = r->body;
    if (name[0] == KEY_OF_ENVELOPE) {
        m = &r->env->base;
        name++;
    }
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(m->descriptor, name);
    return f ? field_as_text(m, f, a) : "";
}

const char *report_key(const struct report *r, struct arena *a)
{
    const Dualgate__V1__RecordRule *rule = r->type->rule;
    if (rule->n_key == 0) {
        const char *id = own_id(r);
        return id ? id : "";
    }
    const char *joined = r->env->unit ? r->env->unit : "";
    for (size_t i = 0; joined && i < rule->n_key; i++) {
        const char *part = key_part(r, rule->key[i], a);
        if (!part) {
            return NULL;
        }
        if (part[0] != '\0') {
            joined = joined[0] ? arena_printf(a, "%s|%s", joined, part) : part;
        }
    }
    return joined;
}

static int32_t state_rank(const struct report *r)
{
    const char *name = r->type->rule->rank;
    const ProtobufCFieldDescriptor *f = name ? body_field(r, name) : NULL;
    if (!f || !field_present(r->body, f)) {
        return 0;
    }
    return (int32_t)field_integer(f, field_item(r->body, f, 0));
}

static struct order_key order_of(const struct report *r, int64_t received_us)
{
    const Dualgate__V1__Report *env = r->env;
    struct order_key order = {
        .observed_us = received_us,
        .source_system = env->source_system ? env->source_system : "",
        .source_seq = env->has_source_seq ? env->source_seq : 0,
        .state_rank = state_rank(r),
    };
    int64_t observed = 0;
    if (env->observed_at && time_parse(span_of(env->observed_at), &observed)) {
        order.observed_us = observed;
    }
    return order;
}

static int by_path(const void *a, const void *b)
{
    const Dualgate__V1__UnknownMember *x = *(Dualgate__V1__UnknownMember *const *)a;
    const Dualgate__V1__UnknownMember *y = *(Dualgate__V1__UnknownMember *const *)b;
    int order = strcmp(x->path ? x->path : "", y->path ? y->path : "");
    return order != 0 ? order : strcmp(x->json ? x->json : "", y->json ? y->json : "");
}

/* Unknown members of the body, in an order that does not depend on the sender's. */
static enum err content_members(const Dualgate__V1__Report *env, struct arena *a,
                                Dualgate__V1__Report *out)
{
    if (env->n_unknown_members == 0) {
        return ERR_OK;
    }
    out->unknown_members = arena_alloc(a, env->n_unknown_members * sizeof(void *));
    if (!out->unknown_members) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < env->n_unknown_members; i++) {
        Dualgate__V1__UnknownMember *m = env->unknown_members[i];
        if (m->path && strncmp(m->path, "body.", 5) == 0) {
            out->unknown_members[out->n_unknown_members++] = m;
        }
    }
    qsort(out->unknown_members, out->n_unknown_members, sizeof(void *), by_path);
    return ERR_OK;
}

static enum err digest_message(const ProtobufCMessage *m, uint8_t out[DIGEST_BYTES])
{
    uint8_t small[PACK_ON_STACK];
    size_t size = protobuf_c_message_get_packed_size(m);
    uint8_t *bytes = size <= sizeof small ? small : mem_alloc(size);
    if (!bytes) {
        return ERR_NOMEM;
    }
    size = protobuf_c_message_pack(m, bytes);
    digest_of((struct span){(const char *)bytes, size}, out);
    if (bytes != small) {
        mem_free(bytes);
    }
    return ERR_OK;
}

/* What decides whether two reports say the same: not who sent them when by which channel. An empty
 * unit is no unit. */
static enum err hash_content(struct report *r, struct arena *a)
{
    const Dualgate__V1__Report *env = r->env;
    Dualgate__V1__Report same = DUALGATE__V1__REPORT__INIT;
    same.record = env->record;
    same.has_op = env->has_op;
    same.op = env->op;
    same.uscc = env->uscc;
    same.unit = env->unit && env->unit[0] ? env->unit : NULL;
    same.division = env->division;
    same.sector = env->sector;
    same.source_system = env->source_system;
    same.has_source_seq = env->has_source_seq;
    same.source_seq = env->source_seq;
    same.observed_at = env->observed_at;
    same.content_case = env->content_case;
    *(ProtobufCMessage **)field_item(&same.base, r->type->content, 0) = r->body;
    enum err e = content_members(env, a, &same);
    return e != ERR_OK ? e : digest_message(&same.base, r->hash);
}

enum err report_settle_identity(struct report *r, struct arena *a, int64_t received_us)
{
    report_name(r);
    r->id = report_key(r, a);
    if (!r->id) {
        return ERR_NOMEM;
    }
    if (!r->id_as_sent) {
        r->id_as_sent = r->id;
    }
    /* Again, because the rules have given it its one form. */
    r->msg_id = r->env->msg_id ? r->env->msg_id : "";
    r->order = order_of(r, received_us);
    if (!r->raw_hashed) {
        digest_of(r->raw, r->raw_hash);
    }
    return hash_content(r, a);
}
