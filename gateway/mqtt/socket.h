/* SPDX-License-Identifier: Apache-2.0 */
/* A duplicate of the socket that belongs to the library, polled. The library closes its own
 * whenever it likes, and libuv must never see a closed one. Not for reading or writing: the library
 * does that.
 *
 * Promises: on_event never after socket_close, which closes the duplicate before it returns (a
 * surviving one would keep the peer waiting); on_closed exactly once, later. */
#ifndef MQTT_SOCKET_H
#define MQTT_SOCKET_H

#include <stdbool.h>
#include <uv.h>

#include "base/err.h"

struct socket;

struct socket_ops {
    /* It can do what was watched for; both after an error. */
    void (*on_event)(void *ctx, bool readable, bool writable);
    /* libuv has let go of it. */
    void (*on_closed)(void *ctx);
};

/* fd stays the library's, and is not inherited by child processes from now on. Watches for nothing
 * yet. ERR_NOMEM, ERR_IO. */
MUST_CHECK enum err socket_open(struct socket **out, uv_loop_t *loop, int fd,
                                const struct socket_ops *ops, void *ctx);
/* UV_READABLE, UV_WRITABLE, both or 0. */
void socket_watch(struct socket *s, int events);
/* Holds small segments back while on. */
void socket_cork(struct socket *s, bool on);
/* The errno of an awaited connect; 0 when it stands. */
int socket_error(const struct socket *s);
/* Frees itself once libuv has let go. */
void socket_close(struct socket *s);

#endif
