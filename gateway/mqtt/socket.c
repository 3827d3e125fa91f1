/* SPDX-License-Identifier: Apache-2.0 */
/* See socket.h. It outlives its connection until libuv has let go of it, so it stands on the heap
 * by itself. */
#include "mqtt/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"

struct socket {
    uv_poll_t handle;
    int fd;
    int watched;
    const struct socket_ops *ops;
    void *ctx;
};

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct socket *s = handle->data;
    /* After an error both: the library's own call tells which error it is. */
    bool readable = status != 0 || (events & UV_READABLE) != 0;
    bool writable = status != 0 || (events & UV_WRITABLE) != 0;
    s->ops->on_event(s->ctx, readable, writable);
}

enum err socket_open(struct socket **out, uv_loop_t *loop, int fd, const struct socket_ops *ops,
                     void *ctx)
{
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    struct socket *s = mem_zalloc(sizeof(*s));
    if (!s) {
        return ERR_NOMEM;
    }
    s->ops = ops;
    s->ctx = ctx;
    s->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (s->fd < 0 || uv_poll_init(loop, &s->handle, s->fd) != 0) {
        if (s->fd >= 0) {
            (void)close(s->fd);
        }
        mem_free(s);
        return ERR_IO;
    }
    s->handle.data = s;
    *out = s;
    return ERR_OK;
}

void socket_watch(struct socket *s, int events)
{
    if (s->watched == events) {
        return;
    }
    s->watched = events;
    if (events == 0) {
        (void)uv_poll_stop(&s->handle);
    } else {
        (void)uv_poll_start(&s->handle, events, on_poll);
    }
}

void socket_cork(struct socket *s, bool on)
{
    int value = on;
    (void)setsockopt(s->fd, IPPROTO_TCP, TCP_CORK, &value, sizeof(value));
}

int socket_error(const struct socket *s)
{
    int error = 0;
    socklen_t len = sizeof(error);
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0) {
        error = errno;
    }
    return error;
}

static void on_poll_closed(uv_handle_t *handle)
{
    struct socket *s = handle->data;
    const struct socket_ops *ops = s->ops;
    void *ctx = s->ctx;
    mem_free(s);
    ops->on_closed(ctx);
}

void socket_close(struct socket *s)
{
    uv_close((uv_handle_t *)&s->handle, on_poll_closed);
    /* libuv has forgotten the descriptor as soon as uv_close() returns. */
    (void)close(s->fd);
}
