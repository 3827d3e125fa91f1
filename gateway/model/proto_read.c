/* SPDX-License-Identifier: Apache-2.0 */
/* A ReportBatch into reports, each scanned and unpacked on its own, so that one that is bad costs
 * only itself. protobuf-c allocates from the message's arena and never frees there. */
#include "model/proto_read.h"

#include "model/field.h"
#include "model/proto_scan.h"
#include "model/wire.h"

#define REPORTS_FIELD 1

struct arena_allocator {
    ProtobufCAllocator allocator;
    struct arena *arena;
    bool failed;
};

static void *take(void *data, size_t size)
{
    struct arena_allocator *a = data;
    void *block = arena_alloc(a->arena, size);
    a->failed |= !block;
    return block;
}

static void give_back(void *data, void *block)
{
    (void)data;
    (void)block;
}

static Dualgate__V1__Report *unpack(struct span bytes, struct arena *arena, bool *no_memory)
{
    struct arena_allocator a = {{take, give_back, &a}, arena, false};
    Dualgate__V1__Report *env =
        dualgate__v1__report__unpack(&a.allocator, bytes.len, (const uint8_t *)bytes.at);
    *no_memory = a.failed;
    return env;
}

Dualgate__V1__Report *proto_read_one(struct span bytes, struct arena *arena)
{
    bool no_memory = false;
    return unpack(bytes, arena, &no_memory);
}

static const struct record_type *content_record(const struct schema *schema,
                                                const Dualgate__V1__Report *env)
{
    for (size_t i = 0; i < schema->n_records; i++) {
        if (field_present(&env->base, schema->records[i].content)) {
            return &schema->records[i];
        }
    }
    return NULL;
}

/* The case of `content`, the envelope's words and the topic must say the same. */
static void settle_record(const struct schema *schema, const struct record_type *topic_record,
                          struct arena *arena, struct report *r)
{
    const struct record_type *content = content_record(schema, r->env);
    const struct record_type *named = topic_record;
    if (!named && !r->env->record && content) {
        named = content->via ? content->via : content;
    }
    if (content) {
        r->body = *(ProtobufCMessage **)field_item(&r->env->base, content->content, 0);
    }
    r->type = report_body_record(r, arena, schema, named);
    if (r->type && content && content != r->type) {
        report_reject(r, arena, REASON_RECORD_MISMATCH, "body", NULL, span_of(content->name));
    }
    report_name(r);
    if (content != r->type) {
        r->body = NULL;
    }
}

struct reader {
    const struct schema *schema;
    const struct record_type *topic_record;
    const struct read_limits *limits;
    struct arena *arena;
};

static enum err read_report(const struct reader *rd, struct report *r)
{
    size_t max = rd->limits->report_bytes_max;
    size_t own = r->raw.len;
    own -= own > max ? proto_attached(rd->schema, r->raw) : 0;
    if (own > max) {
        const char *size = arena_printf(rd->arena, "%zu", own);
        report_reject(r, rd->arena, REASON_REPORT_TOO_LARGE, NULL, NULL, span_of(size));
        return proto_salvage(rd->schema, r->raw, rd->arena, r);
    }
    enum err e = proto_scan(rd->schema, r->raw, rd->limits, rd->arena, r);
    if (e != ERR_OK) {
        return e;
    }
    if (r->problem.reason != REASON_NONE) {
        return proto_salvage(rd->schema, r->raw, rd->arena, r);
    }
    bool no_memory = false;
    r->env = unpack(r->raw, rd->arena, &no_memory);
    if (!r->env) {
        report_reject(r, rd->arena, REASON_UNREADABLE, NULL, NULL, SPAN_LIT("protobuf"));
        return no_memory ? ERR_NOMEM : ERR_OK;
    }
    settle_record(rd->schema, rd->topic_record, rd->arena, r);
    report_check_members(r, rd->arena, rd->schema);
    return ERR_OK;
}

/* Reports in the batch. False, with the offset of what is broken, when it cannot be taken apart. */
static bool count_reports(struct span payload, size_t *count, size_t *offset)
{
    struct wire wire = {payload};
    struct wire_field w;
    enum wire_step step;
    *count = 0;
    while ((step = wire_next(&wire, &w)) == WIRE_FIELD) {
        bool report = w.number == REPORTS_FIELD;
        if (report && w.type != 2) {
            step = WIRE_BROKEN;
            break;
        }
        *count += report ? 1 : 0;
    }
    *offset = payload.len - wire.rest.len;
    return step == WIRE_END;
}

static enum err refuse(struct report_set *out, enum reason why, const char *value)
{
    bool unreadable = why == REASON_UNREADABLE;
    *out = (struct report_set){.problem = {.reason = why,
                                           .label_zh = unreadable ? "protobuf" : NULL,
                                           .label_en = unreadable ? "protobuf" : NULL,
                                           .value = value}};
    return value ? ERR_OK : ERR_NOMEM;
}

static enum err read_all(const struct reader *rd, struct span payload, struct report_set *out)
{
    struct wire wire = {payload};
    struct wire_field w;
    size_t i = 0;
    while (wire_next(&wire, &w) == WIRE_FIELD) {
        if (w.number != REPORTS_FIELD) {
            continue;
        }
        out->items[i] = (struct report){.index = (uint32_t)i, .raw = w.bytes};
        enum err e = read_report(rd, &out->items[i]);
        if (e != ERR_OK || out->items[i].starved) {
            return ERR_NOMEM;
        }
        i++;
    }
    out->count = i;
    return ERR_OK;
}

enum err proto_read(const struct schema *schema, struct span payload,
                    const struct record_type *topic_record, const struct read_limits *limits,
                    struct arena *arena, struct report_set *out)
{
    const struct reader rd = {schema, topic_record, limits, arena};
    size_t count = 0;
    size_t offset = 0;
    *out = (struct report_set){.items = NULL};
    if (!count_reports(payload, &count, &offset)) {
        return refuse(out, REASON_UNREADABLE, arena_printf(arena, "byte %zu", offset));
    }
    if (count == 0) {
        return refuse(out, REASON_EMPTY_MESSAGE, "");
    }
    if (count > limits->reports_max) {
        return refuse(out, REASON_ARRAY_TOO_LARGE, arena_printf(arena, "%zu", count));
    }
    out->items = arena_alloc(arena, count * sizeof *out->items);
    return out->items ? read_all(&rd, payload, out) : ERR_NOMEM;
}
