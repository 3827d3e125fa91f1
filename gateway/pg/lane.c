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
#include "pg/binary.h"
#include "pg/ingest.h"

#define REASON_MAX      400
#define WHO_MAX         24
#define CLIENT_ID_MAX   64
#define CATALOGUE_BYTES ((size_t)16 << 20)
#define UPKEEP_EACH_MS  INT64_C(3600000)

enum lane_state {
    LANE_DOWN,    /* no session */
    LANE_ASKING,  /* for the lock */
    LANE_WAITING, /* before asking (again) */
    LANE_LOADING, /* the lock is ours */
    LANE_OWNED,
};

enum lane_job { JOB_NONE, JOB_BATCH, JOB_SWEEP, JOB_LATE, JOB_UPKEEP };

struct lane {
    const struct schema *schema;
    const struct clock *clock;
    const struct lane_ops *ops;
    void *ctx;
    struct lane_settings settings;
    char who[WHO_MAX];
    char *node;

    struct conn *conn;
    struct ingest *ingest;
    struct statements statements;
    bool has_statements;
    enum lane_state state;
    bool fatal; /* stopped by an error that is nobody's data; asked again slowly */
    char reason[REASON_MAX];
    char client_id[CLIENT_ID_MAX + 1];
    struct lane_totals totals;

    enum lane_job job;
    struct batch *pending; /* waits for the job under way */
    store_done done;       /* of the pending batch or the one under way */
    void *done_arg;
    bool want_sweep, want_late;
    int64_t upkeep_ms; /* when it was last asked for */

    struct arena late_arena;
    int64_t late_last;  /* handed out up to here */
    int64_t late_again; /* the first that could not be published, or 0 */
    size_t late_out;    /* handed out, not yet published */
    int64_t *late_gone; /* published, to be deleted */
    size_t late_gone_n, late_deleting;
    struct buf late_array;

    uv_timer_t wait_timer, sweep_timer;
    int handles; /* still open */
    bool closing;
    void (*closed)(void *arg);
    void *closed_arg;
};

static void next_job(struct lane *l);
static void ask_lock(struct lane *l);

/* ---- statements ---- */

/* Tables grow from nothing to millions under one prepared plan: it must be the nested loop over the
 * keys' index from the first day on. */
static const struct pg_statement session_settings = {
    NULL, "select set_config('plan_cache_mode', 'force_generic_plan', false),"
          "       set_config('enable_seqscan', 'off', false),"
          "       set_config('enable_bitmapscan', 'off', false),"
          "       set_config('enable_hashjoin', 'off', false),"
          "       set_config('enable_mergejoin', 'off', false),"
          "       set_config('jit', 'off', false)"};

static const struct pg_statement lane_lock = {
    NULL, "select pg_try_advisory_lock(hashtext('dualgate.lane'), $1::int4)"};

static const struct pg_statement lane_create = {
    NULL, "insert into dg.lane (lane) values ($1::int4) on conflict do nothing"};

static const struct pg_statement lane_row = {
    NULL, "select client_id, batch_no, batch_hash, received, stored, duplicate, stale, parked,"
          "       rejected, conflict, released, expired, (select count(*) from dg.parked)"
          "  from dg.lane where lane = $1::int4"};

static const struct pg_statement raw_partitions = {
    NULL, "select dg.raw_partition_ensure((now() at time zone 'Asia/Shanghai')::date + d)"
          "  from generate_series(0, 1) d"};

static const struct pg_statement prune = {
    NULL, "select dg.raw_prune($1::int4), dg.audit_prune($2::int4)"};

/* ---- ownership ---- */

static void set_reason(struct lane *l, const char *what, const char *why)
{
    (void)snprintf(l->reason, sizeof l->reason, "%s: %s%s%s", l->who, what, why[0] ? ": " : "",
                   why);
}

static void set_int4(uint8_t out[4], int32_t value)
{
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)((uint32_t)value >> (24 - 8 * i));
    }
}

static void forget_late(struct lane *l)
{
    l->late_last = l->late_again = 0;
    l->late_out = l->late_gone_n = l->late_deleting = 0;
}

static void answer_pending(struct lane *l, enum err e)
{
    struct batch *b = l->pending;
    if (b) {
        l->pending = NULL;
        l->done(l->done_arg, b, e);
    }
}

static void lose(struct lane *l)
{
    bool owned = l->state == LANE_OWNED;
    l->state = LANE_DOWN;
    l->job = JOB_NONE;
    l->want_sweep = l->want_late = false;
    forget_late(l);
    answer_pending(l, ERR_TRANSIENT);
    uv_timer_stop(&l->wait_timer);
    uv_timer_stop(&l->sweep_timer);
    if (owned) {
        log_warn(l->who, "event=lost why=\"%s\"", l->reason);
        l->ops->on_lost(l->ctx);
    }
}

