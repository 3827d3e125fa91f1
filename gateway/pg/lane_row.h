/* SPDX-License-Identifier: Apache-2.0 */
/* A lane as the database has it: its lock and its row of dg.lane. For: asking for both and reading
 * the answers. Not for: when to ask (pg/ownership.h). */
#ifndef PG_LANE_ROW_H
#define PG_LANE_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "pg/chain.h"
#include "pg/conn.h"
#include "pg/lane.h"

#define LANE_ROW_CLIENT_ID_MAX 64

struct lane_row {
    char client_id[LANE_ROW_CLIENT_ID_MAX + 1];
    struct chain_link last; /* batch */
    struct lane_totals totals;
    int64_t parked_now;             /* in the whole node */
    const struct pg_result *counts; /* by adapter and reason (pg/lane_count.h); of the reply */
};

/* Settings of the session, then the lock. As conn_send. */
MUST_CHECK enum err lane_row_lock(struct conn *conn, int32_t lane, conn_done done, void *arg);
/* False: the answer says nothing. */
MUST_CHECK bool lane_row_locked(const struct pg_reply *reply, bool *ours);
/* The row, made if there is none, and the catalogue of the tables. As conn_send. */
MUST_CHECK enum err lane_row_load(struct conn *conn, int32_t lane, conn_done done, void *arg);
/* ERR_FATAL when the row is not of the expected form. */
MUST_CHECK enum err lane_row_take(const struct pg_reply *reply, struct lane_row *out);
const struct pg_result *lane_row_catalogue(const struct pg_reply *reply);

#endif
