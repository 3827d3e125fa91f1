/* SPDX-License-Identifier: Apache-2.0 */
/* Batches against a real server, reached by the variables of `deploy/dev/stack env`: verdicts, what
 * stands in the tables afterwards, and what every failure leaves behind. The database is this
 * program's own, migrated from the embedded files; reports come through intake as in the gateway.
 */
#include "pg/lane.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/log.h"
#include "pg/migrate.h"
#include "pg/outbox.h"
#include "pg/sync.h"
#include "pipe/intake.h"

#define USCC        "91410411MA45ABCD6Y"
#define OTHER       "91410411MA9G00016W"
#define WAIT_MS     20000
#define LANES       2
#define REDELIVERED 5000
#define LIFE_ROUNDS 25

static struct schema *schema;
static struct registry *registry;
static struct settings settings;
static struct sync *db;
static char database[64];
static char conninfo[256];

/* ---- the database ---- */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    if (!value) {
        fail_msg("%s is not set: run by deploy/dev/stack with", name);
    }
    return value;
}

static void run(const char *sql)
{
    if (sync_script(db, sql) != ERR_OK) {
        fail_msg("%s: %s", sql, sync_error(db));
    }
}

static int64_t number(const char *sql)
{
    struct pg_result *r = NULL;
    if (sync_query(db, sql, NULL, 0, &r) != ERR_OK) {
        fail_msg("%s: %s", sql, sync_error(db));
    }
    int64_t n = sync_rows(r) > 0 ? strtoll(sync_text(r, 0, 0), NULL, 10) : -1;
    sync_free(r);
    return n;
}

static void assert_text(const char *sql, const char *expected)
{
    struct pg_result *r = NULL;
    if (sync_query(db, sql, NULL, 0, &r) != ERR_OK) {
        fail_msg("%s: %s", sql, sync_error(db));
    }
    assert_true(sync_rows(r) > 0);
    assert_string_equal(sync_text(r, 0, 0), expected);
    sync_free(r);
}

static struct sync *open_database(const char *name)
{
    struct sync *out = NULL;
    struct buf why;
    buf_init(&why, 0);
    settings.pg.database = name;
    if (sync_open(&out, &settings, "ingest_test", &why) != ERR_OK) {
        fail_msg("%s", buf_text(&why));
    }
    buf_free(&why);
    return out;
}

static void in_the_server(const char *what)
{
    char sql[128];
    struct sync *server = open_database(variable("PGDATABASE"));
    (void)snprintf(sql, sizeof sql, "%s %s", what, database);
    assert_int_equal(sync_query(server, sql, NULL, 0, NULL), ERR_OK);
    sync_close(server);
}

static void migrate(void)
{
    struct buf report;
    struct buf why;
    struct migrate_options options = {.files = embedded_migrations,
                                      .n_files = embedded_migrations_count};
    buf_init(&report, 0);
    buf_init(&why, 0);
    if (migrate_run(db, &options, &report, &why) != ERR_OK) {
        fail_msg("%s", buf_text(&why));
    }
    buf_free(&report);
    buf_free(&why);
}

static bool make_register(void)
{
    const char *why = NULL;
    struct reg_unit one = {
        .uscc = USCC, .unit = "", .division = "410411001", .company_code = "", .name = "甲"};
    struct reg_unit two = one;
    two.uscc = OTHER;
    two.division = "410411002";
    return schema_load(&schema, &why) == ERR_OK && registry_new(&registry) == ERR_OK &&
           registry_add_sector(registry, &(struct reg_sector){.code = "textile", .profile = ""}) ==
               ERR_OK &&
           registry_add_division(registry, &(struct reg_division){"410411001", NULL, false}) ==
               ERR_OK &&
           registry_add_division(registry, &(struct reg_division){"410411002", NULL, false}) ==
               ERR_OK &&
           registry_add_unit(registry, &one, "textile") == ERR_OK &&
           registry_add_unit(registry, &two, "textile") == ERR_OK;
}

