/* SPDX-License-Identifier: Apache-2.0 */
/* Three things go on at once: a batch is filling from the gate, another is committing, and receipts
 * of those before are on their way. Nothing is acknowledged until all of that has come to rest:
 * then everything that the gate holds is committed and receipted, and leaves in one go. The gate
 * stops reading when it holds a whole window of messages, or held the first of them long enough, so
 * rest comes. A gate that is lost
 * meanwhile has given its messages back to the broker: what is committing still lands, but there is
 * nothing to acknowledge. */
#include "app/pair.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/metric.h"
#include "mqtt/gate.h"
#include "pg/conninfo.h"
#include "pg/lane.h"

#define NAME_MAX_CHARS   16
#define FILTER_MAX_CHARS 64
/* With messages held nothing is written, PINGREQ neither: where a trickle of them meets a slow
 * database there is always something under way, and the broker would take us for dead. */
#define HOLD_MS_MAX 500

static const double seconds_bounds[] = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1,
                                        0.2,   0.5,   1,     2,    5,    10,   60};
static const double size_bounds[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000};

struct pair {
    struct pair_env env;
    const struct pair_ops *ops;
    void *ctx;
    char name[NAME_MAX_CHARS];
    char filter[FILTER_MAX_CHARS], probe[FILTER_MAX_CHARS];
    const char *filters[3];
    struct batch_limits limits;

    struct lane *lane;
    struct gate *gate; /* made when the lane is first ours: its client id is in the lane's row */
    struct settler *settler;
    char client_id[40];

    struct batch batches[2];
    struct batch *filling, *flying;
    bool in_flight; /* flying is committing, or waits for room to send its receipts */
    bool committed; /* … the latter */
    bool due;       /* a burst ended while another batch was in flight */
    bool detached;  /* the gate that held the flying batch's messages is gone */
    bool starved;   /* a message could not be taken for want of memory: everything goes back */
    size_t held;    /* messages that the gate holds */
    int64_t held_since_ms;
    int64_t gate_lost_us; /* the broker is away since then; 0: it is there */
    size_t held_max;      /* setting mqtt.receive_maximum */
    size_t receipts_max;  /* setting mqtt.receipt_window_max */

    bool allowed, owned, running, draining, resting;
    void (*drained)(void *ctx);
    void (*closed)(void *arg);
    void *closed_arg;

    struct metric *commit_seconds, *batch_reports, *returned, *in_flight_gauge;
};

static void follow(struct pair *p);
static void send_batch(struct pair *p);

/* ---- batches ---- */

static void show_counts(struct pair *p)
{
    const struct lane_totals *t = lane_totals(p->lane);
    const int64_t totals[VERDICT_COUNT] = {
        [VERDICT_STORED] = t->stored,     [VERDICT_DUPLICATE] = t->duplicate,
        [VERDICT_STALE] = t->stale,       [VERDICT_PARKED] = t->parked - t->released - t->expired,
        [VERDICT_REJECTED] = t->rejected, [VERDICT_CONFLICT] = t->conflict,
    };
    settle_count(p->settler, totals, lane_tally(p->lane));
}

/* Everything held is committed and its receipts are taken: the PUBACKs may leave. */
static void acknowledge(struct pair *p)
{
    bool at_rest = !p->in_flight && batch_empty(p->filling) && settler_waiting(p->settler) == 0;
    if (at_rest && p->held > 0 && !p->resting) {
        p->held = 0;
        gate_release(p->gate);
    }
}

static void give_back(struct pair *p)
{
    metric_add(p->returned, (double)p->held);
    batch_clear(p->filling);
    p->held = 0;
    p->starved = p->due = false;
    p->detached = p->in_flight;
}

/* Something failed after the messages were read: the broker delivers them again. */
static void drop(struct pair *p)
{
    if (p->held > 0) {
        give_back(p);
        gate_drop(p->gate);
    }
}