/* Gives the lock and everything else of the session up. */
static void give_up(struct lane *l, enum err e, const char *why)
{
    l->fatal = e == ERR_FATAL || e == ERR_INVALID;
    set_reason(l, l->fatal ? "stopped" : "connection given up", why);
    if (l->fatal) {
        log_error(l->who, "event=stopped why=\"%s\"", why);
    }
    conn_drop(l->conn, why);
}

static void on_wait_timer(uv_timer_t *t)
{
    struct lane *l = t->data;
    if (l->state == LANE_WAITING) {
        ask_lock(l);
    }
}

static void wait_and_ask(struct lane *l, uint32_t ms)
{
    l->state = LANE_WAITING;
    uv_timer_start(&l->wait_timer, on_wait_timer, ms, 0);
}

static void on_sweep_timer(uv_timer_t *t)
{
    struct lane *l = t->data;
    l->want_sweep = l->want_late = true;
    next_job(l);
}

static void own(struct lane *l)
{
    l->state = LANE_OWNED;
    l->fatal = false;
    l->reason[0] = '\0';
    l->want_late = true;
    l->upkeep_ms = clock_steady_ms(l->clock) - UPKEEP_EACH_MS;
    uv_timer_start(&l->sweep_timer, on_sweep_timer, l->settings.parked_sweep_ms,
                   l->settings.parked_sweep_ms);
    log_info(l->who, "event=owned batch=%" PRId64, l->totals.received);
    l->ops->on_owned(l->ctx, l->client_id);
    next_job(l);
}

/* ---- loading ---- */

static bool take_totals(const struct pg_result *r, struct lane_totals *t)
{
    return result_int(r, 0, 3, &t->received) && result_int(r, 0, 4, &t->stored) &&
           result_int(r, 0, 5, &t->duplicate) && result_int(r, 0, 6, &t->stale) &&
           result_int(r, 0, 7, &t->parked) && result_int(r, 0, 8, &t->rejected) &&
           result_int(r, 0, 9, &t->conflict) && result_int(r, 0, 10, &t->released) &&
           result_int(r, 0, 11, &t->expired);
}

static enum err take_row(struct lane *l, const struct pg_result *r)
{
    struct chain_link last = {.no = 0};
    struct span id;
    struct span hash;
    int64_t parked_now;
    if (!result_text(r, 0, 0, &id) || id.len > CLIENT_ID_MAX || !result_int(r, 0, 1, &last.no) ||
        !result_bytes(r, 0, 2, &hash) || hash.len > DIGEST_BYTES || !take_totals(r, &l->totals) ||
        !result_int(r, 0, 12, &parked_now)) {
        return ERR_FATAL;
    }
    memcpy(l->client_id, id.at, id.len);
    l->client_id[id.len] = '\0';
    memcpy(last.hash, hash.at, hash.len);
    last.hash_len = hash.len;
    ingest_use(l->ingest, l->conn, &l->statements, &last, parked_now);
    return ERR_OK;
}

static void on_loaded(void *arg, const struct pg_reply *reply)
{
    struct lane *l = arg;
    const char *why = reply->message;
    enum err e = reply->err;
    if (e == ERR_OK) {
        if (l->has_statements) {
            statements_free(&l->statements);
        }
        statements_init(&l->statements, CATALOGUE_BYTES);
        l->has_statements = true;
        e = statements_make(&l->statements, l->schema, reply->results[2], &why);
    }
    if (e == ERR_OK) {
        why = "the lane's row is not of the expected form";
        e = take_row(l, reply->results[1]);
    }
    if (e == ERR_OK) {
        own(l);
    } else if (conn_up(l->conn)) {
        give_up(l, e, why[0] ? why : err_text(e));
    }
}

static void load(struct lane *l)
{
    uint8_t number[4];
    set_int4(number, l->settings.lane);
    struct pg_param param = {number, sizeof number};
    const struct pg_step steps[] = {
        {&lane_create, &param, 1}, {&lane_row, &param, 1}, {&tables_select, NULL, 0}};
    l->state = LANE_LOADING;
    enum err e = conn_send(l->conn, steps, 3, 0, on_loaded, l);
    if (e != ERR_OK) {
        give_up(l, e, err_text(e));
    }
}