static int given_a_database(void **state)
{
    (void)state;
    log_set_level(getenv("INGEST_TEST_LOG") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
    settings_default(&settings);
    settings.pg.host = variable("PGHOST");
    settings.pg.port = strtol(variable("PGPORT"), NULL, 10);
    settings.pg.user = variable("PGUSER");
    (void)snprintf(database, sizeof database, "ingest_test_%d", (int)getpid());
    (void)snprintf(conninfo, sizeof conninfo, "host=%s port=%s dbname=%s user=dualgate_gateway",
                   variable("PGHOST"), variable("PGPORT"), database);
    in_the_server("create database");
    db = open_database(database);
    migrate();
    return make_register() ? 0 : -1;
}

static int and_nothing_left(void **state)
{
    (void)state;
    sync_close(db);
    in_the_server("drop database");
    registry_free(registry);
    schema_free(schema);
    return mem_live() == 0 ? 0 : -1;
}

/* ---- lanes and batches ---- */

struct rig {
    uv_loop_t loop;
    uv_timer_t deadline;
    bool late;
    struct lane *lanes[LANES];
    struct clock_fake now;
    struct intake intake;
    int owned[LANES], lost[LANES], closed;
    int receipts; /* second ones */
    enum verdict late_verdict;
    char late_reason[32], late_topic[128];
    int done;
    enum err result;
    struct batch batch;
    int next_msg;
};

static struct rig *rig_of(uv_timer_t *t)
{
    return t->data;
}

static void on_deadline(uv_timer_t *t)
{
    rig_of(t)->late = true;
}

static bool runs_until(struct rig *rig, bool (*reached)(struct rig *rig, int), int n)
{
    rig->late = false;
    (void)uv_timer_start(&rig->deadline, on_deadline, WAIT_MS, 0);
    while (!reached(rig, n) && !rig->late) {
        (void)uv_run(&rig->loop, UV_RUN_ONCE);
    }
    (void)uv_timer_stop(&rig->deadline);
    return reached(rig, n);
}

/* Lanes are told apart by the rig's slot that ctx points to. */
struct slot {
    struct rig *rig;
    int n;
};
static struct slot slots[LANES];

static void on_owned(void *ctx, const char *client_id)
{
    struct slot *s = ctx;
    assert_int_equal(strlen(client_id), 32);
    s->rig->owned[s->n]++;
}

static void on_lost(void *ctx)
{
    struct slot *s = ctx;
    s->rig->lost[s->n]++;
}

static void on_late(void *ctx, const struct late_receipt *r)
{
    struct slot *s = ctx;
    s->rig->receipts++;
    s->rig->late_verdict = r->item.verdict;
    (void)snprintf(s->rig->late_reason, sizeof s->rig->late_reason, "%s",
                   r->item.problem ? reason_word(r->item.problem->reason) : "");
    (void)snprintf(s->rig->late_topic, sizeof s->rig->late_topic, "%.*s", SPAN_ARG(r->topic));
    lane_late_published(s->rig->lanes[s->n], r->no);
}

static const struct lane_ops lane_ops = {on_owned, on_lost, on_late};

static bool is_owned(struct rig *rig, int lane)
{
    return lane_owned(rig->lanes[lane]);
}

static bool is_refused(struct rig *rig, int lane)
{
    return strstr(lane_reason(rig->lanes[lane]), "another gateway holds the lane") != NULL;
}

static bool is_done(struct rig *rig, int n)
{
    return rig->done >= n;
}

static bool is_closed(struct rig *rig, int n)
{
    return rig->closed >= n;
}

static bool has_receipts(struct rig *rig, int n)
{
    return rig->receipts >= n;
}

static struct lane_settings lane_config(int32_t lane)
{
    return (struct lane_settings){
        .lane = lane,
        .node = "410411",
        .conn = {.who = "test",
                 .conninfo = conninfo,
                 .application = "ingest_test",
                 .connect_timeout_ms = 5000,
                 .request_timeout_ms = 10000,
                 .retry_first_ms = 10,
                 .retry_max_ms = 100},
        .lock_poll_ms = 20,
        .commit_timeout_ms = 10000,
        .fatal_retry_ms = 100,
        .late_max = 100,
        .tuning = {.retry_max = 10,
                   .parked_sweep_ms = 50,
                   .parked_keep_ms = 600000,
                   .parked_max = 1000,
                   .life_events_max = 1000,
                   .parked_chunk = 100,
                   .raw_keep_days = 30,
                   .audit_keep_days = 184},
        .arena_max_bytes = (size_t)64 << 20,
    };
}

static void open_lane(struct rig *rig, int n, const struct lane_settings *s)
{
    slots[n] = (struct slot){rig, n};
    assert_int_equal(
        lane_new(&rig->lanes[n], &rig->loop, schema, s, &rig->now.clock, &lane_ops, &slots[n]),
        ERR_OK);
    lane_start(rig->lanes[n]);
}

static void open_rig(struct rig *rig)
{
    *rig = (struct rig){.done = 0};
    run("truncate dg.lane, dg.batch, dg.msg_key, dg.ledger, dg.parked, dg.late_receipt, dg.outbox,"
        " dg.feed_head, dg.finding, dg.unit_month, dg.raw, exchange.quarantine, exchange.hazard,"
        " exchange.hazard_life,"
        " exchange.hazard_history, exchange.hazard_transition, exchange.hazard_transition_history,"
        " exchange.check_task, exchange.check_task_history, exchange.check_record,"
        " exchange.check_record_history, exchange.zero_report, exchange.zero_report_history;"
        " update dg.counter set n = 0");
    assert_int_equal(uv_loop_init(&rig->loop), 0);
    (void)uv_timer_init(&rig->loop, &rig->deadline);
    rig->deadline.data = rig;
    clock_fake_init(&rig->now, 1604300000000000); /* 2020-11-02T14:53:20+08:00 */
    batch_init(&rig->batch);
    rig->intake = (struct intake){
        .schema = schema,
        .registry = registry,
        .clock = &rig->now.clock,
        .node = "410411",
        .limits = {.reports_max = 500, .report_bytes_max = 65536, .depth_max = 16},
        .message_bytes_max = 1 << 22,
        .arena_bytes_max = 1 << 24,
        .correlation_bytes_max = 256,
        .response_topic_bytes_max = 256,
        .future_tolerance_us = 600000000,
        .rules = {33, 35, 112, 115, true},
    };
}

static void open_one_lane(struct rig *rig)
{
    struct lane_settings s = lane_config(1);
    open_rig(rig);
    open_lane(rig, 0, &s);
    assert_true(runs_until(rig, is_owned, 0));
}

static void on_closed(void *arg)
{
    ((struct rig *)arg)->closed++;
}

static void close_rig(struct rig *rig)
{
    int open = 0;
    batch_clear(&rig->batch);
    for (int i = 0; i < LANES; i++) {
        if (rig->lanes[i]) {
            lane_close(rig->lanes[i], on_closed, rig);
            open++;
        }
    }
    assert_true(runs_until(rig, is_closed, open));
    uv_close((uv_handle_t *)&rig->deadline, NULL);
    (void)uv_run(&rig->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&rig->loop), 0);
}

static void on_done(void *arg, struct batch *batch, enum err result)
{
    struct rig *rig = arg;
    assert_ptr_equal(batch, &rig->batch);
    rig->done++;
    rig->result = result;
}

static enum err commit_on(struct rig *rig, int lane)
{
    struct store store = lane_store(rig->lanes[lane]);
    int done = rig->done;
    enum err e = store.ops->commit(store.ctx, &rig->batch, on_done, rig);
    if (e != ERR_OK) {
        return e;
    }
    assert_int_equal(rig->done, done); /* never from inside */
    assert_true(runs_until(rig, is_done, done + 1));
    return rig->result;
}

/* ---- reports ---- */

#define ENVELOPE                                                                     \
    "{\"msg_id\":\"00000000-0000-7000-8000-%012d\",\"record\":\"%s\",\"op\":\"%s\"," \
    "\"uscc\":\"" USCC "\",\"observed_at\":\"2020-11-02T09:%02d:00+08:00\",\"body\":{%s}}"

static struct message *send_to(struct rig *rig, const char *record, const char *payload)
{
    char topic[128];
    (void)snprintf(topic, sizeof topic, "dp/v1/410411/textile/" USCC "/up/%s", record);
    struct incoming in = {.topic = span_of(topic), .payload = span_of(payload)};
    struct message *m = intake_take(&rig->intake, &in);
    assert_non_null(m);
    batch_add(&rig->batch, m, 0);
    return m;
}

