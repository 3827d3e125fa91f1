/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd rests a connection (suspends it) inside its handler or reader; waking it takes
 * effect in the next run of the library, which the owner makes at once. */
#include "admin/http_stream.h"

#include <microhttpd.h>

#include "base/alloc.h"
#include "base/buf.h"

#define BLOCK_BYTES     16384
#define PIECE_BYTES_MAX ((size_t)4 << 20)

struct http_stream {
    struct list link;
    struct MHD_Connection *connection;
    void (*resumed)(void *arg);
    void *resumed_arg;
    const struct http_source *source;
    void *source_arg;

    struct MHD_Response *response; /* made by the head, queued at the next turn */
    unsigned status;
    struct buf piece;
    size_t taken; /* of the piece */
    bool resting, waiting, failed;
};

static void rest(struct http_stream *s)
{
    s->resting = true;
    MHD_suspend_connection(s->connection);
}

static void wake(struct http_stream *s)
{
    s->waiting = false;
    if (s->resting) {
        s->resting = false;
        MHD_resume_connection(s->connection);
        s->resumed(s->resumed_arg);
    }
}

static ssize_t read_piece(void *arg, uint64_t at, char *out, size_t max)
{
    struct http_stream *s = arg;
    size_t left = s->piece.len - s->taken;
    if (left > 0) {
        size_t n = left < max ? left : max;
        memcpy(out, s->piece.data + s->taken, n);
        s->taken += n;
        return (ssize_t)n;
    }
    if (s->failed || !s->source) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    s->waiting = true;
    if (s->source->want(s->source_arg, at) != ERR_OK) {
        return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    rest(s);
    return 0;
}

void http_stream_source(struct http_stream *s, const struct http_source *ops, void *arg)
{
    s->source = ops;
    s->source_arg = arg;
    s->waiting = true;
}

void http_stream_head(struct http_stream *s, const struct http_stream_head *head)
{
    s->status = head->status;
    s->response = MHD_create_response_from_callback(head->size, BLOCK_BYTES, read_piece, s, NULL);
    for (size_t i = 0; i < HTTP_STREAM_HEADERS && head->headers[i][0] && s->response; i++) {
        if (MHD_add_response_header(s->response, head->headers[i][0], head->headers[i][1]) !=
            MHD_YES) {
            s->failed = true;
        }
    }
}

void http_stream_piece(struct http_stream *s, struct span bytes)
{
    buf_reset(&s->piece);
    buf_put_span(&s->piece, bytes);
    s->taken = 0;
    s->failed = s->failed || buf_failed(&s->piece);
    wake(s);
}

void http_stream_fail(struct http_stream *s)
{
    s->failed = true;
    wake(s);
}

struct http_stream *http_stream_new(struct list *all, struct MHD_Connection *connection,
                                    void (*resumed)(void *arg), void *arg)
{
    struct http_stream *s = mem_zalloc(sizeof *s);
    if (!s) {
        return NULL;
    }
    s->connection = connection;
    s->resumed = resumed;
    s->resumed_arg = arg;
    buf_init(&s->piece, PIECE_BYTES_MAX);
    list_append(all, &s->link);
    return s;
}

void http_stream_begin(struct http_stream *s, const struct http_stream_route *route,
                       const char *rest)
{
    route->begin(route->ctx, rest, s);
}

static bool queue_unavailable(struct http_stream *s)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result ok =
        r ? MHD_queue_response(s->connection, MHD_HTTP_SERVICE_UNAVAILABLE, r) : MHD_NO;
    if (r) {
        MHD_destroy_response(r);
    }
    return ok == MHD_YES;
}

bool http_stream_turn(struct http_stream *s)
{
    if (s->response && !s->failed) {
        enum MHD_Result ok = MHD_queue_response(s->connection, s->status, s->response);
        MHD_destroy_response(s->response);
        s->response = NULL;
        return ok == MHD_YES;
    }
    if (s->failed || !s->waiting) {
        return queue_unavailable(s);
    }
    rest(s);
    return true;
}

void http_stream_end(struct http_stream *s)
{
    if (s->source) {
        s->source->gone(s->source_arg);
    }
    if (s->response) {
        MHD_destroy_response(s->response);
    }
    list_remove(&s->link);
    buf_free(&s->piece);
    mem_free(s);
}

void http_stream_wake_all(struct list *all)
{
    LIST_EACH (it, all) {
        struct http_stream *s = LIST_ITEM(it, struct http_stream, link);
        s->failed = true;
        if (s->resting) {
            s->resting = false;
            MHD_resume_connection(s->connection);
        }
    }
}
