/* SPDX-License-Identifier: Apache-2.0 */
/* JSON events to protobuf-c messages. A stack of frames, one per object that is read by field;
 * whatever is not (unknown members, JSON fields, values of a wrong type) is passed over by counting
 * brackets, and its text is cut out of the payload where it must be kept. */
#include "model/json_fill.h"

#include <stdio.h>

#include "base/utf8.h"
#include "model/attachments.h"
#include "model/field.h"

/* Unknown members of one report: enough for a newer schema, too few to be a store. */
/* Of a repeated field whose rule names no maximum. */
#define ITEMS_MAX_DEFAULT 1000
#define PATH_MAX_BYTES    512
#define FIRST_ROOM        4

static struct fill_frame *top(struct fill *f)
{
    return &f->frames[f->n_frames - 1];
}

static size_t items_max(const struct field_type *field)
{
    return field->rule->has_max_items ? field->rule->max_items : ITEMS_MAX_DEFAULT;
}

/* ---- paths and problems ---- */

static void path_add(char path[PATH_MAX_BYTES], size_t *len, const char *part, size_t part_len)
{
    size_t room = PATH_MAX_BYTES - 1 - *len;
    size_t n = part_len < room ? part_len : room;
    memcpy(path + *len, part, n);
    *len += n;
    path[*len] = '\0';
}

/* "body.major_basis.clause", "body.photo_before[2]": the members being read in the first n frames.
 */
static size_t path_of(const struct fill *f, unsigned n, char path[PATH_MAX_BYTES])
{
    size_t len = 0;
    path[0] = '\0';
    for (unsigned i = 0; i < n; i++) {
        const struct fill_frame *frame = &f->frames[i];
        bool body = frame->member == FILL_BODY;
        const char *name = body ? "body" : frame->field ? frame->field->desc->name : "";
        if (i > 0) {
            path_add(path, &len, ".", 1);
        }
        path_add(path, &len, name, strlen(name));
        if (!body && frame->in_array) {
            char index[24];
            int digits = snprintf(index, sizeof index, "[%zu]", frame->items - 1);
            path_add(path, &len, index, (size_t)digits);
        }
    }
    return len;
}

static void reject(struct fill *f, enum reason why, struct span value)
{
    char path[PATH_MAX_BYTES];
    const struct fill_frame *frame = top(f);
    path_of(f, f->n_frames, path);
    report_reject(f->report, f->arena, why, path, frame->member == FILL_FIELD ? frame->field : NULL,
                  value);
}

static void reject_unknown(struct fill *f, enum reason why, struct span value)
{
    report_reject(f->report, f->arena, why, top(f)->path, NULL, value);
}

/* ---- keys ---- */

static const struct field_type *field_of(struct fill_frame *frame, struct span key)
{
    if (frame->next < frame->type->n_fields &&
        span_is(key, frame->type->fields[frame->next].desc->name)) {
        return &frame->type->fields[frame->next];
    }
    return message_field(frame->type, key);
}

/* In the envelope, the records and the kept unknown members are not members under their own names.
 */
static bool is_member(const struct fill *f, const struct field_type *field)
{
    return f->n_frames > 1 || field->desc->type != PROTOBUF_C_TYPE_MESSAGE;
}

static bool seen_before(struct fill_frame *frame, const struct field_type *field)
{
    size_t i = (size_t)(field - frame->type->fields);
    frame->next = i + 1;
    if (i >= FILL_FIELDS_MAX) {
        return false;
    }
    uint64_t bit = UINT64_C(1) << (i % 64);
    bool seen = (frame->seen[i / 64] & bit) != 0;
    frame->seen[i / 64] |= bit;
    return seen;
}

static bool unknown_before(const struct fill *f, const char *path)
{
    const Dualgate__V1__Report *env = f->report->env;
    for (size_t i = 0; i < env->n_unknown_members; i++) {
        if (strcmp(env->unknown_members[i]->path, path) == 0) {
            return true;
        }
    }
    return false;
}

static enum err unknown_key(struct fill *f, struct span key)
{
    struct fill_frame *frame = top(f);
    char parent[PATH_MAX_BYTES];
    path_of(f, f->n_frames - 1, parent);
    struct span text = {key.at, utf8_text_prefix(key)};
    const char *dot = f->n_frames > 1 ? "." : "";
    frame->path = arena_printf(f->arena, "%s%s%.*s", parent, dot, SPAN_ARG(text));
    if (!frame->path) {
        return ERR_NOMEM;
    }
    frame->member = FILL_IGNORED;
    if (text.len < key.len) {
        reject_unknown(f, REASON_CONTROL_CHARACTER, key);
    } else if (unknown_before(f, frame->path)) {
        reject_unknown(f, REASON_DUPLICATE_MEMBER, SPAN_NONE);
    } else if (f->report->env->n_unknown_members == REPORT_UNKNOWN_MAX) {
        reject_unknown(f, REASON_TOO_MANY, key);
    } else {
        frame->member = FILL_UNKNOWN;
    }
    return ERR_OK;
}

