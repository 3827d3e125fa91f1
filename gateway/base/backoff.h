/* SPDX-License-Identifier: Apache-2.0 */
/* Capped exponential backoff with full jitter. */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
    uint32_t first_ms;
    uint32_t max_ms;
    uint32_t tries;
};

void backoff_init(struct backoff *b, uint32_t first_ms, uint32_t max_ms);
/* The next wait: between half and the whole of min(max, first · 2^tries). */
uint32_t backoff_next_ms(struct backoff *b);
void backoff_reset(struct backoff *b);

#endif
