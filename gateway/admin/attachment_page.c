/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/attachment_page.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

#define HTTP_OK         200
#define HTTP_NOT_FOUND  404
#define HTTP_TOO_MANY   503
#define NAME_MAX_BYTES  (DIGEST_HEX + 64)
#define NOTHING_MAY_RUN "default-src 'none'; sandbox"
#define NEVER_CHANGES   "private, max-age=31536000, immutable"

/* One request; lives until the client has gone and the store has answered. */
struct serving {
    const struct attachment_serving *from;
    struct http_stream *stream; /* NULL: gone */
    uint8_t hash[DIGEST_BYTES];
    bool begun, pending;
};

static void refuse(struct http_stream *s, unsigned status, const char *json)
{
    const struct http_stream_head head = {
        .status = status,
        .size = strlen(json),
        .headers = {{"Content-Type", "application/json; charset=utf-8"},
                    {"X-Content-Type-Options", "nosniff"},
                    {"Content-Security-Policy", NOTHING_MAY_RUN},
                    {"Cache-Control", "no-store"}},
    };
    http_stream_head(s, &head);
    http_stream_piece(s, span_of(json));
}

static void say_head(struct serving *v, const struct attachment_part *part)
{
    char hex[DIGEST_HEX + 1];
    char disposition[NAME_MAX_BYTES];
    char etag[DIGEST_HEX + 3];
    hex_encode(v->hash, DIGEST_BYTES, hex);
    (void)snprintf(disposition, sizeof disposition, "%s; filename=\"%s.%s\"",
                   media_is_picture(part->kind) ? "inline" : "attachment", hex,
                   media_suffix(part->kind));
    (void)snprintf(etag, sizeof etag, "\"%s\"", hex);
    const struct http_stream_head head = {
        .status = HTTP_OK,
        .size = part->size,
        .headers = {{"Content-Type", media_type(part->kind)},
                    {"X-Content-Type-Options", "nosniff"},
                    {"Content-Disposition", disposition},
                    {"Content-Security-Policy", NOTHING_MAY_RUN},
                    {"ETag", etag},
                    {"Cache-Control", NEVER_CHANGES}},
    };
    http_stream_head(v->stream, &head);
}

static void on_part(void *arg, enum err e, const struct attachment_part *part)
{
    struct serving *v = arg;
    v->pending = false;
    if (!v->stream) {
        mem_free(v);
    } else if (e == ERR_NOT_FOUND && !v->begun) {
        refuse(v->stream, HTTP_NOT_FOUND, "{\"error\":\"there is no such attachment\"}\n");
    } else if (e != ERR_OK || part->bytes.len == 0) {
        http_stream_fail(v->stream);
    } else {
        if (!v->begun) {
            v->begun = true;
            say_head(v, part);
        }
        http_stream_piece(v->stream, part->bytes);
    }
}

static enum err want(void *arg, uint64_t from)
{
    struct serving *v = arg;
    enum err e = v->from->ops->ask(v->from->ctx, v->hash, from, on_part, v);
    v->pending = e == ERR_OK;
    return e;
}

static void gone(void *arg)
{
    struct serving *v = arg;
    v->stream = NULL;
    if (!v->pending) {
        mem_free(v);
    }
}

static const struct http_source source = {want, gone};

void attachment_page_begin(void *ctx, const char *rest, struct http_stream *s)
{
    struct serving *v = mem_zalloc(sizeof *v);
    if (!v) {
        http_stream_fail(s);
        return;
    }
    v->from = ctx;
    v->stream = s;
    if (hex_decode(span_of(rest), v->hash, DIGEST_BYTES) != ERR_OK) {
        mem_free(v);
        refuse(s, HTTP_NOT_FOUND, "{\"error\":\"expected 64 hexadecimal digits\"}\n");
        return;
    }
    http_stream_source(s, &source, v);
    if (want(v, 0) != ERR_OK) {
        refuse(s, HTTP_TOO_MANY, "{\"error\":\"busy, or without the database\"}\n");
    }
}
