/* SPDX-License-Identifier: Apache-2.0 */
/* The system's clock and the one that tests move. Knows no calendar: see model/civil_time. */
#include "base/clock.h"

#include <time.h>

static int64_t system_wall_us(void *ctx)
{
    (void)ctx;
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t system_steady_ms(void *ctx)
{
    (void)ctx;
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const struct clock clock_system = {system_wall_us, system_steady_ms, 0};

static int64_t fake_wall_us(void *ctx)
{
    const struct clock_fake *f = ctx;
    return f->wall_us;
}

static int64_t fake_steady_ms(void *ctx)
{
    const struct clock_fake *f = ctx;
    return f->steady_ms;
}

void clock_fake_init(struct clock_fake *f, int64_t wall_us)
{
    f->clock = (struct clock){fake_wall_us, fake_steady_ms, f};
    f->wall_us = wall_us;
    f->steady_ms = 0;
}

void clock_fake_advance_ms(struct clock_fake *f, int64_t ms)
{
    f->wall_us += ms * 1000;
    f->steady_ms += ms;
}