/* A message of one report; its number is the message id, minute its time. */
static struct entry *report(struct rig *rig, int msg, const char *record, const char *op,
                            int minute, const char *body)
{
    char payload[2048];
    (void)snprintf(payload, sizeof payload, ENVELOPE, msg, record, op, minute, body);
    struct message *m = send_to(rig, record, payload);
    if (m->entries[0].report.problem.reason != REASON_NONE) {
        print_message("%s %s\n", reason_word(m->entries[0].report.problem.reason), payload);
    }
    return &m->entries[0];
}

#define HAZARD_FIELDS                                                          \
    "\"id\":\"%032x\",\"name\":\"%s\",\"level\":\"GENERAL\",\"state\":\"%s\"," \
    "\"found_at\":\"2020-11-02T08:00:00+08:00\",\"resp_person\":\"张\","      \
    "\"deadline\":\"2020-11-05\",\"cost\":\"12345.6700\",\"photo_before\":[\"a\",\"b\"]"

static struct entry *hazard(struct rig *rig, int msg, unsigned id, int minute, const char *name,
                            const char *state)
{
    char body[1024];
    (void)snprintf(body, sizeof body, HAZARD_FIELDS, id, name, state);
    return report(rig, msg, "hazard", "UPSERT", minute, body);
}

/* hazard → check_record → check_task */
static struct entry *child(struct rig *rig, int msg, unsigned id, unsigned parent)
{
    char body[1024];
    int n = snprintf(body, sizeof body, HAZARD_FIELDS, id, "child", "RECTIFYING");
    (void)snprintf(body + n, sizeof body - (size_t)n, ",\"check_record_id\":\"%032x\"", parent);
    return report(rig, msg, "hazard", "UPSERT", 1, body);
}

static struct entry *check_record(struct rig *rig, int msg, unsigned id, unsigned task)
{
    char body[512];
    int n = snprintf(body, sizeof body,
                     "\"id\":\"%032x\",\"checked_at\":\"2020-11-02T08:00:00+08:00\","
                     "\"result\":\"HAZARD\"",
                     id);
    if (task) {
        (void)snprintf(body + n, sizeof body - (size_t)n, ",\"task_id\":\"%032x\"", task);
    }
    return report(rig, msg, "check_record", "UPSERT", 1, body);
}

static struct entry *check_task(struct rig *rig, int msg, unsigned id)
{
    char body[512];
    (void)snprintf(body, sizeof body, "\"id\":\"%032x\",\"content\":\"巡检\"", id);
    return report(rig, msg, "check_task", "UPSERT", 1, body);
}

static struct entry *transition(struct rig *rig, int msg, unsigned id, int minute, const char *to)
{
    char body[512];
    (void)snprintf(body, sizeof body,
                   "\"id\":\"%032x\",\"to\":\"%s\",\"at\":\"2020-11-02T09:%02d:00+08:00\","
                   "\"by\":\"王\",\"reason\":\"整改\"",
                   id, to, minute);
    return report(rig, msg, "hazard", "TRANSITION", minute, body);
}

static void assert_sound(void)
{
    /* Dense numbers, prev chains whole, totals add up, chain of batches unbroken. */
    assert_int_equal(number("select count(*) from dg.ledger"),
                     number("select n from dg.counter where name = 'ledger'"));
    assert_int_equal(number("select count(*) from dg.outbox"),
                     number("select n from dg.counter where name = 'feed'"));
    assert_int_equal(number("select count(*) from dg.outbox o where prev <> coalesce((select"
                            " max(feed_seq) from dg.outbox p where p.feed_seq < o.feed_seq and"
                            " (p.sector, p.township, p.record) = (o.sector, o.township,"
                            " o.record)), 0)"),
                     0);
    assert_int_equal(number("select count(*) from dg.lane where received <> stored + duplicate +"
                            " stale + rejected + conflict + parked - released - expired"),
                     0);
    assert_int_equal(number("select count(*) from dg.batch b where no > 1 and prev_hash <> (select"
                            " hash from dg.batch p where p.lane = b.lane and p.no = b.no - 1)"),
                     0);
    assert_int_equal(number("select coalesce(sum(parked - released - expired), 0)::int8"
                            " from dg.lane"),
                     number("select count(*) from dg.parked"));
}

/* ---- tests ---- */

static void a_report_is_stored_with_all_its_evidence(void **state)
{
    (void)state;
    struct rig rig;
    open_one_lane(&rig);
    const struct entry *e = hazard(&rig, 1, 1, 5, "一号", "RECTIFYING");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(e->verdict, VERDICT_STORED);
    assert_int_equal(e->ledger_no, 1);
    assert_int_equal(e->feed_seq, 1);
    assert_int_equal(rig.batch.no, 1);
    assert_int_equal(rig.batch.lane, 1);
    assert_true(rig.batch.committed_us > 0);
    assert_text("select name || ' ' || state || ' ' || cost || ' ' || photo_before || ' ' ||"
                " deadline || ' ' || (found_at at time zone 'Asia/Shanghai') from exchange.hazard",
                "一号 RECTIFYING 12345.6700 [\"a\", \"b\"] 2020-11-05 2020-11-02 08:00:00");
    assert_text("select verdict from exchange.report where record = 'hazard' and uscc = '" USCC
                "' and committed_at is not null",
                "stored");
    assert_int_equal(number("select count(*) from exchange.hazard_history where op = 'UPSERT'"), 1);
    assert_int_equal(number("select count(*) from dg.raw"), 1);
    assert_int_equal(number("select n from dg.unit_month where month = '2020-11-01'"), 1);
    assert_int_equal(number("select last_seq from dg.feed_head where sector = 'textile' and"
                            " township = '410411001' and record = 'hazard'"),
                     1);
    assert_int_equal(lane_totals(rig.lanes[0])->stored, 1);
    assert_sound();
    close_rig(&rig);
}

static void the_same_report_is_stored_once(void **state)
{
    (void)state;
    struct rig rig;
    open_one_lane(&rig);
    const struct entry *first = hazard(&rig, 1, 1, 5, "一号", "RECTIFYING");
    const struct entry *second = hazard(&rig, 1, 1, 5, "一号", "RECTIFYING");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(first->verdict, VERDICT_STORED);
    assert_int_equal(second->verdict, VERDICT_DUPLICATE);
    assert_int_equal(second->ledger_no, first->ledger_no);
    assert_int_equal(commit_on(&rig, 0), ERR_OK); /* redelivered */
    assert_int_equal(first->verdict, VERDICT_DUPLICATE);
    assert_int_equal(first->ledger_no, 1);
    assert_memory_equal(first->answer_hash, first->report.hash, DIGEST_BYTES);
    assert_int_equal(number("select count(*) from exchange.hazard_history"), 1);
    assert_int_equal(number("select count(*) from dg.batch"), 2);
    assert_sound();
    close_rig(&rig);
}

