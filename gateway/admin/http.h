/* SPDX-License-Identifier: Apache-2.0 */
/* A small HTTP server on the loop: libmicrohttpd driven through its epoll descriptor, no thread of
 * its own. For: answers made at once from memory (pages, metrics, health), and one kind that comes
 * in pieces (admin/http_stream.h). Not for: TLS, logins, event streams, request bodies. Promises:
 * GET and HEAD only; a handler is called once per request and never later; a peer that does not
 * send its header in time is cut off; the loop is never spun.
 */
#ifndef ADMIN_HTTP_H
#define ADMIN_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "admin/http_stream.h"
#include "base/buf.h"
#include "base/err.h"

struct http;
struct http_request;

struct http_settings {
    const char *host; /* a numeric address */
    uint16_t port;    /* 0: a free one, see http_port() */
    uint32_t connections_max;
    uint32_t header_timeout_ms;
};

/* What a handler fills; it starts as 200, text/plain and empty. */
struct http_reply {
    unsigned status;
    const char *content_type; /* a literal */
    struct buf body;          /* a failed buffer becomes 500 */
};

struct http_route {
    const char *path; /* exact */
    void (*handle)(void *ctx, const struct http_request *request, struct http_reply *reply);
};

/* Listens. routes end with a row without a path and must live as long as the server. On error one
 * phrase for people is appended to why ("127.0.0.1 port 8080: Address already in use") and *out is
 * NULL: ERR_INVALID for an address that is none, ERR_IO, ERR_NOMEM. */
MUST_CHECK enum err http_new(struct http **out, uv_loop_t *loop,
                             const struct http_settings *settings, const struct http_route *routes,
                             void *ctx, struct buf *why);
/* Answers in pieces for the paths of this route, which must live as long as the server. */
void http_add_stream(struct http *h, const struct http_stream_route *route);
/* The port it listens on. */
uint16_t http_port(const struct http *h);
/* An argument of the query (?name=value), decoded; NULL if absent. Lives as long as the call. */
const char *http_query(const struct http_request *request, const char *name);
/* Cuts every connection, closes the handles, calls closed (may be NULL) later, frees itself. */
void http_close(struct http *h, void (*closed)(void *arg), void *arg);

#endif
