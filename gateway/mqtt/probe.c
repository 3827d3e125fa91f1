/* SPDX-License-Identifier: Apache-2.0 */
/* See probe.h. A round is one token; a probe repeated within its round carries the same token, so
 * that a late answer still counts. */
#include "mqtt/probe.h"

#include "base/digest.h"

static enum err new_round(struct probe *p, int64_t now_ms)
{
    uint8_t chance[PROBE_TOKEN_LEN / 2];
    enum err e = random_bytes(chance, sizeof(chance));
    if (e != ERR_OK) {
        return e;
    }
    hex_encode(chance, sizeof(chance), p->token);
    p->awaited = true;
    p->life = false;
    p->due_ms = now_ms + p->timeout_ms;
    return ERR_OK;
}

enum err probe_begin(struct probe *p, int64_t now_ms)
{
    return new_round(p, now_ms);
}

void probe_life(struct probe *p)
{
    p->life = true;
}

bool probe_answered(struct probe *p, struct span payload, int64_t now_ms)
{
    if (!p->awaited || !span_eq(payload, probe_token(p))) {
        return false;
    }
    p->awaited = false;
    p->due_ms = now_ms + p->interval_ms;
    return true;
}

enum probe_step probe_step(struct probe *p, int64_t now_ms)
{
    if (now_ms < p->due_ms) {
        return PROBE_REST;
    }
    if (!p->awaited) {
        return new_round(p, now_ms) == ERR_OK ? PROBE_SEND : PROBE_FAILED;
    }
    if (!p->life) {
        return PROBE_FAILED;
    }
    p->life = false;
    p->due_ms = now_ms + p->timeout_ms;
    return PROBE_SEND;
}

struct span probe_token(const struct probe *p)
{
    return (struct span){p->token, PROBE_TOKEN_LEN};
}
