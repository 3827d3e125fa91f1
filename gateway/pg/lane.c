/* SPDX-License-Identifier: Apache-2.0 */
/* One session, one job at a time: a batch, a sweep, the second receipts, tomorrow's partition. A
 * batch that comes while another job runs waits for it; the other jobs are wanted by a timer, so
 * they never starve and never crowd out batches. */
#include "pg/lane.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "pg/ingest.h"
#include "pg/lane_count.h"
#include "pg/late_queue.h"
#include "pg/outages.h"
#include "pg/ownership.h"
#include "pg/upkeep.h"

#define WHO_MAX        24
#define UPKEEP_EACH_MS INT64_C(3600000)

enum lane_job { JOB_NONE, JOB_BATCH, JOB_SWEEP, JOB_LATE, JOB_UPKEEP, JOB_OUTAGE };

struct lane {
    const struct schema *schema;
    const struct clock *clock;
    const struct lane_ops *ops;
    void *ctx;
    struct lane_settings settings;
    char who[WHO_MAX];
    char *node;

    struct ownership ownership;
    struct ingest *ingest;
    char client_id[LANE_ROW_CLIENT_ID_MAX + 1];
    struct lane_totals totals;
    struct tally tally;
    struct late_queue late;
    struct outages outages;
    int64_t lost_us; /* since when it is not ours any more; 0: it never was, or is */
    char lost_why[OWNERSHIP_REASON_MAX];

    enum lane_job job;
    struct batch *pending; /* waits for the job under way */
    store_done done;       /* of the pending batch or the one under way */
    void *done_arg;
    bool want_sweep, want_late;
    int64_t upkeep_ms; /* when it was last asked for */

    uv_timer_t sweep_timer;
    int parts; /* still open */
    bool closing;
    void (*closed)(void *arg);
    void *closed_arg;
};

static void next_job(struct lane *l);

/* ---- ownership ---- */

static void answer_pending(struct lane *l, enum err e)
{
    struct batch *b = l->pending;
    if (b) {
        l->pending = NULL;
        l->done(l->done_arg, b, e);
    }
}

static void on_sweep_timer(uv_timer_t *t)
{
    struct lane *l = t->data;
    l->want_sweep = l->want_late = true;
    next_job(l);
}

static void note_database_outage(struct lane *l)
{
    if (l->lost_us != 0) {
        outages_add(&l->outages, "database", l->lost_us, clock_wall_us(l->clock), l->lost_why);
        l->lost_us = 0;
    }
}

static void on_won(void *arg, const struct lane_row *row)
{
    struct lane *l = arg;
    note_database_outage(l);
    struct ownership *o = &l->ownership;
    memcpy(l->client_id, row->client_id, sizeof l->client_id);
    l->totals = row->totals;
    lane_count_take(row->counts, &l->tally);
    ingest_use(l->ingest, o->conn, &o->statements, &row->last, row->parked_now);
    l->want_late = true;
    l->upkeep_ms = clock_steady_ms(l->clock) - UPKEEP_EACH_MS;
    uv_timer_start(&l->sweep_timer, on_sweep_timer, l->settings.tuning.parked_sweep_ms,
                   l->settings.tuning.parked_sweep_ms);
    log_info(l->who, "event=owned batch=%" PRId64, l->totals.received);
    l->ops->on_owned(l->ctx, l->client_id);
    next_job(l);
}

static void on_lost(void *arg)
{
    struct lane *l = arg;
    l->job = JOB_NONE;
    l->lost_us = clock_wall_us(l->clock);
    (void)snprintf(l->lost_why, sizeof l->lost_why, "%s", l->ownership.reason);
    l->want_sweep = l->want_late = false;
    late_queue_forget(&l->late);
    answer_pending(l, ERR_TRANSIENT);
    uv_timer_stop(&l->sweep_timer);
    log_warn(l->who, "event=lost why=\"%s\"", l->ownership.reason);
    l->ops->on_lost(l->ctx);
}

/* ---- jobs ---- */

static void add_outcome(struct lane *l)
{
    const struct ingest_outcome *o = ingest_outcome(l->ingest);
    struct lane_totals *t = &l->totals;
    if (!o->committed) {
        return;
    }
    t->received += (int64_t)o->received;
    t->stored += (int64_t)o->counts[VERDICT_STORED];
    t->duplicate += (int64_t)o->counts[VERDICT_DUPLICATE];
    t->stale += (int64_t)o->counts[VERDICT_STALE];
    t->parked += (int64_t)o->counts[VERDICT_PARKED];
    t->rejected += (int64_t)o->counts[VERDICT_REJECTED];
    t->conflict += (int64_t)o->counts[VERDICT_CONFLICT];
    t->released += (int64_t)o->released;
    t->expired += (int64_t)o->expired;
    lane_count_take(o->counts_rows, &l->tally);
    l->want_late = l->want_late || o->released + o->expired > 0;
}

