/* SPDX-License-Identifier: Apache-2.0 */
/* A walk over the body by descriptor. Bytes are decoded where the text stood, so that a photo costs
 * its text once, in the arena it was read into. */
#include "model/attachments.h"

#include <stdio.h>
#include <strings.h>

#include "model/field.h"
#include "model/path.h"

#define LINK_PREFIX SPAN_LIT(ATTACHMENT_LINK)

struct walk {
    struct report *report;
    const struct attachment_limits *limits;
    struct arena *arena;
    size_t count; /* of what the report brings along */
    enum err e;
};

static bool stopped(const struct walk *w)
{
    return w->e != ERR_OK || w->report->problem.reason != REASON_NONE;
}

bool attachment_inside(const struct field_type *field, struct span text)
{
    return field->rule->attachment && data_uri_is(text);
}

static void reject(struct walk *w, enum reason why, const struct path *path,
                   const struct field_type *field, struct span value)
{
    char text[PATH_TEXT_MAX];
    report_reject(w->report, w->arena, why, path_text(path, text), field, value);
}

static void reject_number(struct walk *w, enum reason why, const struct path *path,
                          const struct field_type *field, size_t number)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%zu", number);
    reject(w, why, path, field, (struct span){text, (size_t)len});
}

static void list(struct walk *w, const struct path *path, const uint8_t hash[DIGEST_BYTES],
                 const struct data_uri *what)
{
    char text[PATH_TEXT_MAX];
    struct attachment **end = &w->report->attachments;
    path_text(path, text);
    for (; *end; end = &(*end)->next) {
        if (memcmp((*end)->hash, hash, DIGEST_BYTES) == 0 && strcmp((*end)->field, text) == 0) {
            return;
        }
    }
    struct attachment *a = arena_zalloc(w->arena, sizeof *a);
    const char *field = arena_strdup(w->arena, text);
    if (!a || !field) {
        w->e = ERR_NOMEM;
        return;
    }
    memcpy(a->hash, hash, DIGEST_BYTES);
    a->field = field;
    a->kind = what->kind;
    a->bytes = what->bytes;
    *end = a;
}

/* The field holds the link from now on. */
static void write_link(struct walk *w, const uint8_t hash[DIGEST_BYTES], char **text)
{
    char hex[DIGEST_HEX + 1];
    hex_encode(hash, DIGEST_BYTES, hex);
    char *link = arena_printf(w->arena, ATTACHMENT_LINK "%s", hex);
    if (link) {
        *text = link;
    } else {
        w->e = ERR_NOMEM;
    }
}

static void take_bytes(struct walk *w, const struct path *path, const struct field_type *field,
                       char **text)
{
    struct data_uri uri = {.kind = MEDIA_NONE};
    uint8_t hash[DIGEST_BYTES];
    if (w->count++ >= w->limits->count_max) {
        reject_number(w, REASON_TOO_MANY, path, field, w->count);
        return;
    }
    enum reason why = data_uri_read(*text, strlen(*text), w->limits->bytes_max, &uri);
    if (why == REASON_NONE && field->rule->pictures_only && !media_is_picture(uri.kind)) {
        why = REASON_ATTACHMENT_TYPE;
    }
    if (why == REASON_ATTACHMENT_TOO_LARGE) {
        reject_number(w, why, path, field, uri.bytes.len);
    } else if (why != REASON_NONE) {
        reject(w, why, path, field, uri.wrong);
    } else {
        digest_of(uri.bytes, hash);
        list(w, path, hash, &uri);
        write_link(w, hash, text);
    }
}

static void take_link(struct walk *w, const struct path *path, const struct field_type *field,
                      char **text)
{
    static const struct data_uri nothing = {.kind = MEDIA_NONE};
    struct span link = span_of(*text);
    struct span hex = {link.at + LINK_PREFIX.len, link.len - LINK_PREFIX.len};
    uint8_t hash[DIGEST_BYTES];
    if (hex_decode(hex, hash, DIGEST_BYTES) != ERR_OK) {
        reject(w, REASON_ATTACHMENT_BROKEN, path, field, link);
        return;
    }
    list(w, path, hash, &nothing);
    write_link(w, hash, text);
}

static void take_text(struct walk *w, const struct path *path, const struct field_type *field,
                      char **text)
{
    if (!*text) {
        return;
    }
    if (data_uri_is(span_of(*text))) {
        take_bytes(w, path, field, text);
    } else if (strncasecmp(*text, ATTACHMENT_LINK, LINK_PREFIX.len) == 0) {
        take_link(w, path, field, text);
    }
}

static void walk_message(struct walk *w, const struct message_type *type,
                         const ProtobufCMessage *message, const struct path *above)
{
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct field_type *field = &type->fields[i];
        if (!field->rule->attachment && !field->message) {
            continue;
        }
        struct path path = {.up = above, .name = field->desc->name};
        path.is_item = field->desc->label == PROTOBUF_C_LABEL_REPEATED;
        size_t n = field_count(message, field->desc);
        for (path.index = 0; path.index < n && !stopped(w); path.index++) {
            void *item = field_item(message, field->desc, path.index);
            if (field->message) {
                walk_message(w, field->message, *(ProtobufCMessage **)item, &path);
            } else if (field->desc->type == PROTOBUF_C_TYPE_STRING) {
                take_text(w, &path, field, item);
            }
        }
    }
}

enum err attachments_settle(struct report *r, const struct attachment_limits *limits,
                            struct arena *arena)
{
    struct walk w = {.report = r, .limits = limits, .arena = arena, .e = ERR_OK};
    const struct path body = {.name = "body"};
    if (r->body && r->type) {
        walk_message(&w, r->type->message, r->body, &body);
    }
    return r->starved ? ERR_NOMEM : w.e;
}
