/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the descriptor's fields; keys and names of codes lie ready with their quotes in the
 * schema, so that most of the work is copying. Unknown members bear paths ("body.major_basis.note",
 * "body.documents[2].note"): each object, once its fields are written, takes those that lie
 * directly in it. Reports without unknown members, nearly all, never look at paths. */
#include "model/json_write.h"

#include <stddef.h>

#include "base/utf8.h"
#include "model/civil_time.h"
#include "model/field.h"

#define SAFE_INTEGER_MAX  ((uint64_t)9007199254740991) /* 2^53-1 */
#define DIGITS_MAX        20
#define PHONE_WHOLE_CHARS 11
#define PHONE_HEAD_CHARS  3
#define PHONE_TAIL_CHARS  4
#define PHONE_SHORT_CHARS 6
#define MASKED_MAX        40 /* 3 and 4 characters of at most 4 bytes, and what stands between */

struct writer {
    struct buf *out;
    enum json_mask mask;
    Dualgate__V1__UnknownMember *const *unknown;
    size_t n_unknown;
};

/* The object being written, as a path from the envelope: name is "" for the envelope itself. */
struct place {
    const struct place *up;
    const struct message_type *type;
    struct span name;
    size_t item;
    bool repeated;
};

static void write_object(const struct writer *w, const struct place *at, const ProtobufCMessage *m);

/* --- scalars ---------------------------------------------------------------------------------- */