static void other_content_under_a_claimed_id_is_a_conflict(void **state)
{
    (void)state;
    struct rig rig;
    open_one_lane(&rig);
    hazard(&rig, 1, 1, 5, "一号", "RECTIFYING");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    batch_clear(&rig.batch);
    const struct entry *e = hazard(&rig, 1, 1, 5, "另一个", "RECTIFYING");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(e->verdict, VERDICT_CONFLICT);
    assert_int_equal(e->report.problem.reason, REASON_CONTENT_CONFLICT);
    assert_text("select reason from exchange.quarantine where position('另一个' in"
                " convert_from(payload, 'UTF8')) > 0",
                "content_conflict");
    assert_text("select name from exchange.hazard", "一号");
    assert_sound();
    close_rig(&rig);
}

static void a_rejected_report_is_kept_whole_and_may_come_again(void **state)
{
    (void)state;
    struct rig rig;
    open_one_lane(&rig);
    for (int i = 0; i < 3; i++) {
        const struct entry *e =
            &send_to(&rig, "hazard", "{\"msg_id\":\"00000000-0000-7000-8000-000000000001\"}")
                 ->entries[0];
        assert_int_equal(commit_on(&rig, 0), ERR_OK);
        assert_int_equal(e->verdict, VERDICT_REJECTED);
        assert_int_equal(e->ledger_no, 0);
        batch_clear(&rig.batch);
    }
    send_to(&rig, "hazard", "no json");
    send_to(&rig, "hazard", "no json");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    batch_clear(&rig.batch);
    assert_int_equal(number("select count(*) from exchange.quarantine"), 2);
    assert_int_equal(number("select times from exchange.quarantine where reason = 'unreadable'"),
                     2);
    assert_int_equal(number("select times from exchange.quarantine where reason <> 'unreadable'"),
                     3);
    const struct entry *e = hazard(&rig, 1, 1, 5, "一号", "RECTIFYING");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(e->verdict, VERDICT_STORED);
    assert_int_equal(e->ledger_no, 1);
    assert_sound();
    close_rig(&rig);
}

static void an_older_version_is_stale(void **state)
{
    (void)state;
    struct rig rig;
    open_one_lane(&rig);
    hazard(&rig, 1, 1, 5, "第五分", "RECTIFYING");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    batch_clear(&rig.batch);
    const struct entry *older = hazard(&rig, 2, 1, 4, "第四分", "RECTIFYING");
    const struct entry *newer = hazard(&rig, 3, 1, 7, "第七分", "RECTIFYING");
    const struct entry *between = hazard(&rig, 4, 1, 6, "第六分", "RECTIFYING");
    const struct entry *equal_but_further = hazard(&rig, 5, 1, 7, "已整改", "RECTIFIED");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(older->verdict, VERDICT_STALE);
    assert_int_equal(newer->verdict, VERDICT_STORED);
    assert_int_equal(between->verdict, VERDICT_STALE);
    assert_int_equal(equal_but_further->verdict, VERDICT_STORED);
    assert_text("select name from exchange.hazard", "已整改");
    assert_int_equal(number("select count(*) from exchange.hazard_history"), 5);
    assert_int_equal(number("select count(*) from dg.outbox"), 3);
    assert_sound();
    close_rig(&rig);
}

#define OLD_LIVES 20

/* As long as the setting allows, each; together more than a batch may take. */
static void a_past_too_long_for_memory_does_not_stop_the_lane(void **state)
{
    (void)state;
    struct rig rig;
    struct lane_settings s = lane_config(1);
    const struct entry *older[OLD_LIVES];
    s.arena_max_bytes = (size_t)2 << 20;
    open_rig(&rig);
    open_lane(&rig, 0, &s);
    assert_true(runs_until(&rig, is_owned, 0));
    for (unsigned i = 0; i < OLD_LIVES; i++) {
        hazard(&rig, (int)i, i, 5, "第五分", "RECTIFYING");
    }
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    batch_clear(&rig.batch);
    run("insert into dg.ledger select (jsonb_populate_record(l, jsonb_build_object('ledger_no',"
        " l.ledger_no + 1000 * g, 'msg_id', gen_random_uuid()))).*"
        " from dg.ledger l, generate_series(1, 900) g;"
        " insert into exchange.hazard_history select (jsonb_populate_record(h,"
        " jsonb_build_object('ledger_no', h.ledger_no + 1000 * g))).*"
        " from exchange.hazard_history h, generate_series(1, 900) g");
    for (unsigned i = 0; i < OLD_LIVES; i++) {
        older[i] = hazard(&rig, 100 + (int)i, i, 4, "第四分", "RECTIFYING");
    }
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    for (unsigned i = 0; i < OLD_LIVES; i++) {
        assert_int_equal(older[i]->verdict, VERDICT_STALE);
    }
    close_rig(&rig);
}

static void a_deleted_record_leaves_a_tombstone_that_a_newer_one_revives(void **state)
{
    (void)state;
    struct rig rig;
    char body[64];
    open_one_lane(&rig);
    hazard(&rig, 1, 1, 5, "一号", "RECTIFYING");
    (void)snprintf(body, sizeof body, "\"id\":\"%032x\"", 1);
    const struct entry *gone = report(&rig, 2, "hazard", "DELETE", 6, body);
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(gone->verdict, VERDICT_STORED);
    assert_int_equal(number("select count(*) from exchange.hazard where deleted"), 1);
    batch_clear(&rig.batch);
    hazard(&rig, 3, 1, 7, "又来", "RECTIFYING");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_text("select name from exchange.hazard where not deleted", "又来");
    assert_sound();
    close_rig(&rig);
}