/* The flying batch is at its end; whether it ended well was decided before. */
static void land(struct pair *p)
{
    batch_clear(p->flying);
    show_counts(p);
    p->in_flight = p->committed = p->detached = false;
    metric_set(p->in_flight_gauge, 0);
    p->ops->on_landed(p->ctx);
    if (p->due) {
        p->due = false;
        send_batch(p);
    } else {
        acknowledge(p);
    }
}

/* Receipts go out while there is room for them in the client's window. */
static void settle(struct pair *p)
{
    bool room = settler_waiting(p->settler) == 0 ||
                settler_waiting(p->settler) + 2 * p->flying->n_messages <= p->receipts_max;
    if (!p->committed || !room) {
        return;
    }
    bool attached = !p->detached;
    if (settle_batch(p->settler, p->flying) != ERR_OK && attached) {
        drop(p);
    }
    land(p);
}

static void on_committed(void *arg, struct batch *batch, enum err result)
{
    struct pair *p = arg;
    if (result != ERR_OK) {
        log_warn(p->name, "event=batch_returned reports=%zu why=\"%s\"", batch->n_entries,
                 err_text(result));
        if (!p->detached) {
            drop(p);
        }
        land(p);
        return;
    }
    metric_observe(p->commit_seconds,
                   (double)(clock_steady_ms(p->env.clock) - batch->opened_ms) / 1000);
    metric_observe(p->batch_reports, (double)batch->n_entries);
    p->ops->on_committed(p->ctx);
    p->committed = true;
    settle(p);
}

static void on_receipts_idle(void *ctx)
{
    struct pair *p = ctx;
    settle(p);
    acknowledge(p);
}

static void on_receipts_failed(void *ctx)
{
    drop(ctx);
}

static const struct settler_ops settler_events = {on_receipts_failed, on_receipts_idle};

static bool may_hold_more(const struct pair *p)
{
    return !p->resting && p->held < p->held_max &&
           clock_steady_ms(p->env.clock) - p->held_since_ms < HOLD_MS_MAX;
}

static void send_batch(struct pair *p)
{
    struct batch *full = p->filling;
    if (batch_empty(full)) {
        return;
    }
    p->filling = p->flying;
    p->flying = full;
    p->in_flight = true;
    metric_set(p->in_flight_gauge, (double)full->n_entries);
    struct store store = lane_store(p->lane);
    if (store.ops->commit(store.ctx, full, on_committed, p) != ERR_OK) {
        drop(p);
        land(p);
    } else if (may_hold_more(p)) {
        gate_resume(p->gate);
    }
}

/* ---- gate ---- */

static void on_message(void *ctx, const struct incoming *in)
{
    struct pair *p = ctx;
    struct message *m = intake_take(p->env.intake, in);
    if (p->held++ == 0) {
        p->held_since_ms = clock_steady_ms(p->env.clock);
    }
    if (m == NULL) {
        p->starved = true;
        return;
    }
    batch_add(p->filling, m, clock_steady_ms(p->env.clock));
}

static bool wants_more(void *ctx)
{
    struct pair *p = ctx;
    return !p->starved && p->held < p->held_max && !batch_full(p->filling, &p->limits);
}

static void on_burst_end(void *ctx)
{
    struct pair *p = ctx;
    if (p->starved) {
        log_error(p->name, "event=out_of_memory held=%zu", p->held);
        drop(p);
    } else if (p->in_flight) {
        p->due = true;
    } else {
        send_batch(p);
    }
}

static void note_broker_gone(struct pair *p)
{
    if (p->gate_lost_us == 0) {
        p->gate_lost_us = clock_wall_us(p->env.clock);
    }
}

static void on_gate_lost(void *ctx)
{
    struct pair *p = ctx;
    note_broker_gone(p);
    give_back(p);
}

static void on_gate_ready(void *ctx)
{
    struct pair *p = ctx;
    log_info(p->name, "event=intake_ready");
    if (p->gate_lost_us != 0) {
        lane_note_outage(p->lane, "broker", p->gate_lost_us, "the intake session was lost");
        p->gate_lost_us = 0;
    }
}

