/* SPDX-License-Identifier: Apache-2.0 */
/* A lane: one intake, owned by whoever holds its PostgreSQL advisory lock on the very connection
 * that writes its batches. For: getting and noticing the loss of that ownership, the lane's row
 * (client id, chain of batches, totals), committing batches (struct store), sweeping parked
 * reports, handing out second receipts. Not for: MQTT, receipts of arrivals, counting (settle does
 * that; here are only totals of the database).
 *
 *   start → connects → asks for the lock each lock_poll_ms → [on_owned] → commits … → [on_lost] →
 * connects …
 *
 * Promises: on_owned and on_lost alternate; between them the lock is held on the session that
 * commits. A commit under way is answered before on_lost. Nothing is called after closed. */
#ifndef PG_LANE_H
#define PG_LANE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/clock.h"
#include "base/err.h"
#include "model/schema.h"
#include "pg/conn.h"
#include "pg/late.h"
#include "pipe/batch.h"
#include "pipe/tally.h"

struct lane;

struct lane_settings {
    int32_t lane;     /* 1 … */
    const char *node; /* own division code */
    struct conn_config conn;
    uint32_t lock_poll_ms;      /* setting pg.lock_poll_ms */
    uint32_t commit_timeout_ms; /* of each round trip of a commit */
    uint32_t
        fatal_retry_ms; /* after an error that is nobody's data: wait so long before asking again */
    uint32_t late_max;  /* second receipts handed out and not yet published */
    size_t arena_max_bytes; /* memory for planning one batch */
    /* What may change while it runs. */
    struct lane_tuning {
        uint32_t retry_max;            /* setting store.retry_max: a batch planned again in place */
        uint32_t parked_sweep_ms;      /* setting parked.sweep_ms */
        int64_t parked_keep_ms;        /* how long a report waits for its parent */
        uint32_t parked_max;           /* how many may wait */
        uint32_t parked_chunk;         /* how many are looked at, or released, in one transaction */
        uint32_t life_events_max;      /* of a hazard's past, read when something older comes */
        uint32_t raw_keep_days;        /* setting raw.keep_days */
        uint32_t audit_keep_days;      /* setting audit.keep_days */
        uint32_t attachment_keep_days; /* setting attachment.keep_unreferenced_days */
    } tuning;
};

struct lane_ops {
    /* The lane is ours. client_id lives until on_lost. */
    void (*on_owned)(void *ctx, const char *client_id);
    /* It no longer is: give everything held back to the broker, stop publishing for it. */
    void (*on_lost)(void *ctx);
    /* A second receipt, borrowed for the call: publish it, then lane_late_published() or
     * lane_late_failed(). What is not published before the lane is lost is handed out again by its
     * next owner. May be NULL. */
    void (*on_late)(void *ctx, const struct late_receipt *r);
};

/* Totals since the node exists, of this lane; parked, released and expired only grow. */
struct lane_totals {
    int64_t received, stored, duplicate, stale, parked, rejected, conflict, released, expired;
};

/* settings' texts are copied where they are kept; schema, clock and ops must live as long as the
 * lane. */
MUST_CHECK enum err lane_new(struct lane **out, uv_loop_t *loop, const struct schema *schema,
                             const struct lane_settings *settings, const struct clock *clock,
                             const struct lane_ops *ops, void *ctx);
void lane_start(struct lane *l);
/* From the next job on. */
void lane_tune(struct lane *l, const struct lane_tuning *tuning);
bool lane_owned(const struct lane *l);
/* Commits: ERR_CLOSED when not owned, ERR_FULL when a batch is under way. */
struct store lane_store(struct lane *l);
void lane_late_published(struct lane *l, int64_t no);
/* The broker was not there: it is handed out again with the next sweep, and those after it, too. */
void lane_late_failed(struct lane *l, int64_t no);
/* "" when owned, else why not, for /readyz. */
const char *lane_reason(const struct lane *l);
/* An outage that is over and is not the database's (those the lane notes itself): written into
 * dg.outage when the lane is ours. */
void lane_note_outage(struct lane *l, const char *what, int64_t from_us, const char *detail);
/* As of the last commit or sweep; zeros before the first on_owned. */
const struct lane_totals *lane_totals(const struct lane *l);
/* The same by adapter and reason; lives as long as the lane. */
struct tally *lane_tally(struct lane *l);
/* Reports waiting for a parent in the whole node, as of the last sweep. */
int64_t lane_parked_now(const struct lane *l);
/* Ends: a commit under way is answered, on_lost is called if owned, then closed. Frees itself. */
void lane_close(struct lane *l, void (*closed)(void *arg), void *arg);

#endif