static void a_transition_moves_the_hazard(void **state)
{
    (void)state;
    struct rig rig;
    open_one_lane(&rig);
    const struct entry *early = transition(&rig, 1, 1, 8, "RECTIFIED");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(early->verdict, VERDICT_PARKED);
    batch_clear(&rig.batch);
    hazard(&rig, 2, 1, 5, "一号", "RECTIFYING");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_text("select state from exchange.hazard", "RECTIFIED");
    batch_clear(&rig.batch);
    const struct entry *late = transition(&rig, 3, 1, 7, "REINSPECTING");
    const struct entry *next = transition(&rig, 4, 1, 9, "ACCEPTED");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(late->verdict, VERDICT_STALE);
    assert_int_equal(next->verdict, VERDICT_STORED);
    assert_text("select state || ' ' || name from exchange.hazard", "ACCEPTED 一号");
    assert_int_equal(number("select count(*) from exchange.hazard_transition"), 3);
    assert_text("select min(record) || ' ' || max(record) from dg.ledger", "hazard hazard");
    assert_sound();
    close_rig(&rig);
}

static void child_and_parent_of_one_batch_need_no_order(void **state)
{
    (void)state;
    struct rig rig;
    open_one_lane(&rig);
    const struct entry *c = child(&rig, 1, 1, 2);
    const struct entry *b = check_record(&rig, 2, 2, 3);
    const struct entry *a = check_task(&rig, 3, 3);
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(a->verdict, VERDICT_STORED);
    assert_int_equal(b->verdict, VERDICT_STORED);
    assert_int_equal(c->verdict, VERDICT_STORED);
    assert_true(a->feed_seq < b->feed_seq && b->feed_seq < c->feed_seq);
    assert_int_equal(number("select count(*) from dg.parked"), 0);
    assert_sound();
    close_rig(&rig);
}

static void a_whole_chain_is_released_by_its_root(void **state)
{
    (void)state;
    struct rig rig;
    open_one_lane(&rig);
    const struct entry *c = child(&rig, 1, 1, 2);
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(c->verdict, VERDICT_PARKED);
    assert_int_equal(c->ledger_no, 1);
    const struct entry *again = child(&rig, 1, 1, 2);
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(again->verdict, VERDICT_DUPLICATE);
    batch_clear(&rig.batch);
    const struct entry *b = check_record(&rig, 2, 2, 3);
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(b->verdict, VERDICT_PARKED);
    batch_clear(&rig.batch);
    assert_int_equal(number("select count(*) from exchange.hazard"), 0);
    check_task(&rig, 3, 3);
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(number("select count(*) from exchange.hazard"), 1);
    assert_int_equal(number("select count(*) from exchange.report where verdict = 'stored'"), 3);
    assert_int_equal(number("select released from dg.batch order by no desc limit 1"), 2);
    assert_true(runs_until(&rig, has_receipts, 2));
    assert_int_equal(rig.late_verdict, VERDICT_STORED);
    assert_string_equal(rig.late_topic, "dp/v1/410411/textile/" USCC "/down/receipt");
    assert_int_equal(lane_parked_now(rig.lanes[0]), 0);
    assert_sound();
    close_rig(&rig);
}

static bool no_late_rows(struct rig *rig, int n)
{
    (void)rig;
    return number("select count(*) from dg.late_receipt") == n;
}

static void who_waits_too_long_is_rejected_and_may_come_again(void **state)
{
    (void)state;
    struct rig rig;
    struct lane_settings s = lane_config(1);
    s.tuning.parked_keep_ms = 1;
    open_rig(&rig);
    open_lane(&rig, 0, &s);
    assert_true(runs_until(&rig, is_owned, 0));
    child(&rig, 1, 1, 2);
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_true(runs_until(&rig, has_receipts, 1));
    assert_int_equal(rig.late_verdict, VERDICT_REJECTED);
    assert_string_equal(rig.late_reason, "parent_missing");
    assert_text("select reason || ' ' || field || ' ' || value from exchange.quarantine where"
                " position('child' in convert_from(payload, 'UTF8')) > 0",
                "parent_missing body.check_record_id 00000000000000000000000000000002");
    assert_int_equal(number("select count(*) from dg.msg_key"), 0);
    assert_text("select verdict from exchange.report", "rejected");
    assert_true(runs_until(&rig, no_late_rows, 0)); /* deleted once published */
    batch_clear(&rig.batch);
    check_record(&rig, 2, 2, 0);
    const struct entry *c = child(&rig, 1, 1, 2);
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(c->verdict, VERDICT_STORED);
    assert_sound();
    close_rig(&rig);
}

static bool child_is_stored(struct rig *rig, int n)
{
    (void)rig;
    return number("select count(*) from exchange.hazard") == n;
}

static void what_two_lanes_miss_the_sweep_finds(void **state)
{
    (void)state;
    struct rig rig;
    struct lane_settings one = lane_config(1);
    struct lane_settings two = lane_config(2);
    open_rig(&rig);
    open_lane(&rig, 0, &one);
    open_lane(&rig, 1, &two);
    assert_true(runs_until(&rig, is_owned, 0) && runs_until(&rig, is_owned, 1));
    check_record(&rig, 1, 2, 0);
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    batch_clear(&rig.batch);
    child(&rig, 2, 1, 3);
    assert_int_equal(commit_on(&rig, 1), ERR_OK);
    batch_clear(&rig.batch);
    /* As if the other lane's parent had not been visible when the child was parked. */
    run("update dg.parked set parent_id = lpad('2', 32, '0'),"
        " report = decode(replace(encode(report, 'hex'), encode(lpad('3', 32, '0')::bytea, 'hex'),"
        " encode(lpad('2', 32, '0')::bytea, 'hex')), 'hex')");
    assert_true(runs_until(&rig, child_is_stored, 1));
    assert_true(runs_until(&rig, has_receipts, 1));
    assert_int_equal(rig.late_verdict, VERDICT_STORED);
    assert_sound();
    close_rig(&rig);
}

static void what_the_database_refuses_does_not_sink_the_batch(void **state)
{
    (void)state;
    struct rig rig;
    struct entry *e[100];
    open_one_lane(&rig);
    run("alter table exchange.hazard_history add constraint poison check (name <> 'poison')");
    for (int i = 0; i < 100; i++) {
        bool bad = i == 0 || i == 41 || i == 42 || i == 99;
        e[i] = hazard(&rig, i + 1, (unsigned)i + 1, 5, bad ? "poison" : "good", "RECTIFYING");
    }
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    for (int i = 0; i < 100; i++) {
        bool bad = i == 0 || i == 41 || i == 42 || i == 99;
        assert_int_equal(e[i]->verdict, bad ? VERDICT_REJECTED : VERDICT_STORED);
        assert_true(!bad || e[i]->report.problem.reason == REASON_DATABASE_REFUSED);
    }
    run("alter table exchange.hazard_history drop constraint poison");
    assert_int_equal(number("select count(*) from exchange.hazard"), 96);
    assert_int_equal(number("select count(*) from exchange.quarantine where reason ="
                            " 'database_refused' and value like '23514%'"),
                     4);
    assert_int_equal(number("select count(*) from dg.batch"), 1);
    assert_sound();
    close_rig(&rig);
}