static const struct gate_ops gate_events = {on_message, wants_more, on_burst_end, on_gate_lost,
                                            on_gate_ready};

static enum err make_gate(struct pair *p)
{
    const struct settings *s = p->env.settings;
    const struct gate_settings set = {
        .host = s->mqtt.host,
        .port = (uint16_t)s->mqtt.port,
        .username = s->mqtt.username[0] ? s->mqtt.username : NULL,
        .password = p->env.mqtt_password,
        .client_id = p->client_id,
        .filters = p->filters,
        .probe_topic = p->probe,
        .receive_maximum = (uint16_t)s->mqtt.receive_maximum,
        .session_expiry_s = (uint32_t)s->mqtt.session_expiry_s,
        .keepalive_s = (uint32_t)s->mqtt.keepalive_s,
        .connect_timeout_ms = (uint32_t)s->mqtt.connect_timeout_ms,
        .probe_timeout_ms = (uint32_t)s->mqtt.probe_timeout_ms,
        .probe_interval_ms = (uint32_t)s->mqtt.probe_interval_ms,
        .backoff_first_ms = (uint32_t)s->mqtt.backoff_first_ms,
        .backoff_max_ms = (uint32_t)s->mqtt.backoff_max_ms,
        .batch_age_ms = (uint32_t)s->batch.age_ms,
    };
    return gate_new(&p->gate, p->env.loop, &set, p->env.clock, &gate_events, p);
}

/* Runs the gate exactly while the lane is ours and receipts can be given. */
static void follow(struct pair *p)
{
    bool wanted = p->owned && p->allowed && !p->draining;
    if (wanted && p->gate == NULL && make_gate(p) != ERR_OK) {
        log_error(p->name, "event=no_gate why=\"out of memory\"");
        return; /* the next tick asks again */
    }
    if (wanted && !p->running) {
        p->running = true;
        gate_start(p->gate);
    } else if (!wanted && p->running && !p->draining) {
        p->running = false;
        if (p->owned) {
            note_broker_gone(p); /* receipts cannot be given: they go by the same broker */
        }
        give_back(p);
        gate_stop(p->gate);
    }
}

/* ---- lane ---- */

static void on_owned(void *ctx, const char *client_id)
{
    struct pair *p = ctx;
    if (p->gate == NULL) {
        snprintf(p->client_id, sizeof p->client_id, "%s", client_id);
    }
    p->owned = true;
    show_counts(p);
    follow(p);
}

static void on_lane_lost(void *ctx)
{
    struct pair *p = ctx;
    p->owned = false;
    follow(p);
}

/* A second receipt under way: it must outlive the row it came from. */
struct second {
    struct pair *pair;
    int64_t no;
};

static void on_second_taken(void *arg, enum err result)
{
    struct second *s = arg;
    struct pair *p = s->pair;
    int64_t no = s->no;
    mem_free(s);
    if (result == ERR_OK && p->owned) {
        lane_late_published(p->lane, no);
    } else if (p->owned) {
        lane_late_failed(p->lane, no);
    }
}

static void on_late(void *ctx, const struct late_receipt *r)
{
    struct pair *p = ctx;
    struct buf payload;
    buf_init(&payload, 0);
    receipt_write_late(p->env.settings->node.code, r->lane, r->batch_no, r->received_us,
                       r->committed_us, &r->item, &payload);
    const struct publication out = {
        .topic = r->topic,
        .payload = buf_span(&payload),
        .correlation = r->correlation,
        .qos = 1,
    };
    struct second *s = mem_zalloc(sizeof *s);
    if (s != NULL && !buf_failed(&payload)) {
        *s = (struct second){p, r->no};
        if (client_publish(p->env.receipts, &out, on_second_taken, s) == ERR_OK) {
            buf_free(&payload);
            return;
        }
    }
    mem_free(s);
    buf_free(&payload);
    lane_late_failed(p->lane, r->no);
}

