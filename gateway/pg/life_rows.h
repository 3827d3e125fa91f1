/* SPDX-License-Identifier: Apache-2.0 */
/* Lives as the database has them: what a probe of heads brings beside their order, what was ever
 * said about a hazard, and the rows written back. For: the columns of exchange.hazard_life and
 * those of the head that are in force rather than reported. Not for: deciding (pg/lives.h).
 * Promises: the head holds what is in force, hazard_life what the head has no column for; a life
 * without a row there is read from the head alone. */
#ifndef PG_LIFE_ROWS_H
#define PG_LIFE_ROWS_H

#include "base/buf.h"
#include "pg/life_track.h"
#include "pg/pipeline.h"
#include "pg/result.h"

struct life_stored {
    struct hazard_life life;
    struct order_key order; /* of the newest thing it follows from */
    int64_t tie;
    const char *token; /* changes with every change of the head */
    const char *unit;  /* of the head */
    bool has_row;      /* of hazard_life */
};

/* The probe of heads, $1 uscc, $2 id text[]: the columns of every probe, then those that
 * life_take_probe() reads. */
extern const char life_probe_sql[];
/* "column = x.column, …": what a life changes in a head beside its version. */
extern const char life_touched_columns[];
/* Everything said about hazards, $1 uscc, $2 id text[], $3 how many of each at most; a row begins
 * with the place of its hazard, from 1, and is in order. */
extern const struct pg_statement life_past;

/* The first column of a probe that is the life's. ERR_NOMEM, ERR_FATAL. */
#define LIFE_PROBE_FIRST 6
MUST_CHECK enum err life_take_probe(const struct pg_result *r, size_t row, struct arena *arena,
                                    struct life_stored *out);
/* *place: from 1. ERR_NOMEM, ERR_FATAL. */
MUST_CHECK enum err life_take_past(const struct pg_result *r, size_t row, struct arena *arena,
                                   int64_t *place, struct life_said **out);

#endif
