/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/ingest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "pg/bisect.h"
#include "pg/decide.h"
#include "pg/inquiry.h"
#include "pg/plan.h"

#define WHY_MAX 320

/* Counter rows in the order in which every lane takes them. */
static const char *const counters[] = {"ledger", "feed"};
enum { COUNTER_LEDGER, COUNTER_FEED, COUNTERS };

struct ingest {
    const struct schema *schema;
    const struct clock *clock;
    struct ingest_settings settings;

    struct conn *conn;
    const struct statements *statements;
    struct chain_link last;
    int64_t parked_now;

    struct arena arena; /* of one try */
    struct plan plan;
    struct inquiry inquiry;
    struct writes writes;

    struct batch *batch; /* NULL while sweeping */
    bool busy;
    ingest_done done;
    void *arg;
    uint32_t tries;      /* another lane was faster */
    uint32_t rounds;     /* the database refused something */
    bool begun;          /* BEGIN was sent in this try */
    bool swept;          /* the sweep's own questions were asked in this try */
    bool ignore_waiting; /* release nobody: a released one is suspected */
    int64_t accepted_us;

    /* looking for culprits */
    bool bisecting;
    struct bisect bisect;
    size_t *order;        /* entry numbers in order of decision; what bisect numbers */
    size_t *rank;         /* the inverse */
    const char **refused; /* by entry number: what the database said, or NULL */
    size_t n_entries;

    /* going round the parked ones */
    int64_t sweep_after;
    uint32_t sweep_rows; /* halved while one of them fails */
    enum sweep_part sweep_part;
    bool sweep_refuse;

    struct ingest_outcome outcome;
    enum err failure;
    char why[WHY_MAX];
};

static enum err begin_try(struct ingest *in);
static enum err ask(struct ingest *in);

enum err ingest_new(struct ingest **out, const struct schema *schema,
                    const struct ingest_settings *settings, const struct clock *clock)
{
    struct ingest *in = mem_zalloc(sizeof *in);
    if (!in) {
        return ERR_NOMEM;
    }
    size_t max = settings->arena_max_bytes;
    in->schema = schema;
    in->clock = clock;
    in->settings = *settings;
    in->sweep_rows = settings->parked_chunk;
    in->sweep_part = SWEEP_BOTH;
    arena_init(&in->arena, max);
    enum err e = plan_init(&in->plan, schema, max);
    e = e == ERR_OK ? inquiry_init(&in->inquiry, schema, &in->arena, max) : e;
    e = e == ERR_OK ? writes_init(&in->writes, schema, max) : e;
    if (e != ERR_OK) {
        ingest_free(in);
        return e;
    }
    *out = in;
    return ERR_OK;
}

static void end_suspicion(struct ingest *in)
{
    if (in->bisecting) {
        bisect_end(&in->bisect);
        in->bisecting = false;
    }
    mem_free(in->order);
    mem_free(in->rank);
    mem_free(in->refused);
    in->order = in->rank = NULL;
    in->refused = NULL;
    in->n_entries = 0;
}

void ingest_free(struct ingest *in)
{
    if (!in) {
        return;
    }
    end_suspicion(in);
    plan_free(&in->plan);
    inquiry_free(&in->inquiry);
    writes_free(&in->writes);
    arena_free(&in->arena);
    mem_free(in);
}

void ingest_use(struct ingest *in, struct conn *conn, const struct statements *statements,
                const struct chain_link *last, int64_t parked_now)
{
    in->conn = conn;
    in->statements = statements;
    in->last = *last;
    in->parked_now = parked_now;
}

bool ingest_busy(const struct ingest *in)
{
    return in->busy;
}

const struct ingest_outcome *ingest_outcome(const struct ingest *in)
{
    return &in->outcome;
}

const char *ingest_why(const struct ingest *in)
{
    return in->why;
}

int64_t ingest_parked_now(const struct ingest *in)
{
    return in->parked_now;
}

/* ---- ending ---- */

/* Detach, then call. */
static void finish(struct ingest *in, enum err e)
{
    ingest_done done = in->done;
    void *arg = in->arg;
    end_suspicion(in);
    plan_reset(&in->plan);
    inquiry_reset(&in->inquiry);
    arena_reset(&in->arena);
    in->batch = NULL;
    in->busy = false;
    in->ignore_waiting = false;
    done(arg, e);
}

static void fail(struct ingest *in, enum err e, const char *sqlstate, const char *message);

