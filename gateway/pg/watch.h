/* SPDX-License-Identifier: Apache-2.0 */
/* Watching a socket that another library owns and may close inside any of its calls. libuv aborts
 * when it is asked to watch a closed one. Hence the rule for users: while the library may close a
 * socket and open another under the same number, watch_pause() before each call and watch_for()
 * after it; where it can only close, watch_end() in the same turn in which the loss shows. */
#ifndef PG_WATCH_H
#define PG_WATCH_H

#include <stdbool.h>
#include <uv.h>

struct watch;

/* status < 0: an error of libuv, events as it gave them. Not called after watch_end(). */
typedef void (*watch_event)(void *owner, int status, int events);

/* Watches fd for UV_READABLE, UV_WRITABLE from now on; *w is NULL or from an earlier call and is
 * replaced when the number has changed. False when it cannot (no memory, no such socket). */
bool watch_for(struct watch **w, uv_loop_t *loop, int fd, int events, watch_event on_event,
               void *owner);
void watch_pause(struct watch *w);
/* *w may be NULL and is NULL afterwards; the memory goes when libuv lets it. */
void watch_end(struct watch **w);

#endif