static const struct lane_ops lane_events = {on_owned, on_lane_lost, on_late};

/* ---- sink ---- */

static enum err sink_publish(void *ctx, struct span topic, struct span payload,
                             struct span correlation, sink_done done, void *arg)
{
    struct pair *p = ctx;
    const struct publication out = {
        .topic = topic,
        .payload = payload,
        .correlation = correlation,
        .qos = 1,
    };
    return client_publish(p->env.receipts, &out, done, arg);
}

static void sink_flush(void *ctx)
{
    struct pair *p = ctx;
    client_flush(p->env.receipts);
}

static const struct sink_ops sink_ops = {sink_publish, sink_flush};

/* ---- lifetime ---- */

/* A batch is as large as its limit and one more message; what is planned and written for it holds
 * each byte once or twice. A batch for which this were too little would come back for ever. */
static size_t planning_bytes(const struct settings *s)
{
    return 2 *
           (size_t)(s->batch.bytes_max + s->intake.arena_bytes_max + s->intake.message_bytes_max);
}

uint32_t pair_late_max(const struct settings *s)
{
    int64_t quarter = s->mqtt.receipt_window_max / 4;
    return quarter > 0 ? (uint32_t)quarter : 1;
}

static struct lane_tuning lane_tuning_of(const struct settings *s)
{
    return (struct lane_tuning){
        .retry_max = (uint32_t)s->store.retry_max,
        .parked_sweep_ms = (uint32_t)s->parked.sweep_ms,
        .parked_keep_ms = s->parked.expiry_s * 1000,
        .parked_max = (uint32_t)s->parked.reports_max,
        .parked_chunk = (uint32_t)s->parked.sweep_rows_max,
        .life_events_max = (uint32_t)s->hazard.events_max,
        .raw_keep_days = (uint32_t)s->raw.keep_days,
        .audit_keep_days = (uint32_t)s->audit.keep_days,
        .attachment_keep_days = (uint32_t)s->attachment.keep_unreferenced_days,
    };
}

/* Every message of a batch may have two receipts, its own and one in the sender's format. */
static void set_limits(struct pair *p)
{
    const struct settings *s = p->env.settings;
    size_t messages = (size_t)s->batch.messages_max;
    p->limits = (struct batch_limits){
        .messages_max = messages <= p->receipts_max / 2 ? messages : p->receipts_max / 2,
        .reports_max = (size_t)s->batch.reports_max,
        .bytes_max = (size_t)s->batch.bytes_max,
    };
}

static enum err make_lane(struct pair *p, int32_t lane_no)
{
    const struct settings *s = p->env.settings;
    const struct lane_settings set = {
        .lane = lane_no,
        .node = s->node.code,
        .conn = conn_config_of(s, p->env.conninfo, p->name),
        .lock_poll_ms = (uint32_t)s->pg.lock_poll_ms,
        .commit_timeout_ms = (uint32_t)s->pg.statement_deadline_ms,
        .fatal_retry_ms = (uint32_t)s->pg.fatal_retry_ms,
        .late_max = pair_late_max(s),
        .arena_max_bytes = planning_bytes(s),
        .tuning = lane_tuning_of(s),
    };
    return lane_new(&p->lane, p->env.loop, p->env.schema, &set, p->env.clock, &lane_events, p);
}

static void make_metrics(struct pair *p)
{
    p->commit_seconds = metric_histogram(
        "dualgate_commit_seconds", "", "From the first message of a batch to its commit",
        seconds_bounds, sizeof seconds_bounds / sizeof *seconds_bounds);
    p->batch_reports = metric_histogram("dualgate_batch_reports", "", "Reports in a batch",
                                        size_bounds, sizeof size_bounds / sizeof *size_bounds);
    p->returned = metric_counter("dualgate_returned_messages_total", "",
                                 "Messages given back to the broker, to be delivered again");
    p->in_flight_gauge = metric_gauge("dualgate_in_flight_reports", "", "Reports being committed");
}