/* What a callback ends with: the next request is on its way, or something here went wrong. */
static void go_on(struct ingest *in, enum err e)
{
    if (e != ERR_OK) {
        fail(in, e == ERR_CLOSED ? ERR_TRANSIENT : e, "", err_text(e));
    }
}

/* ---- failures ---- */

/* Another lane, or dg.expect(): class 40. Or a key that was free when we asked: 23505, which would
 * be class 23. */
static bool deserves_retry(const struct ingest *in)
{
    return strncmp(in->why, "40", 2) == 0 || strncmp(in->why, "23505", 5) == 0;
}

static size_t entries_of(const struct batch *b)
{
    size_t n = 0;
    LIST_EACH (it, &b->messages) {
        n += LIST_ITEM(it, struct message, link)->n_entries;
    }
    return n;
}

/* Entry numbers by the order in which they were decided: parents before children. */
static void order_suspects(struct ingest *in)
{
    size_t n = 0;
    for (size_t i = 0; i < in->n_entries; i++) {
        in->rank[i] = in->n_entries;
    }
    for (size_t i = 0; i < in->plan.order.n; i++) {
        size_t place = in->plan.order.at[i]->place;
        if (place < in->n_entries) {
            in->rank[place] = n;
            in->order[n++] = place;
        }
    }
    for (size_t i = 0; i < in->n_entries; i++) {
        if (in->rank[i] == in->n_entries) {
            in->rank[i] = n;
            in->order[n++] = i;
        }
    }
}

static enum err start_suspicion(struct ingest *in)
{
    if (!in->refused) {
        in->n_entries = entries_of(in->batch);
        size_t n = in->n_entries + 1;
        in->refused = mem_zalloc(n * sizeof *in->refused);
        in->order = mem_zalloc(n * sizeof *in->order);
        in->rank = mem_zalloc(n * sizeof *in->rank);
        if (!in->refused || !in->order || !in->rank) {
            return ERR_NOMEM;
        }
    }
    order_suspects(in);
    enum err e = bisect_begin(&in->bisect, in->n_entries, in->inquiry.n_parked == 0);
    in->bisecting = e == ERR_OK;
    return e;
}

/* Says of each culprit found what the database said last. */
static enum err note_culprits(struct ingest *in)
{
    size_t i = 0;
    LIST_EACH (it, &in->batch->messages) {
        struct message *m = LIST_ITEM(it, struct message, link);
        for (size_t k = 0; k < m->n_entries; k++, i++) {
            if (in->bisect.culprit[in->rank[i]] && !in->refused[i]) {
                in->refused[i] = arena_strdup(&m->arena, in->why);
                if (!in->refused[i]) {
                    return ERR_NOMEM;
                }
            }
        }
    }
    return ERR_OK;
}

/* The next part to try, or, when all culprits are known, the whole without them. */
static enum err next_suspects(struct ingest *in)
{
    if (bisect_next(&in->bisect)) {
        return begin_try(in);
    }
    enum err e = note_culprits(in);
    if (in->bisect.found == 0) {
        in->ignore_waiting = true;
    }
    bisect_end(&in->bisect);
    in->bisecting = false;
    return e == ERR_OK ? begin_try(in) : e;
}

/* A sweep halves what it looks at; a single row that still fails is refused. */
static enum err suspect_parked(struct ingest *in)
{
    if (in->sweep_rows > 1) {
        in->sweep_rows /= 2;
        in->sweep_part = in->sweep_rows == 1 ? SWEEP_READY : SWEEP_BOTH;
    } else {
        in->sweep_refuse = true;
    }
    return begin_try(in);
}

static enum err after_bad_data(struct ingest *in)
{
    if (!in->batch) {
        return in->rounds++ < in->settings.retry_max + 32 ? suspect_parked(in) : ERR_TRANSIENT;
    }
    if (in->bisecting) {
        bisect_answer(&in->bisect, true);
        return next_suspects(in);
    }
    if (in->rounds++ >= in->settings.retry_max) {
        return ERR_TRANSIENT;
    }
    log_warn("ingest", "event=data_refused lane=%" PRId32 " why=\"%s\"", in->settings.lane,
             in->why);
    enum err e = start_suspicion(in);
    return e == ERR_OK ? next_suspects(in) : e;
}

/* Memory has a cap, and those who wait may be large: a batch goes on without them, and the sweep,
 * which then releases them, takes fewer at a time. */
