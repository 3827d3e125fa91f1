/* SPDX-License-Identifier: Apache-2.0 */
/* See dial.h. A request that is under way cannot always be cancelled, so its answer may come when
 * nobody waits for it any more; the next attempt then uses it. */
#include "mqtt/dial.h"

#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/log.h"

/* ---- one attempt ------------------------------------------------------------------------------
 */

static void hand_out_next(struct dial *d)
{
    const struct addrinfo *to = d->next_address;
    d->next_address = to->ai_next;
    char address[NI_MAXHOST];
    if (getnameinfo(to->ai_addr, to->ai_addrlen, address, sizeof(address), NULL, 0,
                    NI_NUMERICHOST) != 0) {
        d->ops->on_failed(d->ctx, err_text(ERR_INVALID));
        return;
    }
    d->ops->on_address(d->ctx, address);
}

static void tell_closed(struct dial *d)
{
    if (d->closed && d->timer_closed && !d->resolving) {
        d->closed(d->ctx);
    }
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct dial *d = request->data;
    d->resolving = false;
    if (d->closed) {
        uv_freeaddrinfo(found);
        tell_closed(d);
        return;
    }
    if (status == 0) {
        dial_forget(d);
        d->addresses = found;
        d->next_address = found;
    } else {
        uv_freeaddrinfo(found);
    }
    if (!d->awaited) {
        return;
    }
    d->awaited = false;
    if (d->next_address) {
        hand_out_next(d);
    } else {
        d->ops->on_failed(d->ctx, uv_strerror(status));
    }
}

static int resolve(struct dial *d)
{
    if (d->resolving) {
        return 0;
    }
    char port[8];
    (void)snprintf(port, sizeof(port), "%u", d->settings.port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    int rc = uv_getaddrinfo(d->loop, &d->request, on_resolved, d->settings.host, port, &hints);
    d->resolving = rc == 0;
    return rc;
}

static void on_deadline(uv_timer_t *timer)
{
    struct dial *d = timer->data;
    if (d->awaited) {
        (void)uv_cancel((uv_req_t *)&d->request);
    }
    d->ops->on_failed(d->ctx, "timeout");
}

void dial_start(struct dial *d)
{
    (void)uv_timer_start(&d->timer, on_deadline, d->settings.deadline_ms, 0);
    if (d->next_address) {
        hand_out_next(d);
        return;
    }
    d->awaited = true;
    int rc = resolve(d);
    if (rc != 0) {
        d->ops->on_failed(d->ctx, uv_strerror(rc));
    }
}

/* ---- what comes after it ----------------------------------------------------------------------
 */

static void on_wait_over(uv_timer_t *timer)
{
    dial_start(timer->data);
}

void dial_later(struct dial *d)
{
    uint32_t wait_ms = d->next_address ? 0 : backoff_next_ms(&d->backoff);
    d->awaited = false;
    (void)uv_timer_start(&d->timer, on_wait_over, wait_ms, 0);
    log_debug(d->settings.who, "event=retry wait_ms=%u", wait_ms);
}

void dial_reached(struct dial *d)
{
    (void)uv_timer_stop(&d->timer);
}

void dial_proven(struct dial *d)
{
    backoff_reset(&d->backoff);
}

void dial_stop(struct dial *d)
{
    d->awaited = false;
    (void)uv_timer_stop(&d->timer);
}

void dial_forget(struct dial *d)
{
    if (d->addresses) {
        uv_freeaddrinfo(d->addresses);
    }
    d->addresses = NULL;
    d->next_address = NULL;
}

/* ---- life -------------------------------------------------------------------------------------
 */

void dial_init(struct dial *d, uv_loop_t *loop, const struct dial_settings *settings,
               const struct dial_ops *ops, void *ctx)
{
    *d = (struct dial){.loop = loop, .settings = *settings, .ops = ops, .ctx = ctx};
    backoff_init(&d->backoff, settings->backoff_first_ms, settings->backoff_max_ms);
    (void)uv_timer_init(loop, &d->timer);
    d->timer.data = d->request.data = d;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct dial *d = handle->data;
    d->timer_closed = true;
    tell_closed(d);
}

void dial_close(struct dial *d, void (*closed)(void *ctx))
{
    dial_forget(d);
    d->closed = closed;
    if (d->resolving) {
        (void)uv_cancel((uv_req_t *)&d->request);
    }
    uv_close((uv_handle_t *)&d->timer, on_timer_closed);
}