static void put_digits(struct buf *out, uint64_t v)
{
    char text[DIGITS_MAX];
    size_t at = sizeof(text);
    do {
        text[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    buf_put(out, text + at, sizeof(text) - at);
}

static void put_integer(struct buf *out, uint64_t magnitude, bool negative)
{
    bool quote = magnitude > SAFE_INTEGER_MAX;
    if (quote) {
        buf_putc(out, '"');
    }
    if (negative) {
        buf_putc(out, '-');
    }
    put_digits(out, magnitude);
    if (quote) {
        buf_putc(out, '"');
    }
}

static void put_signed(struct buf *out, int64_t v)
{
    put_integer(out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0);
}

static void put_code(struct buf *out, const struct code_list *codes, int number)
{
    const struct code_value *v = code_by_number(codes, number);
    if (v) {
        buf_put_span(out, v->json);
    } else {
        put_signed(out, number);
    }
}

static void put_time(struct buf *out, struct span text)
{
    static const struct span ours = {"+08:00", 6};
    int64_t us = 0;
    bool is_ours =
        text.len > ours.len && memcmp(text.at + text.len - ours.len, ours.at, ours.len) == 0;
    if (is_ours || !time_parse(text, &us)) {
        buf_json_string(out, text);
        return;
    }
    char shanghai[TIME_TEXT_MAX];
    int len = time_format(us, shanghai);
    buf_json_string(out, (struct span){shanghai, (size_t)len});
}

static char *append(char *to, struct span s)
{
    memcpy(to, s.at, s.len);
    return to + s.len;
}

/* 李建国 -> 李** */
static struct span mask_name(struct span text, char masked[MASKED_MAX])
{
    if (!text.len) {
        return text;
    }
    char *end = append(append(masked, utf8_clip(text, 1)), SPAN_LIT("**"));
    return (struct span){masked, (size_t)(end - masked)};
}

/* 13812341234 -> 138****1234; of a short number less remains. */
static struct span mask_phone(struct span text, char masked[MASKED_MAX])
{
    size_t chars = utf8_length(text);
    if (!chars) {
        return text;
    }
    char *end = masked;
    if (chars > PHONE_SHORT_CHARS) {
        end = append(end, utf8_clip(text, PHONE_HEAD_CHARS));
    }
    end = append(end, SPAN_LIT("****"));
    if (chars >= PHONE_WHOLE_CHARS) {
        size_t before = utf8_clip(text, chars - PHONE_TAIL_CHARS).len;
        end = append(end, (struct span){text.at + before, text.len - before});
    }
    return (struct span){masked, (size_t)(end - masked)};
}

static struct span masked_text(const struct writer *w, const struct field_type *f, struct span text,
                               char masked[MASKED_MAX])
{
    if (w->mask == JSON_MASKED && f->rule->mask == DUALGATE__V1__FIELD_RULE__MASK__CODE__NAME) {
        return mask_name(text, masked);
    }
    if (w->mask == JSON_MASKED && f->rule->mask == DUALGATE__V1__FIELD_RULE__MASK__CODE__PHONE) {
        return mask_phone(text, masked);
    }
    return text;
}

static void put_text(const struct writer *w, const struct field_type *f, const char *text)
{
    char masked[MASKED_MAX];
    struct span s = masked_text(w, f, span_of(text ? text : ""), masked);
    if (f->rule->format == DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIMESTAMP) {
        put_time(w->out, s);
    } else if (f->rule->format == DUALGATE__V1__FIELD_RULE__FORMAT__CODE__JSON && s.len) {
        buf_put_span(w->out, s);
    } else {
        buf_json_string(w->out, s);
    }
}

static void put_item(const struct writer *w, const struct place *at, const struct field_type *f,
                     const void *item, size_t index)
{
    switch (f->desc->type) {
    case PROTOBUF_C_TYPE_STRING:
        put_text(w, f, *(char *const *)item);
        break;
    case PROTOBUF_C_TYPE_ENUM:
        put_code(w->out, f->codes, *(const int *)item);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        buf_puts(w->out, *(const protobuf_c_boolean *)item ? "true" : "false");
        break;
    case PROTOBUF_C_TYPE_UINT64:
        put_integer(w->out, *(const uint64_t *)item, false);
        break;
    case PROTOBUF_C_TYPE_MESSAGE: {
        struct place below = {.up = at,
                              .type = f->message,
                              .name = span_of(f->desc->name),
                              .item = index,
                              .repeated = f->desc->label == PROTOBUF_C_LABEL_REPEATED};
        write_object(w, &below, *(ProtobufCMessage *const *)item);
        break;
    }
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_BYTES:
        put_signed(w->out, field_integer(f->desc, item));
        break;
    }
}

/* --- unknown members -------------------------------------------------------------------------- */

/* Takes the path of the object off the front of *path; false when it lies elsewhere. */
static bool enter(const struct place *at, struct span *path)
{
    if (!at->up) {
        return true;
    }
    if (!enter(at->up, path) || !span_starts(*path, at->name)) {
        return false;
    }
    struct span rest = {path->at + at->name.len, path->len - at->name.len};
    if (at->repeated) {
        size_t item = 0;
        if (rest.len < 2 || rest.at[0] != '[') {
            return false;
        }
        struct span number = {rest.at + 1, rest.len - 1};
        rest = number;
        number = span_cut(&rest, ']');
        for (size_t i = 0; i < number.len; i++) {
            item = item * 10 + (size_t)(unsigned char)number.at[i] - '0';
        }
        if (!rest.at || item != at->item) {
            return false;
        }
    }
    if (rest.len < 2 || rest.at[0] != '.') {
        return false;
    }
    *path = (struct span){rest.at + 1, rest.len - 1};
    return true;
}

/* Whether what is left of a path leads into an object below, and not to a member of this one whose
 * name holds a point. */
static bool leads_below(const struct place *at, struct span rest)
{
    size_t n = 0;
    while (n < rest.len && rest.at[n] != '.' && rest.at[n] != '[') {
        n++;
    }
    struct span head = {rest.at, n};
    if (n == rest.len) {
        return false;
    }
    const struct field_type *f = message_field(at->type, head);
    return (f && f->message) || (!at->up && span_is(head, "body"));
}

static void open_member(const struct writer *w)
{
    if (w->out->len && w->out->data[w->out->len - 1] != '{') {
        buf_putc(w->out, ',');
    }
}

/* A member that this schema has learned since, or that a sender put beside the field itself. */
static bool written_already(const struct place *at, const ProtobufCMessage *m, struct span name)
{
    const struct field_type *f = message_field(at->type, name);
    return f && field_present(m, f->desc);
}

static void write_unknown(const struct writer *w, const struct place *at, const ProtobufCMessage *m)
{
    for (size_t i = 0; i < w->n_unknown; i++) {
        const Dualgate__V1__UnknownMember *u = w->unknown[i];
        struct span path = span_of(u->path);
        if (!path.len || !enter(at, &path) || leads_below(at, path) ||
            written_already(at, m, path)) {
            continue;
        }
        open_member(w);
        buf_json_string(w->out, path);
        buf_putc(w->out, ':');
        buf_puts(w->out, u->json && u->json[0] ? u->json : "null");
    }
}

/* --- objects ---------------------------------------------------------------------------------- */

static void write_field(const struct writer *w, const struct place *at, const struct field_type *f,
                        const ProtobufCMessage *m)
{
    size_t n = field_count(m, f->desc);
    if (n == 0 ||
        (w->mask == JSON_MASKED && f->rule->mask == DUALGATE__V1__FIELD_RULE__MASK__CODE__HIDE)) {
        return;
    }
    open_member(w);
    buf_put_span(w->out, f->key);
    if (f->desc->label != PROTOBUF_C_LABEL_REPEATED) {
        put_item(w, at, f, field_item(m, f->desc, 0), 0);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        buf_putc(w->out, i ? ',' : '[');
        put_item(w, at, f, field_item(m, f->desc, i), i);
    }
    buf_putc(w->out, ']');
}

static void write_object(const struct writer *w, const struct place *at, const ProtobufCMessage *m)
{
    buf_putc(w->out, '{');
    for (size_t i = 0; i < at->type->n_fields; i++) {
        write_field(w, at, &at->type->fields[i], m);
    }
    if (w->n_unknown) {
        write_unknown(w, at, m);
    }
    buf_putc(w->out, '}');
}

void json_write_message(const struct message_type *type, const ProtobufCMessage *message,
                        enum json_mask mask, struct buf *out)
{
    struct writer w = {.out = out, .mask = mask};
    struct place at = {.type = type};
    write_object(&w, &at, message);
}

static void write_body(const struct writer *w, const struct place *envelope,
                       const struct field_type *f, const ProtobufCMessage *report)
{
    struct place body = {.up = envelope, .type = f->message, .name = SPAN_LIT("body")};
    open_member(w);
    buf_puts(w->out, "\"body\":");
    write_object(w, &body, *(ProtobufCMessage *const *)field_item(report, f->desc, 0));
}

void json_write_report(const struct schema *schema, const Dualgate__V1__Report *report,
                       enum json_mask mask, struct buf *out)
{
    struct writer w = {.out = out, .mask = mask};
    if (mask == JSON_OPEN) {
        w.unknown = report->unknown_members;
        w.n_unknown = report->n_unknown_members;
    }
    struct place envelope = {.type = schema->report};
    buf_putc(out, '{');
    for (size_t i = 0; i < schema->report->n_fields; i++) {
        const struct field_type *f = &schema->report->fields[i];
        if (f->desc->offset == offsetof(Dualgate__V1__Report, unknown_members)) {
            continue;
        }
        if (!(f->desc->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) {
            write_field(&w, &envelope, f, &report->base);
        } else if (field_present(&report->base, f->desc)) {
            write_body(&w, &envelope, f, &report->base);
        }
    }
    if (w.n_unknown) {
        write_unknown(&w, &envelope, &report->base);
    }
    buf_putc(out, '}');
}