/* After a job of ingest. The job's owner has been told already. */
static void end_ingest(struct lane *l, enum err e)
{
    bool passing = e == ERR_OK || e == ERR_NOMEM;
    if (!passing) {
        log_warn(l->who, "event=commit_failed err=\"%s\" why=\"%s\"", err_text(e),
                 ingest_why(l->ingest));
    }
    if (!passing && ownership_held(&l->ownership) && conn_up(l->ownership.conn)) {
        ownership_give_up(&l->ownership, e, ingest_why(l->ingest));
        return;
    }
    next_job(l);
}

static void on_batch_done(void *arg, enum err e)
{
    struct lane *l = arg;
    struct batch *b = l->pending;
    l->pending = NULL;
    l->job = JOB_NONE;
    if (e == ERR_OK) {
        add_outcome(l);
    }
    l->done(l->done_arg, b, e);
    end_ingest(l, e);
}

static void on_sweep_done(void *arg, enum err e)
{
    struct lane *l = arg;
    l->job = JOB_NONE;
    if (e == ERR_OK) {
        add_outcome(l);
    }
    end_ingest(l, e);
}

static void on_upkeep(void *arg, const struct pg_reply *reply)
{
    struct lane *l = arg;
    l->job = JOB_NONE;
    if (reply->err != ERR_OK) {
        /* Rows go to the default partition meanwhile. */
        log_warn(l->who, "event=upkeep_failed sqlstate=%s why=\"%s\"", reply->sqlstate,
                 reply->message);
    }
    next_job(l);
}

static void on_outages(void *arg, const struct pg_reply *reply)
{
    struct lane *l = arg;
    l->job = JOB_NONE;
    if (reply->err == ERR_OK || (ownership_held(&l->ownership) && conn_up(l->ownership.conn))) {
        outages_sent(&l->outages);
    }
    if (reply->err != ERR_OK) {
        log_warn(l->who, "event=outage_not_noted sqlstate=%s why=\"%s\"", reply->sqlstate,
                 reply->message);
    }
    next_job(l);
}

static void on_late_reply(void *arg, const struct pg_reply *reply)
{
    struct lane *l = arg;
    l->job = JOB_NONE;
    late_queue_take(&l->late, reply, l->ops->on_late, l->ctx);
    next_job(l);
}

static enum err start_job(struct lane *l)
{
    int64_t now = clock_steady_ms(l->clock);
    if (l->outages.n > 0) {
        l->job = JOB_OUTAGE;
        return outages_send(&l->outages, l->ownership.conn, l->settings.lane, on_outages, l);
    }
    if (now - l->upkeep_ms >= UPKEEP_EACH_MS) {
        l->upkeep_ms = now;
        l->job = JOB_UPKEEP;
        return upkeep_send(l->ownership.conn, l->settings.tuning.raw_keep_days,
                           l->settings.tuning.audit_keep_days,
                           l->settings.tuning.attachment_keep_days, on_upkeep, l);
    }
    if (l->want_late && l->ops->on_late) {
        l->want_late = false;
        l->job = JOB_LATE;
        return late_queue_ask(&l->late, l->ownership.conn, on_late_reply, l);
    }
    if (l->want_sweep) {
        l->want_sweep = false;
        l->job = JOB_SWEEP;
        return ingest_sweep(l->ingest, on_sweep_done, l);
    }
    if (l->pending) {
        l->job = JOB_BATCH;
        return ingest_batch(l->ingest, l->pending, on_batch_done, l);
    }
    return ERR_OK;
}

static void next_job(struct lane *l)
{
    while (ownership_held(&l->ownership) && l->job == JOB_NONE && conn_ready(l->ownership.conn)) {
        enum err e = start_job(l);
        if (e == ERR_OK) {
            return;
        }
        /* Nothing was sent. What failed is wanted again by the timer; a batch is given back. */
        bool batch = l->job == JOB_BATCH;
        l->job = JOB_NONE;
        if (batch) {
            answer_pending(l, e == ERR_CLOSED ? ERR_TRANSIENT : e);
        }
    }
}

static enum err commit(void *ctx, struct batch *batch, store_done done, void *arg)
{
    struct lane *l = ctx;
    if (!ownership_held(&l->ownership) || l->closing) {
        return ERR_CLOSED;
    }
    if (l->pending) {
        return ERR_FULL;
    }
    l->pending = batch;
    l->done = done;
    l->done_arg = arg;
    if (l->job != JOB_NONE) {
        return ERR_OK;
    }
    if (!conn_ready(l->ownership.conn)) {
        l->pending = NULL;
        return ERR_CLOSED;
    }
    l->job = JOB_BATCH;
    enum err e = ingest_batch(l->ingest, batch, on_batch_done, l);
    if (e != ERR_OK) {
        l->job = JOB_NONE;
        l->pending = NULL;
    }
    return e;
}

/* ---- the outside ---- */

