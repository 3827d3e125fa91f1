/* SPDX-License-Identifier: Apache-2.0 */
/* Going round the parked reports in bounded chunks: where the next one begins and how many it looks
 * at; fewer while one of them fails, until that one stands alone and is refused. For: that place.
 * Not for: asking (pg/inquiry.h), deciding. */
#ifndef PG_SWEEP_H
#define PG_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "pg/inquiry.h"

struct sweep {
    int64_t after; /* this ledger number */
    uint32_t rows; /* halved while one of them fails */
    uint32_t rows_max;
    enum sweep_part part;
    bool refuse;
};

void sweep_init(struct sweep *s, uint32_t rows_max);
/* From the next step on; it grows towards it, or is cut. */
void sweep_set_max(struct sweep *s, uint32_t rows_max);
/* False: it is a single one already. */
bool sweep_halve(struct sweep *s);
/* After bad data: looks at fewer, or refuses the single one. */
void sweep_suspect(struct sweep *s);
/* After a sweep that stands; last: the ledger number up to which it looked. */
void sweep_move(struct sweep *s, int64_t last);

#endif