static void a_released_one_that_the_database_refuses_is_refused_alone(void **state)
{
    (void)state;
    struct rig rig;
    open_one_lane(&rig);
    child(&rig, 1, 1, 2);
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    batch_clear(&rig.batch);
    run("alter table exchange.hazard_history add constraint poison check (name <> 'child')");
    const struct entry *parent = check_record(&rig, 2, 2, 0);
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(parent->verdict, VERDICT_STORED);
    assert_true(runs_until(&rig, has_receipts, 1));
    run("alter table exchange.hazard_history drop constraint poison");
    assert_int_equal(rig.late_verdict, VERDICT_REJECTED);
    assert_string_equal(rig.late_reason, "database_refused");
    assert_int_equal(number("select count(*) from dg.parked"), 0);
    assert_sound();
    close_rig(&rig);
}

static void redeliveries_leave_no_hole(void **state)
{
    (void)state;
    struct rig rig;
    open_one_lane(&rig);
    hazard(&rig, 1, 1, 5, "一号", "RECTIFYING");
    hazard(&rig, 2, 2, 5, "二号", "RECTIFYING");
    send_to(&rig, "hazard", "no json");
    for (int i = 0; i < REDELIVERED; i++) {
        assert_int_equal(commit_on(&rig, 0), ERR_OK);
    }
    batch_clear(&rig.batch);
    const struct entry *last = hazard(&rig, 3, 3, 5, "三号", "RECTIFYING");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(last->ledger_no, 3);
    assert_int_equal(last->feed_seq, 3);
    assert_int_equal(last->feed_prev, 2);
    assert_int_equal(number("select times from exchange.quarantine"), REDELIVERED);
    assert_int_equal(number("select count(*) from dg.raw"), 3);
    assert_sound();
    close_rig(&rig);
}

/* Both lanes get the same reports at the same moment, again and again: who asked before the other
 * has committed must plan again. */
/* Each round one lane says that it is rectified, the other that it was not accepted: whoever is
 * first, a life is computed from all that is stored. */
static void two_lanes_move_one_life(void **state)
{
    (void)state;
    struct rig rigs[LANES];
    struct lane_settings one = lane_config(1);
    struct lane_settings two = lane_config(2);
    open_rig(&rigs[0]);
    open_lane(&rigs[0], 0, &one);
    open_lane(&rigs[0], 1, &two);
    assert_true(runs_until(&rigs[0], is_owned, 0) && runs_until(&rigs[0], is_owned, 1));
    rigs[1] = (struct rig){.intake = rigs[0].intake};
    batch_init(&rigs[1].batch);
    hazard(&rigs[0], 1, 1, 0, "one", "RECTIFYING");
    assert_int_equal(commit_on(&rigs[0], 0), ERR_OK);
    batch_clear(&rigs[0].batch);
    for (int round = 0; round < LIFE_ROUNDS; round++) {
        hazard(&rigs[0], 2 + round, 1, 2 * round + 1, "one", "RECTIFIED");
        transition(&rigs[1], 100 + round, 1, 2 * round + 2, "RECTIFYING");
        for (int lane = 0; lane < LANES; lane++) {
            struct store store = lane_store(rigs[0].lanes[lane]);
            rigs[lane].done = 0;
            assert_int_equal(store.ops->commit(store.ctx, &rigs[lane].batch, on_done, &rigs[lane]),
                             ERR_OK);
        }
        assert_true(runs_until(&rigs[0], is_done, 1));
        while (!rigs[1].done) {
            (void)uv_run(&rigs[0].loop, UV_RUN_ONCE);
        }
        assert_int_equal(rigs[0].result, ERR_OK);
        assert_int_equal(rigs[1].result, ERR_OK);
        batch_clear(&rigs[0].batch);
        batch_clear(&rigs[1].batch);
    }
    assert_int_equal(number("select rejections from exchange.hazard_life"), LIFE_ROUNDS);
    assert_text("select state from exchange.hazard", "RECTIFYING");
    assert_sound();
    close_rig(&rigs[0]);
}

static void two_lanes_with_the_same_reports_store_each_once(void **state)
{
    (void)state;
    struct rig rigs[LANES];
    struct lane_settings one = lane_config(1);
    struct lane_settings two = lane_config(2);
    open_rig(&rigs[0]);
    open_lane(&rigs[0], 0, &one);
    open_lane(&rigs[0], 1, &two);
    assert_true(runs_until(&rigs[0], is_owned, 0) && runs_until(&rigs[0], is_owned, 1));
    rigs[1] = (struct rig){.intake = rigs[0].intake};
    batch_init(&rigs[1].batch);
    int msg = 1;
    for (int round = 0; round < 100; round++) {
        for (int lane = 0; lane < LANES; lane++) {
            struct rig *rig = &rigs[lane];
            for (int i = 0; i < 10; i++) {
                hazard(rig, msg + i, (unsigned)(1 + i % 3), round % 50, "same", "RECTIFYING");
            }
            child(rig, msg + 10, 1000 + (unsigned)round, 2000 + (unsigned)round);
            /* Only one of them brings the parent. */
            if (lane == round % 2) {
                check_record(rig, msg + 11, 2000 + (unsigned)round, 0);
            }
            struct store store = lane_store(rigs[0].lanes[lane]);
            rig->done = 0;
            assert_int_equal(store.ops->commit(store.ctx, &rig->batch, on_done, rig), ERR_OK);
        }
        assert_true(runs_until(&rigs[0], is_done, 1));
        while (!rigs[1].done) {
            (void)uv_run(&rigs[0].loop, UV_RUN_ONCE);
        }
        assert_int_equal(rigs[0].result, ERR_OK);
        assert_int_equal(rigs[1].result, ERR_OK);
        batch_clear(&rigs[0].batch);
        batch_clear(&rigs[1].batch);
        msg += 12;
    }
    assert_true(runs_until(&rigs[0], child_is_stored, 103)); /* by the sweep, if not before */
    assert_int_equal(number("select count(*) from dg.msg_key"), 1200);
    assert_int_equal(number("select count(*) from dg.ledger"), 1200);
    assert_int_equal(number("select sum(duplicate)::int8 from dg.lane"), 1100);
    assert_int_equal(number("select count(*) from dg.parked"), 0);
    assert_int_equal(number("select count(*) from exchange.hazard_history"), 1100);
    assert_sound();
    close_rig(&rigs[0]);
}

