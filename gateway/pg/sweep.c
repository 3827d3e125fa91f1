/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/sweep.h"

void sweep_init(struct sweep *s, uint32_t rows_max)
{
    *s = (struct sweep){.rows = rows_max, .rows_max = rows_max, .part = SWEEP_BOTH};
}

void sweep_set_max(struct sweep *s, uint32_t rows_max)
{
    s->rows_max = rows_max;
    s->rows = s->rows > rows_max ? rows_max : s->rows;
}

bool sweep_halve(struct sweep *s)
{
    if (s->rows <= 1) {
        return false;
    }
    s->rows /= 2;
    return true;
}

void sweep_suspect(struct sweep *s)
{
    if (sweep_halve(s)) {
        s->part = s->rows == 1 ? SWEEP_READY : SWEEP_BOTH;
    } else {
        s->refuse = true;
    }
}

void sweep_move(struct sweep *s, int64_t last)
{
    if (s->part & SWEEP_READY) {
        s->after = last;
    }
    s->refuse = false;
    if (s->part == SWEEP_READY) {
        s->part = SWEEP_EXPIRED;
        return;
    }
    s->part = SWEEP_BOTH;
    if (s->rows < s->rows_max) {
        s->rows *= 2;
    }
    if (s->rows > s->rows_max) {
        s->rows = s->rows_max;
    }
}
