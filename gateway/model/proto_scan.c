/* SPDX-License-Identifier: Apache-2.0 */
/* The scan walks the wire bytes by descriptor, so that it knows what is text and what is not.
 * protobuf-c would take invalid UTF-8, cut strings at NUL, and make 64 bytes out of an empty
 * submessage's two. */
#include "model/proto_scan.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/utf8.h"
#include "model/attachments.h"
#include "model/json_run.h"
#include "model/wire.h"

/* Envelope, body, and what bodies hold. */
#define LEVELS_MAX        8
#define FIELDS_MAX        256
#define ITEMS_MAX_DEFAULT 1000
#define PATH_BYTES        256

/* The message being scanned, and how it is called in the one above. */
struct level {
    const struct level *up;
    const char *name; /* NULL of the envelope */
    const struct message_type *type;
    unsigned depth;
    uint32_t count[FIELDS_MAX];
    bool content_seen;
};

struct scan {
    const struct schema *schema;
    const struct read_limits *limits;
    struct arena *arena;
    struct report *report;
    unsigned unknown;
    enum err e;
};

static size_t path_of(const struct level *l, char *path)
{
    if (!l->name) {
        return 0;
    }
    size_t len = path_of(l->up, path);
    int n = snprintf(path + len, PATH_BYTES - len, "%s.", l->name);
    len += n > 0 ? (size_t)n : 0;
    return len < PATH_BYTES ? len : PATH_BYTES - 1;
}

static bool is_content(const struct level *l, const struct field_type *field)
{
    return !l->up && (field->desc->flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
}

static void reject(struct scan *s, const struct level *l, const struct field_type *field,
                   enum reason why, struct span value)
{
    char path[PATH_BYTES];
    size_t len = path_of(l, path);
    snprintf(path + len, sizeof path - len, "%s",
             is_content(l, field) ? "body" : field->desc->name);
    report_reject(s->report, s->arena, why, path, field, value);
}

static void reject_number(struct scan *s, const struct level *l, const struct field_type *field,
                          enum reason why, int64_t number)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRId64, number);
    reject(s, l, field, why, (struct span){text, (size_t)len});
}

static void broken(struct scan *s)
{
    struct problem *p = &s->report->problem;
    if (p->reason == REASON_NONE) {
        report_reject(s->report, s->arena, REASON_UNREADABLE, NULL, NULL, SPAN_LIT("wire format"));
        p->label_zh = p->label_en = "protobuf";
    }
}

static const struct field_type *field_by_number(const struct message_type *type, uint32_t number)
{
    const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(type->desc, number);
    return f ? &type->fields[f - type->desc->fields] : NULL;
}

/* A name by its number is all that is known of it. */
static void unknown_field(struct scan *s, const struct level *l, uint32_t number)
{
    char path[PATH_BYTES];
    size_t len = path_of(l, path);
    snprintf(path + len, sizeof path - len, "#%" PRIu32, number);
    if (s->unknown == REPORT_UNKNOWN_MAX) {
        report_reject(s->report, s->arena, REASON_TOO_MANY, path, NULL, SPAN_NONE);
    } else {
        s->unknown++;
        report_warn(s->report, s->arena, path);
    }
}

/* Text that a database will take as jsonb. */
static bool holds_json(const struct level *l, const struct field_type *field)
{
    return field->rule->format == DUALGATE__V1__FIELD_RULE__FORMAT__CODE__JSON ||
           (l->type->desc == &dualgate__v1__unknown_member__descriptor &&
            strcmp(field->desc->name, "json") == 0);
}

