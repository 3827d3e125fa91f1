/* SPDX-License-Identifier: Apache-2.0 */
/* Waits that double, with chance in them so that many who lost one server do not come back in step.
 */
#include "base/backoff.h"

#include "base/digest.h"

void backoff_init(struct backoff *b, uint32_t first_ms, uint32_t max_ms)
{
    *b = (struct backoff){.first_ms = first_ms ? first_ms : 1, .max_ms = max_ms};
    if (b->max_ms < b->first_ms) {
        b->max_ms = b->first_ms;
    }
}

static uint32_t ceiling_ms(const struct backoff *b)
{
    uint64_t wait = b->first_ms;
    for (uint32_t i = 0; i < b->tries && wait < b->max_ms; i++) {
        wait *= 2;
    }
    return wait < b->max_ms ? (uint32_t)wait : b->max_ms;
}

uint32_t backoff_next_ms(struct backoff *b)
{
    uint32_t whole = ceiling_ms(b);
    uint32_t half = whole - whole / 2;
    uint32_t chance = 0;
    if (random_bytes(&chance, sizeof(chance)) != ERR_OK) {
        chance = 0; /* no jitter is better than no wait */
    }
    if (b->tries < UINT32_MAX) {
        b->tries++;
    }
    return half + chance % (whole - half + 1);
}

void backoff_reset(struct backoff *b)
{
    b->tries = 0;
}
