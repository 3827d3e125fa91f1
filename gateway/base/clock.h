/* SPDX-License-Identifier: Apache-2.0 */
/* Time is an argument: whoever needs it holds a const struct clock *, tests hold one they move. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

struct clock {
    int64_t (*wall_us)(void *ctx);   /* microseconds since 1970-01-01T00:00:00Z */
    int64_t (*steady_ms)(void *ctx); /* milliseconds, never goes back */
    void *ctx;
};

/* The system's. */
extern const struct clock clock_system;

static inline int64_t clock_wall_us(const struct clock *c)
{
    return c->wall_us(c->ctx);
}

static inline int64_t clock_steady_ms(const struct clock *c)
{
    return c->steady_ms(c->ctx);
}

/* A clock that tests set. */
struct clock_fake {
    struct clock clock;
    int64_t wall_us;
    int64_t steady_ms;
};

void clock_fake_init(struct clock_fake *f, int64_t wall_us);
void clock_fake_advance_ms(struct clock_fake *f, int64_t ms);

#endif