static void scan_text(struct scan *s, const struct level *l, const struct field_type *field,
                      struct span text)
{
    if (text.len > 0 && memchr(text.at, '\0', text.len)) {
        reject(s, l, field, REASON_CONTROL_CHARACTER, text);
    } else if (utf8_valid_prefix(text) < text.len) {
        reject(s, l, field, REASON_BAD_ENCODING, SPAN_LIT("UTF-8"));
    } else if (holds_json(l, field)) {
        enum err e = json_check(text, s->limits->depth_max);
        s->e = e == ERR_NOMEM ? e : s->e;
        if (e == ERR_INVALID) {
            reject(s, l, field, REASON_BAD_FORMAT, text);
        }
    }
}

static void scan_code(struct scan *s, const struct level *l, const struct field_type *field,
                      uint64_t varint)
{
    /* Enums are 32 bits; negative ones are written with all 64. */
    int64_t number = (int64_t)varint;
    if (number < INT32_MIN || number > INT32_MAX || !code_by_number(field->codes, (int)number)) {
        reject_number(s, l, field, REASON_UNKNOWN_CODE, number);
    }
}

static void scan_codes(struct scan *s, const struct level *l, const struct field_type *field,
                       struct span packed)
{
    for (uint64_t value; packed.len > 0 && wire_take_varint(&packed, &value);) {
        scan_code(s, l, field, value);
    }
}

static size_t items_max(const struct field_type *field)
{
    if (field->desc->label != PROTOBUF_C_LABEL_REPEATED) {
        return 1;
    }
    return field->rule->has_max_items ? field->rule->max_items : ITEMS_MAX_DEFAULT;
}

/* One field twice, or too many items of a repeated one: each would cost memory again. */
static bool count_items(struct scan *s, struct level *l, const struct field_type *field,
                        size_t items)
{
    size_t i = (size_t)(field - l->type->fields);
    bool repeated = field->desc->label == PROTOBUF_C_LABEL_REPEATED;
    size_t n = (i < FIELDS_MAX ? l->count[i] : 0) + items;
    if (i < FIELDS_MAX) {
        l->count[i] = (uint32_t)(n < UINT32_MAX ? n : UINT32_MAX);
    }
    bool second_content = is_content(l, field) && l->content_seen;
    l->content_seen |= is_content(l, field);
    if (n <= items_max(field) && !second_content) {
        return true;
    }
    if (repeated) {
        reject_number(s, l, field, REASON_TOO_MANY, (int64_t)n);
    } else {
        reject(s, l, field, REASON_DUPLICATE_MEMBER, SPAN_NONE);
    }
    return false;
}

static bool scan_message(struct scan *s, struct level *l, struct span bytes);

static bool scan_submessage(struct scan *s, const struct level *l, const struct field_type *field,
                            struct span bytes)
{
    struct level below = {
        .up = l,
        .name = is_content(l, field) ? "body" : field->desc->name,
        .type = field->message,
        .depth = l->depth + 1,
    };
    return below.depth < LEVELS_MAX && scan_message(s, &below, bytes);
}

static bool scan_packed(struct scan *s, struct level *l, const struct field_type *field,
                        struct span bytes)
{
    size_t items = 0;
    if (!wire_packed_count(field->desc->type, bytes, &items)) {
        return false;
    }
    if (count_items(s, l, field, items) && field->codes) {
        scan_codes(s, l, field, bytes);
    }
    return true;
}

/* False when the framing is broken. */
static bool scan_field(struct scan *s, struct level *l, const struct wire_field *w)
{
    const struct field_type *field = field_by_number(l->type, w->number);
    if (!field) {
        unknown_field(s, l, w->number);
        return true;
    }
    unsigned expected = wire_type_of(field->desc->type);
    if (w->type == 2 && expected != 2 && field->desc->label == PROTOBUF_C_LABEL_REPEATED) {
        return scan_packed(s, l, field, w->bytes);
    }
    if (w->type != expected) {
        reject(s, l, field, REASON_WRONG_TYPE, SPAN_NONE);
        return true;
    }
    if (!count_items(s, l, field, 1)) {
        return true;
    }
    if (field->message) {
        return scan_submessage(s, l, field, w->bytes);
    }
    if (field->desc->type == PROTOBUF_C_TYPE_STRING) {
        scan_text(s, l, field, w->bytes);
    } else if (field->codes) {
        scan_code(s, l, field, w->varint);
    }
    return true;
}

