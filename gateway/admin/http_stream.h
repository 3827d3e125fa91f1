/* SPDX-License-Identifier: Apache-2.0 */
/* An answer that comes later and in pieces: the connection rests until the next piece is there.
 * For: what is too large to hold for every client at once. Not for: event streams (a resting
 * connection does not notice that its client has left; pieces have to come soon). Promises: a
 * source is asked for one piece at a time, and told once that it is no longer wanted, whatever the
 * reason. */
#ifndef ADMIN_HTTP_STREAM_H
#define ADMIN_HTTP_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"
#include "base/span.h"

struct http_stream;
struct MHD_Connection;

#define HTTP_STREAM_HEADERS 6

/* Everything is borrowed for the call. */
struct http_stream_head {
    unsigned status;
    uint64_t size;                               /* of all pieces */
    const char *headers[HTTP_STREAM_HEADERS][2]; /* ends with NULL */
};

struct http_source {
    /* The piece that begins at this place is wanted: http_stream_piece() or _fail(), later, never
     * from inside. ERR_OK, or the answer is broken off. */
    enum err (*want)(void *arg, uint64_t from);
    /* Nobody listens any more; the stream must not be touched again. */
    void (*gone)(void *arg);
};

/* Paths that begin with prefix. */
struct http_stream_route {
    const char *prefix;
    /* Says http_stream_source() and asks for the first piece, or http_stream_head() with a status
     * that is none of success and http_stream_piece() with the whole text. */
    void (*begin)(void *ctx, const char *rest, struct http_stream *s);
    void *ctx;
};

/* ops must live as long as the stream. */
void http_stream_source(struct http_stream *s, const struct http_source *ops, void *arg);
/* Before the first piece. */
void http_stream_head(struct http_stream *s, const struct http_stream_head *head);
/* Copied. */
void http_stream_piece(struct http_stream *s, struct span bytes);
/* No more will come. Before the head: 503. */
void http_stream_fail(struct http_stream *s);

/* ---- for http.c ---- */

/* Answers the request of this connection by the route. resumed(arg) is called when a connection
 * that rested has something to do. NULL when out of memory. */
struct http_stream *http_stream_new(struct list *all, struct MHD_Connection *connection,
                                    void (*resumed)(void *arg), void *arg);
void http_stream_begin(struct http_stream *s, const struct http_stream_route *route,
                       const char *rest);
/* The connection's turn. False when it has to be cut off. */
bool http_stream_turn(struct http_stream *s);
/* The request has ended. */
void http_stream_end(struct http_stream *s);
/* Wakes all that rest, for the last time: the library wants none when it stops. */
void http_stream_wake_all(struct list *all);

#endif