static void body_key(struct fill *f)
{
    struct fill_frame *frame = top(f);
    frame->member = FILL_BODY;
    if (frame->body_seen) {
        reject(f, REASON_DUPLICATE_MEMBER, SPAN_NONE);
        frame->member = FILL_IGNORED;
    }
    frame->body_seen = true;
}

/* What is past the limit is only counted, not kept: the report is refused at its end. */
static bool oversize(const struct fill *f, size_t at)
{
    return at - f->start - f->attached > f->bytes_max;
}

enum err fill_key(struct fill *f, struct span key, size_t at)
{
    if (f->skipping > 0) {
        if (top(f)->member == FILL_UNKNOWN && !json_string_storable(key)) {
            reject_unknown(f, REASON_CONTROL_CHARACTER, SPAN_NONE);
        }
        return ERR_OK;
    }
    struct fill_frame *frame = top(f);
    f->value_at = at;
    frame->field = NULL;
    if (oversize(f, at)) {
        frame->member = FILL_IGNORED;
        return ERR_OK;
    }
    if (f->n_frames == 1 && span_is(key, "body")) {
        body_key(f);
        return ERR_OK;
    }
    const struct field_type *field = field_of(frame, key);
    if (!field || !is_member(f, field)) {
        return unknown_key(f, key);
    }
    frame->field = field;
    frame->member = FILL_FIELD;
    frame->items = 0;
    if (seen_before(frame, field)) {
        reject(f, REASON_DUPLICATE_MEMBER, SPAN_NONE);
        frame->member = FILL_IGNORED;
    }
    return ERR_OK;
}

/* ---- text that is kept as it was sent ---- */

/* Of the value that ends at `at` and begins, after a colon and blanks, at value_at. */
static struct span value_text(const struct fill *f, size_t at)
{
    size_t from = f->value_at;
    while (from < at && memchr(" \t\r\n:", f->text.at[from], 5)) {
        from++;
    }
    return (struct span){f->text.at + from, at - from};
}

static enum err keep_unknown(struct fill *f, size_t at)
{
    Dualgate__V1__Report *env = f->report->env;
    struct span text = value_text(f, at);
    if (f->unknown_room == 0) {
        f->unknown_room = REPORT_UNKNOWN_MAX;
        env->unknown_members = arena_alloc(f->arena, REPORT_UNKNOWN_MAX * sizeof(void *));
    }
    Dualgate__V1__UnknownMember *m = arena_alloc(f->arena, sizeof *m);
    char *json = arena_strndup(f->arena, text.at, text.len);
    if (!env->unknown_members || !m || !json) {
        return ERR_NOMEM;
    }
    dualgate__v1__unknown_member__init(m);
    m->path = (char *)(uintptr_t)top(f)->path;
    m->json = json;
    env->unknown_members[env->n_unknown_members++] = m;
    report_warn(f->report, f->arena, m->path);
    return ERR_OK;
}

static bool is_json_field(const struct fill_frame *frame)
{
    return frame->member == FILL_FIELD && frame->field->desc->type == PROTOBUF_C_TYPE_STRING &&
           frame->field->desc->label != PROTOBUF_C_LABEL_REPEATED &&
           frame->field->rule->format == DUALGATE__V1__FIELD_RULE__FORMAT__CODE__JSON;
}

static enum err keep_json_field(struct fill *f, size_t at)
{
    struct fill_frame *frame = top(f);
    struct span text = value_text(f, at);
    char *json = arena_strndup(f->arena, text.at, text.len);
    if (!json) {
        return ERR_NOMEM;
    }
    *(char **)field_item(frame->message, frame->field->desc, 0) = json;
    return ERR_OK;
}

/* A value that was not read by field has ended. */
static enum err keep(struct fill *f, size_t at)
{
    if (oversize(f, at)) {
        return ERR_OK;
    }
    if (top(f)->member == FILL_UNKNOWN) {
        return keep_unknown(f, at);
    }
    return is_json_field(top(f)) ? keep_json_field(f, at) : ERR_OK;
}