static bool scan_message(struct scan *s, struct level *l, struct span bytes)
{
    struct wire wire = {bytes};
    struct wire_field field;
    enum wire_step step;
    while ((step = wire_next(&wire, &field)) == WIRE_FIELD) {
        if (!scan_field(s, l, &field)) {
            return false;
        }
    }
    return step == WIRE_END;
}

enum err proto_scan(const struct schema *schema, struct span bytes,
                    const struct read_limits *limits, struct arena *arena, struct report *r)
{
    struct scan s = {.schema = schema, .limits = limits, .arena = arena, .report = r};
    struct level envelope = {.type = schema->report};
    if (!scan_message(&s, &envelope, bytes)) {
        broken(&s);
    }
    return s.e;
}

static size_t attached_in(const struct message_type *type, struct span bytes, unsigned depth)
{
    struct wire wire = {bytes};
    struct wire_field w;
    size_t sum = 0;
    while (wire_next(&wire, &w) == WIRE_FIELD) {
        const struct field_type *field = field_by_number(type, w.number);
        if (!field || w.type != 2) {
            continue;
        }
        if (field->message && depth < LEVELS_MAX) {
            sum += attached_in(field->message, w.bytes, depth + 1);
        } else if (field->desc->type == PROTOBUF_C_TYPE_STRING &&
                   attachment_inside(field, w.bytes)) {
            sum += w.bytes.len;
        }
    }
    return sum;
}

size_t proto_attached(const struct schema *schema, struct span bytes)
{
    return attached_in(schema->report, bytes, 0);
}

static bool good_text(struct span text)
{
    return (text.len == 0 || !memchr(text.at, '\0', text.len)) &&
           utf8_text_prefix(text) == text.len && utf8_valid_prefix(text) == text.len;
}

static enum err salvage_id(const struct message_type *body, struct span bytes, struct arena *arena,
                           struct report *r)
{
    const struct field_type *id = message_field(body, SPAN_LIT("id"));
    struct wire wire = {bytes};
    struct wire_field w;
    while (id && !r->id_as_sent && wire_next(&wire, &w) == WIRE_FIELD) {
        if (w.number == id->desc->id && w.type == 2 && good_text(w.bytes)) {
            r->id_as_sent = arena_strndup(arena, w.bytes.at, w.bytes.len);
            return r->id_as_sent ? ERR_OK : ERR_NOMEM;
        }
    }
    return ERR_OK;
}

static enum err salvage_field(const struct field_type *field, const struct wire_field *w,
                              struct arena *arena, struct report *r)
{
    if (field->desc->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        return salvage_id(field->message, w->bytes, arena, r);
    }
    if (field->desc->type != PROTOBUF_C_TYPE_STRING || !good_text(w->bytes)) {
        return ERR_OK;
    }
    char **text = (char **)(void *)((char *)r->env + field->desc->offset);
    if (!*text) {
        *text = arena_strndup(arena, w->bytes.at, w->bytes.len);
    }
    return *text ? ERR_OK : ERR_NOMEM;
}

enum err proto_salvage(const struct schema *schema, struct span bytes, struct arena *arena,
                       struct report *r)
{
    struct wire wire = {bytes};
    struct wire_field w;
    r->env = arena_alloc(arena, sizeof *r->env);
    if (!r->env) {
        return ERR_NOMEM;
    }
    dualgate__v1__report__init(r->env);
    while (wire_next(&wire, &w) == WIRE_FIELD) {
        const struct field_type *field = field_by_number(schema->report, w.number);
        if (field && w.type == 2) {
            enum err e = salvage_field(field, &w, arena, r);
            if (e != ERR_OK) {
                return e;
            }
        }
    }
    report_name(r);
    return ERR_OK;
}