/* ---- the outbox ---- */

static struct {
    struct outbox *outbox;
    int owned, lost, answers, closed;
    int64_t cursor, first, last, prev_of_last;
    size_t n;
    enum err result;
    char topic[64];
} reader;

static void outbox_is_owned(void *ctx, int64_t cursor)
{
    (void)ctx;
    reader.owned++;
    reader.cursor = cursor;
}

static void outbox_is_lost(void *ctx)
{
    (void)ctx;
    reader.lost++;
}

static const struct outbox_events outbox_events = {outbox_is_owned, outbox_is_lost};

static void on_rows(void *arg, const struct feed_row *rows, size_t n, enum err result)
{
    (void)arg;
    reader.answers++;
    reader.n = n;
    reader.result = result;
    if (n > 0) {
        reader.first = rows[0].feed_seq;
        reader.last = rows[n - 1].feed_seq;
        reader.prev_of_last = rows[n - 1].prev;
        (void)snprintf(reader.topic, sizeof reader.topic, "%s/%s/%s", rows[0].sector,
                       rows[0].township, rows[0].record);
        assert_true(rows[0].report.len > 0 && rows[0].ledger_no > 0 && rows[0].accepted_us > 0);
    }
}

static void on_moved(void *arg, enum err result)
{
    (void)arg;
    reader.answers++;
    reader.result = result;
}

static void on_heads(void *arg, const struct outbox_head *heads, size_t n, enum err result)
{
    (void)arg;
    reader.answers++;
    reader.n = n;
    reader.result = result;
    reader.last = n > 0 ? heads[0].last_seq : 0;
}

static void on_outbox_closed(void *arg)
{
    (void)arg;
    reader.closed++;
}

static bool is_read(struct rig *rig, int n)
{
    (void)rig;
    return reader.answers >= n;
}

static bool outbox_has_it(struct rig *rig, int n)
{
    (void)rig;
    return reader.owned >= n;
}

static bool outbox_is_closed(struct rig *rig, int n)
{
    (void)rig;
    return reader.closed >= n;
}

static void answered(struct rig *rig, enum err sent)
{
    assert_int_equal(sent, ERR_OK);
    assert_true(runs_until(rig, is_read, 1));
    assert_int_equal(reader.result, ERR_OK);
    reader.answers = 0;
}

static void the_outbox_gives_rows_in_order_and_keeps_its_cursor(void **state)
{
    (void)state;
    struct rig rig;
    open_one_lane(&rig);
    for (int i = 1; i <= 5; i++) {
        hazard(&rig, i, (unsigned)i, 5, "一", "RECTIFYING");
    }
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    run("update dg.feed_cursor set feed_seq = 0");
    memset(&reader, 0, sizeof reader);
    struct conn_config config = lane_config(1).conn;
    assert_int_equal(outbox_new(&reader.outbox, &rig.loop, &config, 20, &outbox_events, NULL),
                     ERR_OK);
    assert_int_equal(outbox_feed_ops.read(reader.outbox, 0, 3, on_rows, NULL), ERR_CLOSED);
    outbox_start(reader.outbox);
    assert_true(runs_until(&rig, outbox_has_it, 1));
    assert_int_equal(reader.cursor, 0);
    answered(&rig, outbox_feed_ops.read(reader.outbox, 0, 3, on_rows, NULL));
    assert_int_equal(reader.n, 3);
    assert_int_equal(reader.first, 1);
    assert_string_equal(reader.topic, "textile/410411001/hazard");
    answered(&rig, outbox_feed_ops.read(reader.outbox, 3, 3, on_rows, NULL));
    assert_int_equal(reader.n, 2);
    assert_int_equal(reader.prev_of_last, 4);
    answered(&rig, outbox_feed_ops.move_cursor(reader.outbox, 5, on_moved, NULL));
    answered(&rig, outbox_feed_ops.move_cursor(reader.outbox, 3, on_moved, NULL));
    assert_int_equal(number("select feed_seq from dg.feed_cursor"), 5);
    answered(&rig, outbox_read_heads(reader.outbox, on_heads, NULL));
    assert_int_equal(reader.n, 1);
    assert_int_equal(reader.last, 5);
    run("update dg.outbox set accepted_at = now() - interval '40 days' where feed_seq <= 2");
    answered(&rig, outbox_prune(reader.outbox, 30, 100, on_moved, NULL));
    assert_int_equal(number("select min(feed_seq) from dg.outbox"), 3);
    assert_int_equal(outbox_feed_ops.read(reader.outbox, 0, 3, on_rows, NULL), ERR_OK);
    assert_int_equal(outbox_feed_ops.read(reader.outbox, 0, 3, on_rows, NULL), ERR_FULL);
    outbox_close(reader.outbox, on_outbox_closed, NULL);
    assert_true(runs_until(&rig, outbox_is_closed, 1));
    assert_int_equal(reader.answers, 1); /* the one under way */
    assert_int_equal(reader.result, ERR_CLOSED);
    assert_int_equal(reader.lost, 1);
    close_rig(&rig);
}

static bool is_lost(struct rig *rig, int n)
{
    return rig->lost[0] >= n;
}

static void a_lost_session_is_told_and_comes_back(void **state)
{
    (void)state;
    struct rig rig;
    open_one_lane(&rig);
    hazard(&rig, 1, 1, 5, "一号", "RECTIFYING");
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    run("select pg_terminate_backend(pid) from pg_stat_activity where usename ="
        " 'dualgate_gateway' and datname = current_database()");
    assert_true(runs_until(&rig, is_lost, 1));
    assert_true(lane_reason(rig.lanes[0])[0] != '\0');
    assert_int_equal(commit_on(&rig, 0), ERR_CLOSED);
    assert_true(runs_until(&rig, is_owned, 0));
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(lane_totals(rig.lanes[0])->duplicate, 1);
    assert_int_equal(lane_totals(rig.lanes[0])->received, 2);
    assert_sound();
    close_rig(&rig);
}