static bool takes_fewer_parked(struct ingest *in)
{
    if (!in->batch && in->sweep_rows > 1) {
        in->sweep_rows /= 2;
        return true;
    }
    if (in->batch && in->inquiry.n_parked > 0 && !in->ignore_waiting) {
        in->ignore_waiting = true;
        return true;
    }
    return false;
}

/* The session is out of the transaction. */
static enum err after_failure(struct ingest *in)
{
    if (in->failure == ERR_NOMEM && takes_fewer_parked(in)) {
        return begin_try(in);
    }
    if (deserves_retry(in) && in->tries++ < in->settings.retry_max) {
        log_debug("ingest", "event=planned_again lane=%" PRId32 " try=%" PRIu32 " why=\"%s\"",
                  in->settings.lane, in->tries, in->why);
        return begin_try(in);
    }
    return in->failure == ERR_DATA ? after_bad_data(in) : in->failure;
}

/* Again, if that helps; else the end. Nothing has been sent when a step of it fails. */
static void recover(struct ingest *in)
{
    enum err e = after_failure(in);
    if (e != ERR_OK) {
        finish(in, e == ERR_CLOSED ? ERR_TRANSIENT : e);
    }
}

static void on_rolled_back(void *arg, const struct pg_reply *reply)
{
    struct ingest *in = arg;
    if (reply->err == ERR_OK) {
        recover(in);
    } else {
        finish(in, ERR_TRANSIENT);
    }
}

static void fail(struct ingest *in, enum err e, const char *sqlstate, const char *message)
{
    static const struct pg_step step = {&statement_rollback, NULL, 0};
    in->failure = e;
    (void)snprintf(in->why, sizeof in->why, "%s%s%s", sqlstate, sqlstate[0] ? " " : "", message);
    bool ready = conn_ready(in->conn);
    if (ready && !conn_in_transaction(in->conn)) {
        recover(in);
        return;
    }
    if (!ready ||
        conn_send(in->conn, &step, 1, in->settings.timeout_ms, on_rolled_back, in) != ERR_OK) {
        finish(in, ERR_TRANSIENT);
    }
}

static bool failed(struct ingest *in, const struct pg_reply *reply)
{
    if (reply->err == ERR_OK) {
        return false;
    }
    fail(in, reply->err, reply->sqlstate, reply->message);
    return true;
}

/* ---- 3: writing ---- */

static void note_outcome(struct ingest *in)
{
    const struct plan *p = &in->plan;
    in->outcome = (struct ingest_outcome){.received = p->received,
                                          .released = p->released.n,
                                          .expired = p->expired.n,
                                          .committed = true};
    memcpy(in->outcome.counts, p->counts, sizeof in->outcome.counts);
    for (size_t i = 0; i < in->n_entries; i++) {
        in->outcome.refused_by_database += in->refused[i] != NULL;
    }
    in->parked_now += (int64_t)p->parked.n - (int64_t)p->released.n - (int64_t)p->expired.n;
}

/* After a sweep: where the next one goes on. */
static void move_sweep(struct ingest *in)
{
    if (in->sweep_part & SWEEP_READY) {
        in->sweep_after = in->inquiry.sweep_last;
        in->parked_now =
            in->inquiry.parked_now - (int64_t)in->plan.released.n - (int64_t)in->plan.expired.n;
    }
    in->sweep_refuse = false;
    if (in->sweep_part == SWEEP_READY) {
        in->sweep_part = SWEEP_EXPIRED;
        return;
    }
    in->sweep_part = SWEEP_BOTH;
    if (in->sweep_rows < in->settings.parked_chunk) {
        in->sweep_rows *= 2;
    }
    if (in->sweep_rows > in->settings.parked_chunk) {
        in->sweep_rows = in->settings.parked_chunk;
    }
}

static void succeed(struct ingest *in, int64_t committed_us)
{
    note_outcome(in);
    in->last = in->writes.link;
    if (in->batch) {
        plan_settle(&in->plan);
        in->batch->lane = in->settings.lane;
        in->batch->no = in->last.no;
        in->batch->committed_us = committed_us;
    } else {
        move_sweep(in);
    }
    in->why[0] = '\0';
    finish(in, ERR_OK);
}

static void on_tried(struct ingest *in)
{
    bisect_answer(&in->bisect, false);
    go_on(in, next_suspects(in));
}