static bool is_kept(const struct fill_frame *frame)
{
    return frame->member == FILL_UNKNOWN || is_json_field(frame);
}

static void check_kept(struct fill *f, const struct json_scalar *value)
{
    bool unknown = top(f)->member == FILL_UNKNOWN;
    enum reason why = REASON_NONE;
    if (value->kind == SCALAR_STRING && !json_string_storable(value->text)) {
        why = REASON_CONTROL_CHARACTER;
    } else if (value->kind == SCALAR_NUMBER && !json_number_storable(value->text)) {
        why = REASON_OUT_OF_RANGE;
    } else {
        return;
    }
    if (unknown) {
        reject_unknown(f, why, value->text);
    } else {
        reject(f, why, value->text);
    }
}

/* ---- values ---- */

/* Address for one more item of a repeated field, NULL when the array cannot grow. */
static void *next_item(struct fill *f, struct fill_frame *frame)
{
    const ProtobufCFieldDescriptor *d = frame->field->desc;
    size_t *count = (size_t *)(void *)((char *)frame->message + d->quantifier_offset);
    void **array = (void **)(void *)((char *)frame->message + d->offset);
    size_t size = field_item_size(d);
    if (*count == frame->room) {
        size_t room = frame->room ? 2 * frame->room : FIRST_ROOM;
        void *larger = arena_alloc(f->arena, room * size);
        if (!larger) {
            return NULL;
        }
        if (*count > 0) {
            memcpy(larger, *array, *count * size);
        }
        *array = larger;
        frame->room = room;
    }
    return (char *)*array + *count * size;
}

static void item_done(const struct fill_frame *frame)
{
    const ProtobufCFieldDescriptor *d = frame->field->desc;
    if (d->label == PROTOBUF_C_LABEL_REPEATED) {
        (*(size_t *)(void *)((char *)frame->message + d->quantifier_offset))++;
    } else {
        field_mark(frame->message, d);
    }
}

/* Where the value that comes now is to be put. False when it must be passed over: it has no place
 * (then the report has a problem), or there are too many. */
static bool takes_value(struct fill *f, struct span shown, size_t at)
{
    struct fill_frame *frame = top(f);
    if (frame->member != FILL_FIELD || oversize(f, at)) {
        return false;
    }
    bool repeated = frame->field->desc->label == PROTOBUF_C_LABEL_REPEATED;
    if (repeated != frame->in_array) {
        reject(f, REASON_WRONG_TYPE, shown);
        return false;
    }
    frame->items += repeated ? 1 : 0;
    return !repeated || frame->items <= items_max(frame->field);
}

static void *place(struct fill *f, struct fill_frame *frame)
{
    if (frame->field->desc->label == PROTOBUF_C_LABEL_REPEATED) {
        return next_item(f, frame);
    }
    return field_item(frame->message, frame->field->desc, 0);
}

/* What is in a body that is passed over may be an attachment: that is judged when it is read. */
static bool is_attachment(struct fill *f, struct span text)
{
    const struct fill_frame *frame = top(f);
    if (f->skipping > 0) {
        return frame->member == FILL_BODY && data_uri_is(text);
    }
    return frame->member == FILL_FIELD && attachment_inside(frame->field, text);
}

/* As it stands in the text, with its quotes: slashes may be escaped there. */
static size_t length_in_text(const struct fill *f, size_t at)
{
    const char *from = f->text.at + f->start;
    const char *last = f->text.at + at - 1;
    const char *first = memrchr(from, '"', (size_t)(last - from));
    return first ? (size_t)(last - first) + 1 : 0;
}

enum err fill_scalar(struct fill *f, const struct json_scalar *value, size_t at)
{
    struct fill_frame *frame = top(f);
    if (value->kind == SCALAR_STRING && is_attachment(f, value->text)) {
        f->attached += length_in_text(f, at);
    }
    if (is_kept(frame)) {
        check_kept(f, value);
        return f->skipping > 0 ? ERR_OK : keep(f, at);
    }
    if (f->skipping > 0) {
        return ERR_OK;
    }
    if (frame->member == FILL_BODY) {
        reject(f, REASON_WRONG_TYPE, value->text);
        return ERR_OK;
    }
    if (!takes_value(f, value->text, at)) {
        return ERR_OK;
    }
    void *item = place(f, frame);
    enum reason why = REASON_NONE;
    if (!item || json_scalar_store(frame->field, value, f->arena, item, &why) != ERR_OK) {
        return ERR_NOMEM;
    }
    if (why != REASON_NONE) {
        reject(f, why, value->text);
    } else {
        item_done(frame);
    }
    return ERR_OK;
}