static void on_lock(void *arg, const struct pg_reply *reply)
{
    struct lane *l = arg;
    bool ours = false;
    if (reply->err != ERR_OK || !result_bool(reply->results[1], 0, 0, &ours)) {
        if (conn_up(l->conn)) {
            give_up(l, reply->err, reply->message);
        }
        return;
    }
    if (ours) {
        load(l);
    } else {
        set_reason(l, "standby", "another gateway holds the lane");
        wait_and_ask(l, l->settings.lock_poll_ms);
    }
}

static void ask_lock(struct lane *l)
{
    uint8_t number[4];
    set_int4(number, l->settings.lane);
    struct pg_param param = {number, sizeof number};
    const struct pg_step steps[] = {{&session_settings, NULL, 0}, {&lane_lock, &param, 1}};
    l->state = LANE_ASKING;
    enum err e = conn_send(l->conn, steps, 2, 0, on_lock, l);
    if (e != ERR_OK) {
        give_up(l, e, err_text(e));
    }
}

static void on_up(void *arg)
{
    struct lane *l = arg;
    if (l->fatal) {
        wait_and_ask(l, l->settings.fatal_retry_ms);
    } else {
        ask_lock(l);
    }
}

static void on_down(void *arg, enum err err, const char *why)
{
    struct lane *l = arg;
    (void)err;
    if (!l->fatal) {
        set_reason(l, "no connection to the database", why);
    }
    lose(l);
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
    if (!passing && l->state == LANE_OWNED && conn_up(l->conn)) {
        give_up(l, e, ingest_why(l->ingest));
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

static void hand_out(struct lane *l, const struct pg_result *r)
{
    for (size_t row = 0; row < result_rows(r); row++) {
        struct late_receipt late;
        if (late_take(r, row, &l->late_arena, &late) != ERR_OK) {
            return; /* asked for again after the lane's next start */
        }
        late_point(&late);
        l->late_last = late.no;
        l->late_out++;
        l->ops->on_late(l->ctx, &late);
    }
}

static void on_late_reply(void *arg, const struct pg_reply *reply)
{
    struct lane *l = arg;
    l->job = JOB_NONE;
    if (reply->err == ERR_OK) {
        l->late_gone_n -= l->late_deleting;
        memmove(l->late_gone, l->late_gone + l->late_deleting,
                l->late_gone_n * sizeof *l->late_gone);
        l->late_deleting = 0;
        hand_out(l, reply->results[reply->n_results - 1]);
        arena_reset(&l->late_arena);
    }
    l->late_deleting = 0;
    next_job(l);
}

static bool write_gone(struct lane *l, struct pg_param *out)
{
    buf_reset(&l->late_array);
    struct binary_array a = binary_array_begin(&l->late_array, PG_INT8);
    for (size_t i = 0; i < l->late_gone_n; i++) {
        binary_int(&l->late_array, PG_INT8, l->late_gone[i]);
    }
    if (buf_failed(&l->late_array)) {
        return false;
    }
    binary_array_end(&a, l->late_gone_n);
    *out = (struct pg_param){l->late_array.data, l->late_array.len};
    return true;
}

/* Deletes what was published and takes what is new. */
static enum err start_late(struct lane *l)
{
    uint8_t lane[4];
    uint8_t after[8];
    uint8_t room[4];
    int64_t last = l->late_again > 0 ? l->late_again - 1 : l->late_last;
    l->late_again = 0;
    set_int4(lane, l->settings.lane);
    set_int4(room, (int32_t)(l->settings.late_max - l->late_out));
    set_int4(after, (int32_t)(last >> 32));
    set_int4(after + 4, (int32_t)(uint32_t)last);
    struct pg_param gone;
    const struct pg_param params[] = {
        {lane, sizeof lane}, {after, sizeof after}, {room, sizeof room}};
    if (!write_gone(l, &gone)) {
        return ERR_NOMEM;
    }
    const struct pg_step steps[] = {{&late_delete, &gone, 1}, {&late_select, params, 3}};
    size_t skip = l->late_gone_n == 0 ? 1 : 0;
    l->late_deleting = l->late_gone_n;
    return conn_send(l->conn, steps + skip, 2 - skip, 0, on_late_reply, l);
}

/* Partitions of today and tomorrow; days and audit rows past their time go. */
static enum err start_upkeep(struct lane *l)
{
    uint8_t raw_days[4];
    uint8_t audit_days[4];
    set_int4(raw_days, (int32_t)l->settings.raw_keep_days);
    set_int4(audit_days, (int32_t)l->settings.audit_keep_days);
    const struct pg_param days[] = {{raw_days, sizeof raw_days}, {audit_days, sizeof audit_days}};
    const struct pg_step steps[] = {{&raw_partitions, NULL, 0}, {&prune, days, 2}};
    return conn_send(l->conn, steps, 2, 0, on_upkeep, l);
}

static enum err start_job(struct lane *l)
{
    int64_t now = clock_steady_ms(l->clock);
    if (now - l->upkeep_ms >= UPKEEP_EACH_MS) {
        l->upkeep_ms = now;
        l->job = JOB_UPKEEP;
        return start_upkeep(l);
    }
    if (l->want_late && l->ops->on_late) {
        l->want_late = false;
        l->job = JOB_LATE;
        return start_late(l);
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
    while (l->state == LANE_OWNED && l->job == JOB_NONE && conn_ready(l->conn)) {
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
    if (l->state != LANE_OWNED || l->closing) {
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
    if (!conn_ready(l->conn)) {
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

static const struct conn_events events = {on_up, on_down};

static void destroy(struct lane *l)
{
    ingest_free(l->ingest);
    if (l->has_statements) {
        statements_free(&l->statements);
    }
    arena_free(&l->late_arena);
    buf_free(&l->late_array);
    mem_free(l->late_gone);
    mem_free(l->node);
    mem_free(l);
}

static enum err make_parts(struct lane *l)
{
    const struct lane_settings *s = &l->settings;
    l->node = mem_strdup(s->node);
    l->late_gone = mem_zalloc((s->late_max + 1) * sizeof *l->late_gone);
    if (!l->node || !l->late_gone) {
        return ERR_NOMEM;
    }
    struct ingest_settings settings = {
        .lane = s->lane,
        .node = l->node,
        .retry_max = s->retry_max,
        .timeout_ms = s->commit_timeout_ms,
        .parked_keep_ms = s->parked_keep_ms,
        .parked_max = s->parked_max,
        .parked_chunk = s->parked_chunk,
        .arena_max_bytes = s->arena_max_bytes,
    };
    return ingest_new(&l->ingest, l->schema, &settings, l->clock);
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
    (void)snprintf(l->who, sizeof l->who, "lane %" PRId32, settings->lane);
    set_reason(l, "starting", "");
    arena_init(&l->late_arena, settings->arena_max_bytes);
    buf_init(&l->late_array, 0);
    enum err e = make_parts(l);
    if (e == ERR_OK) {
        e = conn_new(&l->conn, loop, &settings->conn, &events, l);
    }
    if (e != ERR_OK) {
        destroy(l);
        return e;
    }
    (void)uv_timer_init(loop, &l->wait_timer);
    (void)uv_timer_init(loop, &l->sweep_timer);
    l->wait_timer.data = l->sweep_timer.data = l;
    l->handles = 3;
    *out = l;
    return ERR_OK;
}

void lane_start(struct lane *l)
{
    conn_start(l->conn);
}

bool lane_owned(const struct lane *l)
{
    return l->state == LANE_OWNED;
}

struct store lane_store(struct lane *l)
{
    static const struct store_ops ops = {commit};
    return (struct store){&ops, l};
}

void lane_late_published(struct lane *l, int64_t no)
{
    if (l->state != LANE_OWNED || l->late_out == 0 || l->late_gone_n >= l->settings.late_max) {
        return;
    }
    l->late_out--;
    l->late_gone[l->late_gone_n++] = no;
}

void lane_late_failed(struct lane *l, int64_t no)
{
    if (l->state != LANE_OWNED || l->late_out == 0) {
        return;
    }
    l->late_out--;
    if (l->late_again == 0 || no < l->late_again) {
        l->late_again = no;
    }
}

const char *lane_reason(const struct lane *l)
{
    return l->reason;
}

const struct lane_totals *lane_totals(const struct lane *l)
{
    return &l->totals;
}

int64_t lane_parked_now(const struct lane *l)
{
    return ingest_parked_now(l->ingest);
}

static void part_closed(struct lane *l)
{
    if (--l->handles > 0) {
        return;
    }
    void (*closed)(void *) = l->closed;
    void *arg = l->closed_arg;
    destroy(l);
    closed(arg);
}

static void on_handle_closed(uv_handle_t *h)
{
    part_closed(h->data);
}

static void on_conn_closed(void *arg)
{
    part_closed(arg);
}

void lane_close(struct lane *l, void (*closed)(void *arg), void *arg)
{
    l->closing = true;
    l->closed = closed;
    l->closed_arg = arg;
    set_reason(l, "closing", "");
    uv_close((uv_handle_t *)&l->wait_timer, on_handle_closed);
    uv_close((uv_handle_t *)&l->sweep_timer, on_handle_closed);
    conn_close(l->conn, on_conn_closed, l);
}