static void on_written(void *arg, const struct pg_reply *reply)
{
    struct ingest *in = arg;
    int64_t committed_us;
    if (failed(in, reply)) {
        return;
    }
    if (in->bisecting) {
        on_tried(in);
    } else if (strcmp(result_tag(reply->results[reply->n_results - 1]), "COMMIT") != 0) {
        fail(in, ERR_TRANSIENT, "", "COMMIT was answered by ROLLBACK");
    } else if (!result_time(reply->results[in->writes.batch_step], 0, 0, &committed_us)) {
        /* It stands, but we cannot say when: let it be delivered again. */
        fail(in, ERR_TRANSIENT, "", "the batch row came back without its time");
    } else {
        succeed(in, committed_us);
    }
}

static enum err write_all(struct ingest *in)
{
    struct writes *w = &in->writes;
    struct write_context c = {
        .statements = in->statements,
        .plan = &in->plan,
        .node = in->settings.node,
        .lane = in->settings.lane,
        .batch_no = in->last.no + 1,
        .last = in->last,
        .accepted_us = in->accepted_us,
        .parked_keep_us = in->settings.parked_keep_ms * 1000,
    };
    enum err e = writes_make(w, &c);
    if (e != ERR_OK) {
        return e;
    }
    struct steps *s = &w->steps;
    s->at[s->n++] =
        (struct pg_step){in->bisecting ? &statement_rollback : &statement_commit, NULL, 0};
    return conn_send(in->conn, s->at, s->n, in->settings.timeout_ms, on_written, in);
}

/* ---- 2: numbers ---- */

static enum err take_counters(struct ingest *in, const struct pg_reply *reply)
{
    struct plan *p = &in->plan;
    const size_t wanted[COUNTERS] = {p->claims.n, p->feed.n};
    int64_t before[COUNTERS] = {0, 0};
    size_t step = 0;
    for (int i = 0; i < COUNTERS; i++) {
        if (wanted[i] == 0) {
            continue;
        }
        if (!result_int(reply->results[step], 0, 0, &before[i]) ||
            !result_time(reply->results[step], 0, 1, &in->accepted_us)) {
            return ERR_FATAL;
        }
        step++;
    }
    for (size_t row = 0; p->n_topics > 0 && row < result_rows(reply->results[step]); row++) {
        int64_t n = 0;
        int64_t seq = 0;
        if (!result_int(reply->results[step], row, 0, &n) ||
            !result_int(reply->results[step], row, 1, &seq) || n < 1 || (size_t)n > p->n_topics) {
            return ERR_FATAL;
        }
        p->topics[n - 1]->last_seq = seq;
    }
    plan_number(p, before[COUNTER_LEDGER], before[COUNTER_FEED]);
    return ERR_OK;
}

static void on_numbers(void *arg, const struct pg_reply *reply)
{
    struct ingest *in = arg;
    if (failed(in, reply)) {
        return;
    }
    enum err e = take_counters(in, reply);
    go_on(in, e == ERR_OK ? write_all(in) : e);
}

static enum err take_numbers(struct ingest *in)
{
    struct plan *p = &in->plan;
    const size_t wanted[COUNTERS] = {p->claims.n, p->feed.n};
    struct pg_param params[COUNTERS][2];
    struct pg_param topics[3];
    struct pg_step steps[COUNTERS + 1];
    size_t n = 0;
    for (int i = 0; i < COUNTERS; i++) {
        if (wanted[i] > 0) {
            params[i][0] = (struct pg_param){counters[i], strlen(counters[i])};
            if (!inquiry_number(&in->inquiry, (int64_t)wanted[i], &params[i][1])) {
                return ERR_NOMEM;
            }
            steps[n++] = (struct pg_step){&statement_counter, params[i], 2};
        }
    }
    if (p->n_topics > 0) {
        if (!inquiry_topics(&in->inquiry, p, topics)) {
            return ERR_NOMEM;
        }
        steps[n++] = (struct pg_step){&statement_feed_heads, topics, 3};
    }
    return conn_send(in->conn, steps, n, in->settings.timeout_ms, on_numbers, in);
}

/* ---- 1: asking ---- */

static void on_nothing(void *arg, const struct pg_reply *reply)
{
    struct ingest *in = arg;
    if (failed(in, reply)) {
        return;
    }
    in->outcome = (struct ingest_outcome){.committed = false};
    move_sweep(in);
    finish(in, ERR_OK);
}

