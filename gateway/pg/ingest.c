/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/ingest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "pg/decide.h"
#include "pg/inquiry.h"
#include "pg/numbers.h"
#include "pg/plan.h"
#include "pg/result.h"
#include "pg/statement.h"
#include "pg/suspects.h"
#include "pg/sweep.h"

#define WHY_MAX 320

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
    bool ignore_past;    /* lives are taken as they stand: their past is too much for memory */
    int64_t accepted_us;

    struct suspects suspects;
    struct sweep sweep;

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
    sweep_init(&in->sweep, settings->tuning.parked_chunk);
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

void ingest_free(struct ingest *in)
{
    if (!in) {
        return;
    }
    suspects_end(&in->suspects);
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

void ingest_tune(struct ingest *in, const struct ingest_tuning *tuning)
{
    in->settings.tuning = *tuning;
    sweep_set_max(&in->sweep, tuning->parked_chunk);
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
    suspects_end(&in->suspects);
    plan_reset(&in->plan);
    inquiry_reset(&in->inquiry);
    steps_rest(&in->writes.steps);
    arena_reset(&in->arena);
    in->batch = NULL;
    in->busy = false;
    in->ignore_waiting = in->ignore_past = false;
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

/* The next part to try, or, when all culprits are known, the whole without them. */
static enum err next_suspects(struct ingest *in)
{
    size_t found;
    if (suspects_next(&in->suspects)) {
        return begin_try(in);
    }
    enum err e = suspects_conclude(&in->suspects, in->batch, in->why, &found);
    if (found == 0) {
        in->ignore_waiting = true;
    }
    return e == ERR_OK ? begin_try(in) : e;
}

/* A sweep halves what it looks at; a single row that still fails is refused. */
static enum err suspect_parked(struct ingest *in)
{
    sweep_suspect(&in->sweep);
    return begin_try(in);
}

static enum err after_bad_data(struct ingest *in)
{
    if (!in->batch) {
        return in->rounds++ < in->settings.tuning.retry_max + 32 ? suspect_parked(in)
                                                                 : ERR_TRANSIENT;
    }
    if (in->suspects.trying) {
        suspects_answer(&in->suspects, true);
        return next_suspects(in);
    }
    if (in->rounds++ >= in->settings.tuning.retry_max) {
        return ERR_TRANSIENT;
    }
    log_warn("ingest", "event=data_refused lane=%" PRId32 " why=\"%s\"", in->settings.lane,
             in->why);
    enum err e = suspects_begin(&in->suspects, in->batch, &in->plan, in->inquiry.n_parked == 0);
    return e == ERR_OK ? next_suspects(in) : e;
}

/* Memory has a cap, and those who wait may be large: a batch goes on without them, and the sweep,
 * which then releases them, takes fewer at a time. */
static bool takes_fewer_parked(struct ingest *in)
{
    if (!in->batch && sweep_halve(&in->sweep)) {
        return true;
    }
    if (in->batch && in->inquiry.n_parked > 0 && !in->ignore_waiting) {
        in->ignore_waiting = true;
        return true;
    }
    return false;
}

/* Each of the lives may be read as far back as the setting says; all of them together need not fit.
 */
static bool reads_no_past(struct ingest *in)
{
    if (!in->inquiry.past || in->ignore_past) {
        return false;
    }
    in->ignore_past = true;
    return true;
}

/* The session is out of the transaction. */
static enum err after_failure(struct ingest *in)
{
    if (in->failure == ERR_NOMEM && (reads_no_past(in) || takes_fewer_parked(in))) {
        return begin_try(in);
    }
    if (deserves_retry(in) && in->tries++ < in->settings.tuning.retry_max) {
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
                                          .refused_by_database = suspects_count(&in->suspects),
                                          .committed = true};
    memcpy(in->outcome.counts, p->counts, sizeof in->outcome.counts);
    in->parked_now += (int64_t)p->parked.n - (int64_t)p->released.n - (int64_t)p->expired.n;
}

/* After a sweep: where the next one goes on. */
static void move_sweep(struct ingest *in)
{
    if (in->sweep.part & SWEEP_READY) {
        in->parked_now =
            in->inquiry.parked_now - (int64_t)in->plan.released.n - (int64_t)in->plan.expired.n;
    }
    sweep_move(&in->sweep, in->inquiry.sweep_last);
}

static void succeed(struct ingest *in, const struct pg_reply *reply, int64_t committed_us)
{
    note_outcome(in);
    in->outcome.counts_rows = in->writes.counted ? reply->results[in->writes.batch_step - 1] : NULL;
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
    suspects_answer(&in->suspects, false);
    go_on(in, next_suspects(in));
}

static void on_written(void *arg, const struct pg_reply *reply)
{
    struct ingest *in = arg;
    int64_t committed_us;
    if (failed(in, reply)) {
        return;
    }
    if (in->suspects.trying) {
        on_tried(in);
    } else if (strcmp(result_tag(reply->results[reply->n_results - 1]), "COMMIT") != 0) {
        fail(in, ERR_TRANSIENT, "", "COMMIT was answered by ROLLBACK");
    } else if (!result_time(reply->results[in->writes.batch_step], 0, 0, &committed_us)) {
        /* It stands, but we cannot say when: let it be delivered again. */
        fail(in, ERR_TRANSIENT, "", "the batch row came back without its time");
    } else {
        succeed(in, reply, committed_us);
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
        .parked_keep_us = in->settings.tuning.parked_keep_ms * 1000,
    };
    enum err e = writes_make(w, &c);
    if (e != ERR_OK) {
        return e;
    }
    struct steps *s = &w->steps;
    s->at[s->n++] =
        (struct pg_step){in->suspects.trying ? &statement_rollback : &statement_commit, NULL, 0};
    return conn_send(in->conn, s->at, s->n, in->settings.timeout_ms, on_written, in);
}

/* ---- 2: numbers ---- */

static void on_numbers(void *arg, const struct pg_reply *reply)
{
    struct ingest *in = arg;
    if (failed(in, reply)) {
        return;
    }
    enum err e = numbers_take(&in->plan, reply, &in->accepted_us);
    go_on(in, e == ERR_OK ? write_all(in) : e);
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
    int64_t room = (int64_t)in->settings.tuning.parked_max - in->parked_now;
    for (size_t i = 0; in->sweep.refuse && i < p->n_items; i++) {
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
    return numbers_wanted(p)
               ? numbers_ask(in->conn, p, &in->inquiry, in->settings.timeout_ms, on_numbers, in)
               : write_all(in);
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
    bool single = !in->batch && in->sweep.rows == 1;
    bool sweep_now = !in->batch && !in->swept;
    struct inquiry_options options = {
        .waiting = !in->suspects.trying && !in->ignore_waiting && !single,
        .parked_max = in->batch ? in->settings.tuning.parked_chunk : in->sweep.rows,
        .sweep = sweep_now ? in->sweep.part : SWEEP_NONE,
        .sweep_after = in->sweep.after,
        .sweep_rows = in->sweep.rows,
        .life_events_max = in->ignore_past ? 0 : in->settings.tuning.life_events_max,
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
            if (suspects_sits_out(&in->suspects, i)) {
                continue;
            }
            e = plan_add(&in->plan, &m->entries[k], NULL, &item);
            if (e == ERR_OK) {
                item->refused = suspects_refused(&in->suspects, i);
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
