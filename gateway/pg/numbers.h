/* SPDX-License-Identifier: Apache-2.0 */
/* The dense numbers of a transaction: ledger_no and feed_seq from their counter rows, and the last
 * number of each feed topic. For: taking them and giving them to the plan. Not for: who needs one
 * (pg/decide.h). Promises: counters are locked in one order by every lane; what is rolled back
 * leaves no hole. */
#ifndef PG_NUMBERS_H
#define PG_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "pg/conn.h"
#include "pg/inquiry.h"
#include "pg/plan.h"

/* Is anything claimed or fed? */
bool numbers_wanted(const struct plan *p);
/* ERR_NOMEM, else as conn_send. Parameters live in the inquiry's arena. */
MUST_CHECK enum err numbers_ask(struct conn *conn, const struct plan *p, struct inquiry *inquiry,
                                uint32_t timeout_ms, conn_done done, void *arg);
/* The answer into the plan; accepted_us: time of the database. ERR_FATAL when it is not of the
 * expected shape. */
MUST_CHECK enum err numbers_take(struct plan *p, const struct pg_reply *reply,
                                 int64_t *accepted_us);

#endif