static enum err decide(struct ingest *in)
{
    struct plan *p = &in->plan;
    int64_t room = (int64_t)in->settings.parked_max - in->parked_now;
    for (size_t i = 0; in->sweep_refuse && i < p->n_items; i++) {
        p->items[i]->refused = in->why;
    }
    enum err e = decide_plan(p, room > 0 ? (size_t)room : 0);
    if (e != ERR_OK) {
        return e;
    }
    if (!in->batch && plan_empty(p)) {
        struct pg_step step = {&statement_commit, NULL, 0};
        return conn_send(in->conn, &step, 1, in->settings.timeout_ms, on_nothing, in);
    }
    in->accepted_us = clock_wall_us(in->clock);
    return p->claims.n + p->feed.n > 0 ? take_numbers(in) : write_all(in);
}

static void on_asked(void *arg, const struct pg_reply *reply)
{
    struct ingest *in = arg;
    if (failed(in, reply)) {
        return;
    }
    size_t own = reply->n_results - in->inquiry.n; /* BEGIN */
    enum err e = inquiry_take(&in->inquiry, &in->plan, reply->results + own);
    go_on(in, e == ERR_OK ? ask(in) : e);
}

static enum err send_questions(struct ingest *in)
{
    struct inquiry *p = &in->inquiry;
    if (in->begun) {
        return conn_send(in->conn, p->steps, p->n, in->settings.timeout_ms, on_asked, in);
    }
    struct pg_step *steps = arena_alloc(&in->arena, (p->n + 1) * sizeof *steps);
    if (!steps) {
        return ERR_NOMEM;
    }
    steps[0] = (struct pg_step){&statement_begin, NULL, 0};
    memcpy(steps + 1, p->steps, p->n * sizeof *steps);
    in->begun = true;
    return conn_send(in->conn, steps, p->n + 1, in->settings.timeout_ms, on_asked, in);
}

static enum err ask(struct ingest *in)
{
    bool single = !in->batch && in->sweep_rows == 1;
    bool sweep_now = !in->batch && !in->swept;
    struct inquiry_options options = {
        .waiting = !in->bisecting && !in->ignore_waiting && !single,
        .parked_max = in->batch ? in->settings.parked_chunk : in->sweep_rows,
        .sweep = sweep_now ? in->sweep_part : SWEEP_NONE,
        .sweep_after = in->sweep_after,
        .sweep_rows = in->sweep_rows,
    };
    in->swept = in->swept || sweep_now;
    enum err e = inquiry_make(&in->inquiry, &in->plan, in->statements, &options);
    if (e != ERR_OK) {
        return e;
    }
    return in->inquiry.n > 0 || !in->begun ? send_questions(in) : decide(in);
}

static enum err add_entries(struct ingest *in)
{
    size_t i = 0;
    enum err e = ERR_OK;
    LIST_EACH (it, &in->batch->messages) {
        struct message *m = LIST_ITEM(it, struct message, link);
        for (size_t k = 0; k < m->n_entries && e == ERR_OK; k++, i++) {
            struct plan_item *item;
            const char *refused = in->refused ? in->refused[i] : NULL;
            if (in->bisecting && (refused || !bisect_takes(&in->bisect, in->rank[i]))) {
                continue;
            }
            e = plan_add(&in->plan, &m->entries[k], NULL, &item);
            if (e == ERR_OK) {
                item->refused = refused;
            }
        }
    }
    return e;
}

static enum err begin_try(struct ingest *in)
{
    plan_reset(&in->plan);
    inquiry_reset(&in->inquiry);
    arena_reset(&in->arena);
    in->begun = in->swept = false;
    enum err e = in->batch ? add_entries(in) : ERR_OK;
    return e == ERR_OK ? ask(in) : e;
}

static enum err start(struct ingest *in, struct batch *batch, ingest_done done, void *arg)
{
    if (in->busy) {
        return ERR_FULL;
    }
    in->batch = batch;
    in->done = done;
    in->arg = arg;
    in->tries = in->rounds = 0;
    in->busy = true;
    enum err e = begin_try(in);
    if (e != ERR_OK) {
        in->busy = false;
        in->batch = NULL;
    }
    return e;
}

enum err ingest_batch(struct ingest *in, struct batch *batch, ingest_done done, void *arg)
{
    return start(in, batch, done, arg);
}

enum err ingest_sweep(struct ingest *in, ingest_done done, void *arg)
{
    return start(in, NULL, done, arg);
}