/* ProtoJSON: null is absent. An item of a list cannot be absent. */
enum err fill_null(struct fill *f, size_t at)
{
    struct fill_frame *frame = top(f);
    if (f->skipping > 0) {
        return ERR_OK;
    }
    if (frame->member == FILL_UNKNOWN) {
        return keep(f, at);
    }
    if (frame->member == FILL_FIELD && frame->in_array) {
        frame->items++;
        reject(f, REASON_WRONG_TYPE, SPAN_LIT("null"));
    }
    return ERR_OK;
}

/* ---- objects and arrays ---- */

static enum err push(struct fill *f, const struct message_type *type, ProtobufCMessage **out)
{
    ProtobufCMessage *m = arena_alloc(f->arena, type->desc->sizeof_message);
    if (!m) {
        return ERR_NOMEM;
    }
    protobuf_c_message_init(type->desc, m);
    *out = m;
    struct fill_frame *frame = &f->frames[f->n_frames++];
    *frame = (struct fill_frame){.type = type, .message = m, .member = FILL_IGNORED};
    return ERR_OK;
}

static void skip(struct fill *f)
{
    f->skipping = 1;
}

static enum err open_body(struct fill *f)
{
    f->has_body = true;
    if (!f->body) {
        skip(f);
        return ERR_OK;
    }
    const ProtobufCFieldDescriptor *content = f->body->content;
    ProtobufCMessage *env = top(f)->message;
    field_mark(env, content);
    return push(f, f->body->message, field_item(env, content, 0));
}

static enum err open_message(struct fill *f, size_t at)
{
    struct fill_frame *frame = top(f);
    if (!takes_value(f, SPAN_LIT("{"), at)) {
        skip(f);
        return ERR_OK;
    }
    if (frame->field->desc->type != PROTOBUF_C_TYPE_MESSAGE || f->n_frames == FILL_FRAMES_MAX) {
        reject(f, REASON_WRONG_TYPE, SPAN_LIT("{"));
        skip(f);
        return ERR_OK;
    }
    ProtobufCMessage **item = place(f, frame);
    if (!item) {
        return ERR_NOMEM;
    }
    enum err e = push(f, frame->field->message, item);
    if (e == ERR_OK) {
        item_done(frame);
    }
    return e;
}

static void open_array(struct fill *f, size_t at)
{
    struct fill_frame *frame = top(f);
    bool field = frame->member == FILL_FIELD && !oversize(f, at);
    if (field && !frame->in_array && frame->field->desc->label == PROTOBUF_C_LABEL_REPEATED) {
        frame->in_array = true;
        frame->room = 0;
        return;
    }
    if (field) {
        frame->items += frame->in_array ? 1 : 0;
        reject(f, REASON_WRONG_TYPE, SPAN_LIT("["));
    } else if (frame->member == FILL_BODY) {
        reject(f, REASON_WRONG_TYPE, SPAN_LIT("["));
    }
    skip(f);
}

enum err fill_open(struct fill *f, bool array, size_t at)
{
    if (f->skipping > 0) {
        f->skipping++;
        return ERR_OK;
    }
    if (is_kept(top(f))) {
        skip(f);
        return ERR_OK;
    }
    if (array) {
        open_array(f, at);
        return ERR_OK;
    }
    return top(f)->member == FILL_BODY ? open_body(f) : open_message(f, at);
}

static void close_array(struct fill *f)
{
    struct fill_frame *frame = top(f);
    size_t items = frame->items;
    frame->in_array = false;
    if (items > items_max(frame->field)) {
        char count[24];
        int len = snprintf(count, sizeof count, "%zu", items);
        reject(f, REASON_TOO_MANY, (struct span){count, (size_t)len});
    }
}

enum err fill_close(struct fill *f, bool array, size_t at)
{
    if (f->skipping > 0) {
        f->skipping--;
        return f->skipping == 0 ? keep(f, at) : ERR_OK;
    }
    if (array) {
        close_array(f);
    } else {
        f->n_frames--;
    }
    return ERR_OK;
}

enum err fill_begin(struct fill *f, const struct message_type *envelope, size_t at)
{
    ProtobufCMessage *env = NULL;
    f->start = at - 1;
    f->n_frames = 0;
    f->skipping = 0;
    f->has_body = false;
    f->attached = 0;
    f->unknown_room = 0;
    enum err e = push(f, envelope, &env);
    f->report->env = (Dualgate__V1__Report *)(void *)env;
    return e;
}
