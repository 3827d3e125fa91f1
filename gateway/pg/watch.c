/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/watch.h"

#include "base/alloc.h"

struct watch {
    uv_poll_t poll;
    int fd;
    watch_event on_event;
    void *owner; /* NULL: ended */
};

static void on_closed(uv_handle_t *handle)
{
    mem_free(handle->data);
}

void watch_end(struct watch **w)
{
    if (*w) {
        (*w)->owner = NULL;
        uv_close((uv_handle_t *)&(*w)->poll, on_closed);
        *w = NULL;
    }
}

void watch_pause(struct watch *w)
{
    (void)uv_poll_stop(&w->poll);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watch *w = poll->data;
    if (w->owner) {
        w->on_event(w->owner, status, events);
    }
}

static struct watch *watch_new(uv_loop_t *loop, int fd)
{
    struct watch *w = mem_zalloc(sizeof *w);
    if (!w) {
        return NULL;
    }
    if (uv_poll_init(loop, &w->poll, fd) != 0) {
        mem_free(w);
        return NULL;
    }
    w->poll.data = w;
    w->fd = fd;
    return w;
}

bool watch_for(struct watch **w, uv_loop_t *loop, int fd, int events, watch_event on_event,
               void *owner)
{
    if (*w && (*w)->fd != fd) {
        watch_end(w);
    }
    if (!*w && fd >= 0) {
        *w = watch_new(loop, fd);
    }
    if (!*w) {
        return false;
    }
    (*w)->on_event = on_event;
    (*w)->owner = owner;
    return uv_poll_start(&(*w)->poll, events, on_poll) == 0;
}