enum err pair_new(struct pair **out, int32_t lane_no, const struct pair_env *env,
                  const struct pair_ops *ops, void *ctx)
{
    struct pair *p = mem_zalloc(sizeof *p);
    if (p == NULL) {
        return ERR_NOMEM;
    }
    p->env = *env;
    p->ops = ops;
    p->ctx = ctx;
    const struct settings *s = env->settings;
    snprintf(p->name, sizeof p->name, "lane %" PRId32, lane_no);
    snprintf(p->filter, sizeof p->filter, "dp/v1/%s/+/+/up/#", s->node.code);
    snprintf(p->probe, sizeof p->probe, "dp/v1/%s/probe/%" PRId32, s->node.code, lane_no);
    p->filters[0] = p->filter;
    p->filters[1] = p->probe;
    p->receipts_max = (size_t)s->mqtt.receipt_window_max;
    set_limits(p);
    p->held_max = (size_t)s->mqtt.receive_maximum;
    batch_init(&p->batches[0]);
    batch_init(&p->batches[1]);
    p->filling = &p->batches[0];
    p->flying = &p->batches[1];
    make_metrics(p);
    const struct sink sink = {&sink_ops, p};
    enum err e = settler_new(&p->settler, s->node.code, &sink, env->native, env->native_ctx,
                             &settler_events, p);
    if (e == ERR_OK) {
        e = make_lane(p, lane_no);
    }
    if (e != ERR_OK) {
        settler_free(p->settler);
        mem_free(p);
        return e;
    }
    *out = p;
    return ERR_OK;
}

void pair_start(struct pair *p)
{
    lane_start(p->lane);
}

void pair_allow(struct pair *p, bool allowed)
{
    if (p->allowed != allowed) {
        p->allowed = allowed;
        follow(p);
    }
}

void pair_tick(struct pair *p)
{
    show_counts(p);
    follow(p);
}

void pair_follow(struct pair *p)
{
    const struct lane_tuning tuning = lane_tuning_of(p->env.settings);
    set_limits(p);
    lane_tune(p->lane, &tuning);
    if (p->gate != NULL) {
        gate_set_batch_age(p->gate, (uint32_t)p->env.settings->batch.age_ms);
    }
}

void pair_rest(struct pair *p, bool rest)
{
    p->resting = rest;
    if (!rest) {
        acknowledge(p);
    }
}

bool pair_idle(const struct pair *p)
{
    return !p->in_flight && batch_empty(p->filling);
}

const char *pair_trouble(const struct pair *p)
{
    if (!p->owned) {
        return lane_reason(p->lane);
    }
    if (p->gate == NULL || !gate_ready(p->gate)) {
        return "broker: the intake session is not proven";
    }
    return NULL;
}

static void on_gate_drained(void *ctx)
{
    struct pair *p = ctx;
    gate_stop(p->gate);
    p->running = false;
    p->drained(p->ctx);
}

void pair_drain(struct pair *p, void (*drained)(void *ctx))
{
    p->draining = true;
    p->drained = drained;
    if (p->running) {
        gate_drain(p->gate, on_gate_drained);
    } else {
        drained(p->ctx);
    }
}

static void on_lane_closed(void *arg)
{
    struct pair *p = arg;
    void (*closed)(void *) = p->closed;
    void *closed_arg = p->closed_arg;
    batch_clear(p->filling);
    batch_clear(p->flying);
    settler_free(p->settler);
    mem_free(p);
    closed(closed_arg);
}

static void on_gate_closed(void *arg)
{
    struct pair *p = arg;
    p->gate = NULL;
    lane_close(p->lane, on_lane_closed, p);
}

void pair_close(struct pair *p, void (*closed)(void *arg), void *arg)
{
    p->closed = closed;
    p->closed_arg = arg;
    p->draining = true;
    give_back(p);
    if (p->gate != NULL) {
        gate_close(p->gate, on_gate_closed, p);
    } else {
        lane_close(p->lane, on_lane_closed, p);
    }
}