static void destroy(struct lane *l)
{
    ingest_free(l->ingest);
    ownership_free(&l->ownership);
    late_queue_free(&l->late);
    tally_free(&l->tally);
    mem_free(l->node);
    mem_free(l);
}

static struct ingest_tuning ingest_tuning_of(const struct lane_tuning *t)
{
    return (struct ingest_tuning){
        .retry_max = t->retry_max,
        .parked_keep_ms = t->parked_keep_ms,
        .parked_max = t->parked_max,
        .parked_chunk = t->parked_chunk,
        .life_events_max = t->life_events_max,
    };
}

static enum err make_parts(struct lane *l)
{
    const struct lane_settings *s = &l->settings;
    l->node = mem_strdup(s->node);
    if (late_queue_init(&l->late, s->lane, s->late_max, s->arena_max_bytes) != ERR_OK || !l->node) {
        return ERR_NOMEM;
    }
    struct ingest_settings settings = {
        .lane = s->lane,
        .node = l->node,
        .timeout_ms = s->commit_timeout_ms,
        .arena_max_bytes = s->arena_max_bytes,
        .tuning = ingest_tuning_of(&s->tuning),
    };
    return ingest_new(&l->ingest, l->schema, &settings, l->clock);
}

static enum err make_ownership(struct lane *l, uv_loop_t *loop)
{
    static const struct ownership_events events = {on_won, on_lost};
    const struct ownership_settings settings = {
        .lane = l->settings.lane,
        .who = l->who,
        .lock_poll_ms = l->settings.lock_poll_ms,
        .fatal_retry_ms = l->settings.fatal_retry_ms,
    };
    return ownership_init(&l->ownership, loop, l->schema, &settings, &l->settings.conn, &events, l);
}

enum err lane_new(struct lane **out, uv_loop_t *loop, const struct schema *schema,
                  const struct lane_settings *settings, const struct clock *clock,
                  const struct lane_ops *ops, void *ctx)
{
    struct lane *l = mem_zalloc(sizeof *l);
    if (!l) {
        return ERR_NOMEM;
    }
    l->schema = schema;
    l->clock = clock;
    l->ops = ops;
    l->ctx = ctx;
    l->settings = *settings;
    tally_init(&l->tally);
    (void)snprintf(l->who, sizeof l->who, "lane %" PRId32, settings->lane);
    enum err e = make_parts(l);
    if (e == ERR_OK) {
        e = make_ownership(l, loop);
    }
    if (e != ERR_OK) {
        destroy(l);
        return e;
    }
    (void)uv_timer_init(loop, &l->sweep_timer);
    l->sweep_timer.data = l;
    l->parts = 2;
    *out = l;
    return ERR_OK;
}

void lane_start(struct lane *l)
{
    ownership_start(&l->ownership);
}

void lane_tune(struct lane *l, const struct lane_tuning *tuning)
{
    const struct ingest_tuning ingest = ingest_tuning_of(tuning);
    l->settings.tuning = *tuning;
    ingest_tune(l->ingest, &ingest);
    if (ownership_held(&l->ownership)) {
        uv_timer_set_repeat(&l->sweep_timer, tuning->parked_sweep_ms);
    }
}

bool lane_owned(const struct lane *l)
{
    return ownership_held(&l->ownership);
}

struct store lane_store(struct lane *l)
{
    static const struct store_ops ops = {commit};
    return (struct store){&ops, l};
}

void lane_late_published(struct lane *l, int64_t no)
{
    if (ownership_held(&l->ownership)) {
        late_queue_published(&l->late, no);
    }
}

void lane_late_failed(struct lane *l, int64_t no)
{
    if (ownership_held(&l->ownership)) {
        late_queue_failed(&l->late, no);
    }
}

void lane_note_outage(struct lane *l, const char *what, int64_t from_us, const char *detail)
{
    outages_add(&l->outages, what, from_us, clock_wall_us(l->clock), detail);
    next_job(l);
}

const char *lane_reason(const struct lane *l)
{
    return l->ownership.reason;
}

const struct lane_totals *lane_totals(const struct lane *l)
{
    return &l->totals;
}

struct tally *lane_tally(struct lane *l)
{
    return &l->tally;
}

int64_t lane_parked_now(const struct lane *l)
{
    return ingest_parked_now(l->ingest);
}

static void part_closed(void *arg)
{
    struct lane *l = arg;
    if (--l->parts > 0) {
        return;
    }
    void (*closed)(void *) = l->closed;
    void *closed_arg = l->closed_arg;
    destroy(l);
    closed(closed_arg);
}

static void on_handle_closed(uv_handle_t *h)
{
    part_closed(h->data);
}

void lane_close(struct lane *l, void (*closed)(void *arg), void *arg)
{
    l->closing = true;
    l->closed = closed;
    l->closed_arg = arg;
    uv_close((uv_handle_t *)&l->sweep_timer, on_handle_closed);
    ownership_close(&l->ownership, part_closed);
}