static void a_session_killed_in_the_transaction_commits_nothing(void **state)
{
    (void)state;
    struct rig rig;
    struct store store;
    open_one_lane(&rig);
    hazard(&rig, 1, 1, 5, "一号", "RECTIFYING");
    run("begin; select n from dg.counter where name = 'ledger' for update");
    store = lane_store(rig.lanes[0]);
    assert_int_equal(store.ops->commit(store.ctx, &rig.batch, on_done, &rig), ERR_OK);
    while (number("select count(*) from pg_stat_activity where usename = 'dualgate_gateway' and"
                  " wait_event_type = 'Lock'") == 0) {
        (void)uv_run(&rig.loop, UV_RUN_NOWAIT);
    }
    run("select pg_terminate_backend(pid) from pg_stat_activity where usename ="
        " 'dualgate_gateway' and datname = current_database(); commit");
    assert_true(runs_until(&rig, is_done, 1));
    assert_int_equal(rig.result, ERR_TRANSIENT);
    assert_int_equal(number("select count(*) from dg.ledger"), 0);
    assert_true(runs_until(&rig, is_owned, 0));
    assert_int_equal(commit_on(&rig, 0), ERR_OK);
    assert_int_equal(number("select count(*) from dg.ledger"), 1);
    assert_sound();
    close_rig(&rig);
}

/* The n-th allocation of a lane's first commit fails, for every n: nothing of it stands, and the
 * next commit of the same batch does. */
static void memory_that_runs_out_costs_only_that_commit(void **state)
{
    (void)state;
    struct rig rig;
    int failures = 0;
    bool enough = false;
    for (size_t n = 1; !enough && n < 1000; n++) {
        open_one_lane(&rig);
        hazard(&rig, 1, 1, 5, "一号", "RECTIFYING");
        child(&rig, 2, 2, 3);
        transition(&rig, 3, 1, 7, "RECTIFIED");
        send_to(&rig, "hazard", "no json");
        (void)mem_fail_at(n);
        enum err e = commit_on(&rig, 0);
        enough = mem_fail_at(0) < n;
        assert_true(e == ERR_OK || e == ERR_NOMEM || e == ERR_TRANSIENT || e == ERR_CLOSED);
        if (e != ERR_OK) {
            failures++;
            /* A session that breaks after COMMIT was sent may have committed: all or nothing. */
            int64_t stands = number("select count(*) from dg.ledger");
            assert_true(stands == 0 || (stands == 3 && e == ERR_TRANSIENT));
            assert_true(runs_until(&rig, is_owned, 0));
            assert_int_equal(commit_on(&rig, 0), ERR_OK);
        }
        assert_int_equal(number("select count(*) from dg.ledger"), 3);
        assert_sound();
        close_rig(&rig);
    }
    assert_true(enough);
    assert_true(failures > 5);
}

static void a_second_gateway_waits_for_the_lane(void **state)
{
    (void)state;
    struct rig rig;
    struct lane_settings s = lane_config(1);
    open_one_lane(&rig);
    open_lane(&rig, 1, &s);
    assert_true(runs_until(&rig, is_refused, 1));
    assert_false(lane_owned(rig.lanes[1]));
    lane_close(rig.lanes[0], on_closed, &rig);
    rig.lanes[0] = NULL;
    assert_true(runs_until(&rig, is_owned, 1));
    assert_int_equal(rig.lost[0], 1);
    rig.closed = 0;
    close_rig(&rig);
}

static void a_table_that_does_not_fit_stops_the_lane_with_a_reason(void **state)
{
    (void)state;
    struct rig rig;
    struct lane_settings s = lane_config(1);
    run("alter table exchange.hazard rename column cost to price");
    open_rig(&rig);
    open_lane(&rig, 0, &s);
    for (int i = 0; i < 2000 && !strstr(lane_reason(rig.lanes[0]), "cost"); i++) {
        (void)uv_run(&rig.loop, UV_RUN_ONCE);
    }
    assert_non_null(strstr(lane_reason(rig.lanes[0]), "exchange.hazard lacks column cost"));
    run("alter table exchange.hazard rename column price to cost");
    assert_true(runs_until(&rig, is_owned, 0));
    close_rig(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_is_stored_with_all_its_evidence),
        cmocka_unit_test(the_same_report_is_stored_once),
        cmocka_unit_test(other_content_under_a_claimed_id_is_a_conflict),
        cmocka_unit_test(a_rejected_report_is_kept_whole_and_may_come_again),
        cmocka_unit_test(an_older_version_is_stale),
        cmocka_unit_test(a_past_too_long_for_memory_does_not_stop_the_lane),
        cmocka_unit_test(a_deleted_record_leaves_a_tombstone_that_a_newer_one_revives),
        cmocka_unit_test(a_transition_moves_the_hazard),
        cmocka_unit_test(child_and_parent_of_one_batch_need_no_order),
        cmocka_unit_test(a_whole_chain_is_released_by_its_root),
        cmocka_unit_test(who_waits_too_long_is_rejected_and_may_come_again),
        cmocka_unit_test(what_two_lanes_miss_the_sweep_finds),
        cmocka_unit_test(what_the_database_refuses_does_not_sink_the_batch),
        cmocka_unit_test(a_released_one_that_the_database_refuses_is_refused_alone),
        cmocka_unit_test(redeliveries_leave_no_hole),
        cmocka_unit_test(two_lanes_move_one_life),
        cmocka_unit_test(two_lanes_with_the_same_reports_store_each_once),
        cmocka_unit_test(the_outbox_gives_rows_in_order_and_keeps_its_cursor),
        cmocka_unit_test(a_lost_session_is_told_and_comes_back),
        cmocka_unit_test(a_session_killed_in_the_transaction_commits_nothing),
        cmocka_unit_test(memory_that_runs_out_costs_only_that_commit),
        cmocka_unit_test(a_second_gateway_waits_for_the_lane),
        cmocka_unit_test(a_table_that_does_not_fit_stops_the_lane_with_a_reason),
    };
    cmocka_set_test_filter(getenv("TEST_FILTER")); /* one test alone, as tests/mutants/run asks */
    return cmocka_run_group_tests(tests, given_a_database, and_nothing_left);
}
