/* SPDX-License-Identifier: Apache-2.0 */
/* Commits one batch, or one sweep of parked reports, in one transaction of few round trips:
 *
 *   1 BEGIN and what has to be known (pg/inquiry.h; again while parked children turn up)
 *   2 the counters and the last numbers of the feed topics; left out when nothing is claimed or fed
 *   3 every row, the batch row last, COMMIT
 *
 * For: the order of these, and what a failure means. SQLSTATE class 40 and 23505 (another
 * lane was there, or a count that dg.expect() refused): rolled back and planned again, retry_max
 * times. Classes 22 and 23: the culprits are found by halving in transactions that are rolled back,
 * then the batch is committed with them in quarantine. Everything else: rolled back and handed to
 * the caller. Not for: connecting, locks. Promises: done exactly once, never from inside a call;
 * ERR_OK means that COMMIT's command tag was read; on anything else nothing of this try stands
 * unless the connection broke at COMMIT (then the identities make the redelivery harmless). */
#ifndef PG_INGEST_H
#define PG_INGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "pg/conn.h"
#include "pg/statements.h"
#include "pg/writes.h"
#include "pipe/batch.h"

struct ingest;

struct ingest_settings {
    int32_t lane;
    const char *node;
    uint32_t timeout_ms; /* of a round trip */
    size_t arena_max_bytes;
    struct ingest_tuning {
        uint32_t retry_max;
        int64_t parked_keep_ms;
        uint32_t parked_max;
        uint32_t parked_chunk;
        uint32_t life_events_max;
    } tuning;
};

/* What the last commit did, beyond the verdicts in its entries. */
struct ingest_outcome {
    uint64_t received;
    uint64_t counts[VERDICT_COUNT]; /* stored, stale, rejected: released and expired ones too */
    uint64_t released, expired, refused_by_database;
    bool committed; /* a batch row was written */
    const struct pg_result
        *counts_rows; /* see pg/lane_count.h; NULL for none; only while done is called */
};

typedef void (*ingest_done)(void *arg, enum err result);

/* settings.node must live as long. */
MUST_CHECK enum err ingest_new(struct ingest **out, const struct schema *schema,
                               const struct ingest_settings *settings, const struct clock *clock);
/* Not while one is under way. NULL is allowed. */
void ingest_free(struct ingest *in);
/* A new session: its statements, the lane's last batch, how many reports wait. */
void ingest_use(struct ingest *in, struct conn *conn, const struct statements *statements,
                const struct chain_link *last, int64_t parked_now);
/* From the next batch or sweep on. */
void ingest_tune(struct ingest *in, const struct ingest_tuning *tuning);
bool ingest_busy(const struct ingest *in);
/* ERR_FULL when busy; else what conn_send says. */
MUST_CHECK enum err ingest_batch(struct ingest *in, struct batch *batch, ingest_done done,
                                 void *arg);
/* One bounded chunk of the parked ones, going round. */
MUST_CHECK enum err ingest_sweep(struct ingest *in, ingest_done done, void *arg);
const struct ingest_outcome *ingest_outcome(const struct ingest *in);
/* Why the last one failed: "40P01 deadlock detected"; "" when it did not. */
const char *ingest_why(const struct ingest *in);
/* Reports that wait in the whole node, as far as known. */
int64_t ingest_parked_now(const struct ingest *in);

#endif
