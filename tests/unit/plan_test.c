/* SPDX-License-Identifier: Apache-2.0 */
/* plan and decide: what a batch becomes, given what the database is said to know. */
#include "pg/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "pg/decide.h"
#include "pg/lives.h"
#include "pipe/batch.h"
#include "pipe/intake.h"

#define USCC      "91410411MA45ABCD6Y"
#define BODY_MAX  1024
#define ITEMS_MAX 32
#define MINUTE_US INT64_C(60000000)
#define NINE_US   INT64_C(1604278800000000) /* 2020-11-02T09:00:00+08:00 */

static struct schema *schema;
static struct registry *registry;
static struct clock_fake now;
static struct intake intake;
static struct batch batch;
static struct plan plan;
static struct plan_item *items[ITEMS_MAX];
static size_t n_items;

static int given_a_schema_and_a_register(void **state)
{
    const char *why = NULL;
    const struct reg_unit unit = {
        .uscc = USCC, .unit = "", .division = "410411001", .company_code = "", .name = "甲"};
    (void)state;
    clock_fake_init(&now, 1604300000000000); /* 2020-11-02T14:53:20+08:00 */
    bool ok = schema_load(&schema, &why) == ERR_OK && registry_new(&registry) == ERR_OK &&
              registry_add_sector(
                  registry, &(struct reg_sector){.code = "textile", .profile = ""}) == ERR_OK &&
              registry_add_division(registry, &(struct reg_division){"410411001", NULL, false}) ==
                  ERR_OK &&
              registry_add_unit(registry, &unit, "textile") == ERR_OK;
    intake =
        (struct intake){.schema = schema,
                        .registry = registry,
                        .clock = &now.clock,
                        .node = "410411",
                        .limits = {.reports_max = 500, .report_bytes_max = 65536, .depth_max = 16},
                        .message_bytes_max = 1 << 20,
                        .arena_bytes_max = 1 << 20,
                        .correlation_bytes_max = 256,
                        .response_topic_bytes_max = 256,
                        .future_tolerance_us = 600000000,
                        .rules = {33, 35, 112, 115, true}};
    return ok ? 0 : -1;
}

static int and_no_leak(void **state)
{
    (void)state;
    registry_free(registry);
    schema_free(schema);
    return mem_live() == 0 ? 0 : -1;
}

static int an_empty_plan(void **state)
{
    (void)state;
    batch_init(&batch);
    n_items = 0;
    return plan_init(&plan, schema, 1 << 24) == ERR_OK ? 0 : -1;
}

static int and_its_end(void **state)
{
    (void)state;
    plan_free(&plan);
    batch_clear(&batch);
    return 0;
}

/* ---- given ---- */

static struct entry *entry_of(int msg, const char *record, const char *op, int minute,
                              const char *body)
{
    char topic[128];
    char payload[2 * BODY_MAX];
    (void)snprintf(topic, sizeof topic, "dp/v1/410411/textile/" USCC "/up/%s", record);
    (void)snprintf(payload, sizeof payload,
                   "{\"msg_id\":\"00000000-0000-7000-8000-%012d\",\"record\":\"%s\",\"op\":\"%s\","
                   "\"uscc\":\"" USCC "\",\"observed_at\":\"2020-11-02T09:%02d:00+08:00\","
                   "\"body\":{%s}}",
                   msg, record, op, minute, body);
    struct incoming in = {.topic = span_of(topic), .payload = span_of(payload)};
    struct message *m = intake_take(&intake, &in);
    assert_non_null(m);
    batch_add(&batch, m, 0);
    return &m->entries[0];
}

static struct plan_item *add(struct entry *e, struct parked_row *parked)
{
    assert_int_equal(plan_add(&plan, e, parked, &items[n_items]), ERR_OK);
    return items[n_items++];
}

#define HAZARD                                                                 \
    "\"id\":\"%032x\",\"name\":\"%s\",\"level\":\"GENERAL\",\"state\":\"%s\"," \
    "\"found_at\":\"2020-11-02T08:00:00+08:00\",\"manage_type\":\"ON_THE_SPOT\""

static struct entry *hazard_entry(int msg, unsigned id, int minute, const char *name,
                                  unsigned parent)
{
    char body[BODY_MAX];
    int n = snprintf(body, sizeof body, HAZARD, id, name, "RECTIFYING");
    if (parent) {
        (void)snprintf(body + n, sizeof body - (size_t)n, ",\"check_record_id\":\"%032x\"", parent);
    }
    return entry_of(msg, "hazard", "UPSERT", minute, body);
}

static struct plan_item *hazard(int msg, unsigned id, int minute, const char *name)
{
    return add(hazard_entry(msg, id, minute, name, 0), NULL);
}

static struct plan_item *child(int msg, unsigned id, unsigned parent)
{
    return add(hazard_entry(msg, id, 1, "child", parent), NULL);
}

static struct entry *check_record_entry(int msg, unsigned id, unsigned task)
{
    char body[BODY_MAX];
    int n = snprintf(body, sizeof body,
                     "\"id\":\"%032x\",\"checked_at\":\"2020-11-02T08:00:00+08:00\","
                     "\"result\":\"HAZARD\"",
                     id);
    if (task) {
        (void)snprintf(body + n, sizeof body - (size_t)n, ",\"task_id\":\"%032x\"", task);
    }
    return entry_of(msg, "check_record", "UPSERT", 1, body);
}

static struct plan_item *check_record(int msg, unsigned id, unsigned task)
{
    return add(check_record_entry(msg, id, task), NULL);
}

static struct plan_item *check_task(int msg, unsigned id)
{
    char body[BODY_MAX];
    (void)snprintf(body, sizeof body, "\"id\":\"%032x\",\"content\":\"巡检\"", id);
    return add(entry_of(msg, "check_task", "UPSERT", 1, body), NULL);
}

static struct plan_item *transition(int msg, unsigned id, int minute, const char *to)
{
    char body[BODY_MAX];
    (void)snprintf(body, sizeof body,
                   "\"id\":\"%032x\",\"to\":\"%s\",\"at\":\"2020-11-02T09:%02d:00+08:00\","
                   "\"by\":\"王\",\"reason\":\"整改\"",
                   id, to, minute);
    return add(entry_of(msg, "hazard", "TRANSITION", minute, body), NULL);
}

static struct plan_item *delete_hazard(int msg, unsigned id, int minute)
{
    char body[BODY_MAX];
    (void)snprintf(body, sizeof body, "\"id\":\"%032x\"", id);
    return add(entry_of(msg, "hazard", "DELETE", minute, body), NULL);
}

/* A report of an earlier batch that waits for check record `parent`. */
static struct plan_item *parked(struct parked_row *row, int msg, unsigned id, unsigned parent,
                                int64_t ledger_no)
{
    static char parent_id[33];
    (void)snprintf(parent_id, sizeof parent_id, "%032x", parent);
    const struct entry *e = hazard_entry(msg, id, 1, "parked", parent);
    *row = (struct parked_row){.entry = *e,
                               .ledger_no = ledger_no,
                               .publisher = USCC,
                               .parent_record = SPAN_LIT("check_record"),
                               .parent_id = span_of(parent_id)};
    row->entry.message = NULL;
    return add(&row->entry, row);
}

/* The database has a version of this record, observed at 09:minute. */
static void database_has(struct plan_head *h, int minute, int64_t ledger_no)
{
    struct order_key order = {.observed_us = NINE_US + minute * MINUTE_US, .source_system = ""};
    assert_non_null(h);
    assert_int_equal(plan_head_found(&plan, h, &order, ledger_no), ERR_OK);
}

static void decided(size_t parked_room)
{
    assert_int_equal(decide_plan(&plan, parked_room), ERR_OK);
    plan_number(&plan, 100, 1000);
}

/* ---- then ---- */

static void assert_verdict(const struct plan_item *it, enum verdict v)
{
    assert_string_equal(verdict_word(it->verdict), verdict_word(v));
}

/* Every arrival has exactly one verdict, and the counts say the same. */
static void assert_adds_up(void)
{
    uint64_t sum = 0;
    for (int v = VERDICT_STORED; v < VERDICT_COUNT; v++) {
        sum += plan.counts[v];
    }
    assert_int_equal(sum, plan.received + plan.released.n + plan.expired.n);
    assert_int_equal(plan.counts[VERDICT_REJECTED] + plan.counts[VERDICT_CONFLICT],
                     plan.refused.n + plan.expired.n);
    assert_int_equal(plan.counts[VERDICT_STORED], plan.feed.n);
    for (size_t i = 0; i < plan.claims.n; i++) {
        assert_int_equal(plan.claims.at[i]->ledger_no, 101 + i);
    }
    for (size_t i = 0; i < plan.feed.n; i++) {
        assert_int_equal(plan.feed.at[i]->feed_seq, 1001 + i);
    }
}

/* ---- identities ---- */

static void a_new_report_is_stored_and_fed(void **state)
{
    (void)state;
    const struct plan_item *it = hazard(1, 1, 1, "a");
    decided(10);
    assert_verdict(it, VERDICT_STORED);
    assert_int_equal(it->ledger_no, 101);
    assert_int_equal(it->feed_seq, 1001);
    assert_int_equal(it->feed_prev, 0);
    assert_ptr_equal(it->head->winner, it);
    assert_adds_up();
}

static void a_claimed_id_with_the_same_content_is_a_duplicate(void **state)
{
    (void)state;
    struct plan_item *it = hazard(1, 1, 1, "a");
    uint8_t other[DIGEST_BYTES] = {1};
    plan_msg_found(it->msg, it->entry->report.hash, other, 7);
    decided(10);
    assert_verdict(it, VERDICT_DUPLICATE);
    assert_int_equal(plan.claims.n, 0);
    assert_int_equal(plan.feed.n, 0);
    plan_settle(&plan);
    assert_int_equal(it->entry->ledger_no, 7);
    assert_memory_equal(it->entry->answer_hash, it->entry->report.hash, DIGEST_BYTES);
    assert_adds_up();
}

static void the_same_raw_bytes_are_a_duplicate_too(void **state)
{
    (void)state;
    struct plan_item *it = hazard(1, 1, 1, "a");
    uint8_t other[DIGEST_BYTES] = {1};
    plan_msg_found(it->msg, other, it->entry->report.raw_hash, 7);
    decided(10);
    assert_verdict(it, VERDICT_DUPLICATE);
    plan_settle(&plan);
    assert_memory_equal(it->entry->answer_hash, other, DIGEST_BYTES); /* the first one's */
}

static void a_claimed_id_with_other_content_is_a_conflict(void **state)
{
    (void)state;
    struct plan_item *it = hazard(1, 1, 1, "a");
    uint8_t other[DIGEST_BYTES] = {1};
    plan_msg_found(it->msg, other, other, 7);
    decided(10);
    assert_verdict(it, VERDICT_CONFLICT);
    assert_int_equal(plan.refused.n, 1);
    assert_int_equal(plan.claims.n, 0);
    assert_int_equal(it->entry->report.problem.reason, REASON_NONE);
    plan_settle(&plan);
    assert_int_equal(it->entry->report.problem.reason, REASON_CONTENT_CONFLICT);
    assert_int_equal(it->entry->ledger_no, 0);
    assert_adds_up();
}

static void within_a_batch_the_first_claims_the_id(void **state)
{
    (void)state;
    const struct plan_item *first = hazard(1, 1, 1, "a");
    const struct plan_item *same = hazard(1, 1, 1, "a");
    const struct plan_item *other = hazard(1, 1, 1, "b");
    decided(10);
    assert_verdict(first, VERDICT_STORED);
    assert_verdict(same, VERDICT_DUPLICATE);
    assert_verdict(other, VERDICT_CONFLICT);
    assert_int_equal(plan.n_msgs, 1);
    plan_settle(&plan);
    assert_int_equal(same->entry->ledger_no, first->entry->ledger_no);
    assert_adds_up();
}

static void a_rejected_report_claims_nothing(void **state)
{
    (void)state;
    const struct plan_item *bad = add(entry_of(1, "hazard", "UPSERT", 1, "\"id\":7"), NULL);
    const struct plan_item *good = hazard(1, 1, 1, "a");
    decided(10);
    assert_verdict(bad, VERDICT_REJECTED);
    assert_null(bad->msg);
    assert_verdict(good, VERDICT_STORED);
    assert_adds_up();
}

static void what_the_database_refused_before_is_rejected(void **state)
{
    (void)state;
    struct plan_item *it = hazard(1, 1, 1, "a");
    it->refused = "23514 no";
    decided(10);
    assert_verdict(it, VERDICT_REJECTED);
    plan_settle(&plan);
    assert_int_equal(it->entry->report.problem.reason, REASON_DATABASE_REFUSED);
    assert_string_equal(it->entry->report.problem.value, "23514 no");
    assert_adds_up();
}

/* ---- versions ---- */

static void what_is_older_than_the_head_is_stale(void **state)
{
    (void)state;
    const struct plan_item *it = hazard(1, 1, 4, "a");
    database_has(it->head, 5, 7);
    decided(10);
    assert_verdict(it, VERDICT_STALE);
    assert_null(it->head->winner);
    assert_int_equal(plan.order.n, 1); /* kept in the history */
    assert_int_equal(plan.claims.n, 1);
    assert_int_equal(plan.feed.n, 0);
    assert_adds_up();
}

static void of_equal_times_the_later_in_the_ledger_wins(void **state)
{
    (void)state;
    const struct plan_item *one = hazard(1, 1, 5, "a");
    const struct plan_item *two = hazard(2, 1, 5, "b");
    database_has(one->head, 5, 7);
    decided(10);
    /* The head of the database has rank 0, these have a state. */
    assert_verdict(one, VERDICT_STORED);
    assert_verdict(two, VERDICT_STORED);
    assert_ptr_equal(one->head->winner, two);
}

static void one_batch_may_hold_many_versions_and_only_the_last_becomes_the_head(void **state)
{
    (void)state;
    const struct plan_item *two = hazard(1, 1, 2, "2");
    const struct plan_item *four = hazard(2, 1, 4, "4");
    const struct plan_item *three = hazard(3, 1, 3, "3");
    const struct plan_item *five = hazard(4, 1, 5, "5");
    decided(10);
    assert_verdict(two, VERDICT_STORED);
    assert_verdict(four, VERDICT_STORED);
    assert_verdict(three, VERDICT_STALE);
    assert_verdict(five, VERDICT_STORED);
    assert_ptr_equal(two->head, five->head);
    assert_ptr_equal(two->head->winner, five);
    assert_int_equal(plan.n_topics, 1);
    assert_int_equal(five->feed_prev, four->feed_seq);
    assert_int_equal(four->feed_prev, two->feed_seq);
    assert_adds_up();
}

static void the_order_of_versions_is_total(void **state)
{
    (void)state;
    struct order_key a = {.observed_us = 1, .source_system = "a", .source_seq = 1};
    struct order_key b = a;
    assert_int_equal(decide_order(&a, 1, &b, 1), 0);
    assert_true(decide_order(&a, 1, &b, 2) < 0);
    b.state_rank = 1;
    assert_true(decide_order(&a, 2, &b, 1) < 0);
    a.source_seq = 2;
    assert_true(decide_order(&a, 1, &b, 2) > 0);
    b.source_system = "b";
    assert_true(decide_order(&a, 2, &b, 1) < 0);
    a.observed_us = 2;
    assert_true(decide_order(&a, 1, &b, 2) > 0);
}

static void a_delete_of_something_never_seen_is_stored(void **state)
{
    (void)state;
    const struct plan_item *it = delete_hazard(1, 1, 5);
    decided(10);
    assert_verdict(it, VERDICT_STORED);
    assert_ptr_equal(it->head->winner, it);
}

/* ---- transitions ---- */

/* The newest word about the record is this report's. */
static bool stands_at(const struct plan_head *head, const struct plan_item *it)
{
    return head->order.observed_us == it->entry->report.order.observed_us;
}

static void a_transition_newer_than_the_hazard_moves_it(void **state)
{
    (void)state;
    const struct plan_item *it = transition(1, 1, 6, "RECTIFIED");
    assert_non_null(it->via);
    database_has(it->via, 5, 7);
    decided(10);
    assert_verdict(it, VERDICT_STORED);
    assert_true(stands_at(it->via, it));
    assert_ptr_equal(it->head->winner, it);
    assert_adds_up();
}

static void an_older_transition_is_kept_but_moves_nothing(void **state)
{
    (void)state;
    const struct plan_item *it = transition(1, 1, 4, "RECTIFIED");
    database_has(it->via, 5, 7);
    decided(10);
    assert_verdict(it, VERDICT_STALE);
    assert_false(stands_at(it->via, it));
    assert_ptr_equal(it->head->winner, it); /* in the list of transitions */
    assert_adds_up();
}

static void the_last_word_about_a_hazard_counts(void **state)
{
    (void)state;
    const struct plan_item *first = hazard(1, 1, 1, "a");
    const struct plan_item *moved = transition(2, 1, 2, "RECTIFIED");
    const struct plan_item *later = hazard(3, 1, 3, "b");
    const struct plan_item *last = transition(4, 1, 4, "ACCEPTED");
    decided(10);
    assert_verdict(first, VERDICT_STORED);
    assert_verdict(moved, VERDICT_STORED);
    assert_ptr_equal(moved->via, first->head);
    assert_ptr_equal(first->head->winner, later);
    assert_true(stands_at(first->head, last));
    assert_adds_up();
}

static void a_hazard_older_than_a_transition_is_stale(void **state)
{
    (void)state;
    const struct plan_item *first = hazard(1, 1, 1, "a");
    const struct plan_item *moved = transition(2, 1, 5, "RECTIFIED");
    const struct plan_item *between = hazard(3, 1, 3, "b");
    decided(10);
    assert_verdict(between, VERDICT_STALE);
    assert_ptr_equal(first->head->winner, first);
    assert_true(stands_at(first->head, moved));
}

static void a_transition_of_an_unknown_hazard_waits_for_it(void **state)
{
    (void)state;
    const struct plan_item *early = transition(1, 1, 5, "RECTIFIED");
    const struct plan_item *alone = transition(2, 2, 5, "RECTIFIED");
    const struct plan_item *it = hazard(3, 1, 1, "a");
    decided(10);
    assert_verdict(early, VERDICT_STORED);
    assert_true(stands_at(it->head, early));
    assert_verdict(alone, VERDICT_PARKED);
    assert_string_equal(alone->missing->type->name, "hazard");
}

/* ---- lives ---- */

static void the_database_has_a_life(const struct plan_head *h, int minute, int level)
{
    struct life_stored stored = {.life = life_none(), .token = "1", .tie = 7};
    stored.order =
        (struct order_key){.observed_us = NINE_US + minute * MINUTE_US, .source_system = ""};
    stored.life.known = true;
    stored.life.state = stored.life.reported_state = DUALGATE__V1__HAZARD_STATE__CODE__RECTIFYING;
    stored.life.level = stored.life.reported_level = level;
    lives_found(h->life, &stored);
}

static void what_a_life_forbids_is_rejected_and_claims_nothing(void **state)
{
    (void)state;
    (void)hazard(1, 1, 1, "a");
    (void)transition(2, 1, 2, "VOID");
    const struct plan_item *leaves = hazard(3, 1, 3, "b");
    const struct plan_item *again = hazard(3, 1, 3, "b");
    decided(10);
    assert_verdict(leaves, VERDICT_REJECTED);
    assert_int_equal(leaves->problem.reason, REASON_HAZARD_VOID);
    assert_string_equal(leaves->problem.field, "body.state");
    assert_verdict(again, VERDICT_REJECTED);
    assert_false(leaves->claims || again->claims);
    assert_int_equal(leaves->head->life->track.n, 2);
    assert_adds_up();
    const struct entry *answered = leaves->entry;
    plan_settle(&plan);
    plan_reset(&plan); /* what the receipt says lives in the message */
    assert_string_equal(answered->report.problem.value, "RECTIFYING");
}

static void the_past_is_asked_for_only_when_something_older_comes(void **state)
{
    (void)state;
    const struct plan_item *newer = hazard(1, 1, 6, "a");
    database_has(newer->head, 5, 7);
    the_database_has_a_life(newer->head, 5, DUALGATE__V1__HAZARD_LEVEL__CODE__MAJOR);
    assert_int_equal(lives_wanting_past(&plan), 0);
    const struct plan_item *older = hazard(2, 1, 4, "b");
    assert_int_equal(lives_wanting_past(&plan), 1);
    assert_true(older->life->past_wanted);
    assert_int_equal(lives_wanting_past(&plan), 0);
}

static void what_is_in_force_follows_from_what_the_database_had(void **state)
{
    (void)state;
    const struct plan_item *it = hazard(1, 1, 6, "a"); /* a general one */
    database_has(it->head, 5, 7);
    the_database_has_a_life(it->head, 5, DUALGATE__V1__HAZARD_LEVEL__CODE__MAJOR);
    decided(10);
    assert_verdict(it, VERDICT_STORED);
    assert_int_equal(it->life->track.now.withdrawal, LIFE_REGRADE);
    assert_int_equal(it->life->track.now.level, DUALGATE__V1__HAZARD_LEVEL__CODE__MAJOR);
    assert_ptr_equal(it->life->content, it);
    assert_int_equal(it->found->n, 1);
    assert_null(it->entry->report.findings);
    plan_settle(&plan);
    assert_string_equal(it->entry->report.findings->code, "withdrawal_pending");
}

static void a_deletion_gives_the_head_no_content(void **state)
{
    (void)state;
    const struct plan_item *it = delete_hazard(1, 1, 6);
    database_has(it->head, 5, 7);
    the_database_has_a_life(it->head, 5, DUALGATE__V1__HAZARD_LEVEL__CODE__GENERAL);
    decided(10);
    assert_verdict(it, VERDICT_STORED);
    assert_true(it->life->track.now.deleted);
    assert_null(it->life->content);
    assert_ptr_equal(it->life->newest, it);
}

/* ---- parents ---- */

static void a_child_waits_for_its_parent(void **state)
{
    (void)state;
    const struct plan_item *it = child(1, 1, 2);
    decided(10);
    assert_verdict(it, VERDICT_PARKED);
    assert_int_equal(plan.parked.n, 1);
    assert_int_equal(plan.claims.n, 1);
    assert_int_equal(plan.order.n, 0);
    assert_string_equal(it->missing->type->name, "check_record");
    assert_adds_up();
}

static void a_child_of_a_known_parent_does_not_wait(void **state)
{
    (void)state;
    const struct plan_item *it = child(1, 1, 2);
    assert_int_equal(it->n_parents, 1);
    database_has(it->parents[0], 1, 7);
    decided(10);
    assert_verdict(it, VERDICT_STORED);
}

static void children_may_stand_before_their_parents_in_a_batch(void **state)
{
    (void)state;
    const struct plan_item *c = child(1, 1, 2);
    const struct plan_item *b = check_record(2, 2, 3);
    const struct plan_item *c2 = child(3, 4, 2);
    const struct plan_item *a = check_task(4, 3);
    decided(10);
    assert_verdict(a, VERDICT_STORED);
    assert_verdict(b, VERDICT_STORED);
    assert_verdict(c, VERDICT_STORED);
    assert_verdict(c2, VERDICT_STORED);
    assert_true(a->feed_seq < b->feed_seq && b->feed_seq < c->feed_seq);
    assert_true(c->ledger_no < b->ledger_no); /* the ledger keeps the order of arrival */
    assert_int_equal(plan.parked.n, 0);
    assert_adds_up();
}

static void a_parent_that_waits_itself_does_not_release(void **state)
{
    (void)state;
    const struct plan_item *c = child(1, 1, 2);
    const struct plan_item *b = check_record(2, 2, 3);
    decided(10);
    assert_verdict(b, VERDICT_PARKED);
    assert_verdict(c, VERDICT_PARKED);
    assert_string_equal(b->missing->type->name, "check_task");
}

static void a_rejected_parent_does_not_release(void **state)
{
    (void)state;
    const struct plan_item *c = child(1, 1, 2);
    struct plan_item *b = check_record(2, 2, 0);
    b->refused = "no";
    decided(10);
    assert_verdict(c, VERDICT_PARKED);
}

static void a_stale_parent_is_a_parent(void **state)
{
    (void)state;
    const struct plan_item *c = child(1, 1, 2);
    const struct plan_item *b = check_record(2, 2, 0);
    database_has(b->head, 5, 7);
    decided(10);
    assert_verdict(b, VERDICT_STALE);
    assert_verdict(c, VERDICT_STORED);
}

static void without_room_nobody_more_waits(void **state)
{
    (void)state;
    const struct plan_item *one = child(1, 1, 9);
    const struct plan_item *two = child(2, 2, 9);
    const struct plan_item *same = child(2, 2, 9);
    decided(1);
    assert_verdict(one, VERDICT_PARKED);
    assert_verdict(two, VERDICT_REJECTED);
    assert_int_equal(two->problem.reason, REASON_PARKED_FULL);
    assert_verdict(same, VERDICT_REJECTED); /* what it repeats was not claimed */
    assert_adds_up();
}

/* ---- those who wait ---- */

static void the_parent_releases_who_waits_for_it(void **state)
{
    (void)state;
    struct parked_row row;
    const struct plan_item *b = check_record(2, 2, 0);
    assert_int_equal(plan.owners.n, 1); /* somebody may wait for it */
    const struct plan_item *it = parked(&row, 1, 1, 2, 50);
    decided(10);
    assert_verdict(b, VERDICT_STORED);
    assert_verdict(it, VERDICT_STORED);
    assert_int_equal(it->ledger_no, 50);
    assert_int_equal(plan.released.n, 1);
    assert_int_equal(plan.claims.n, 1);
    assert_int_equal(plan.received, 1);
    assert_int_equal(plan.counts[VERDICT_STORED], 2);
    assert_adds_up();
}

static void a_released_one_may_be_stale(void **state)
{
    (void)state;
    struct parked_row row;
    (void)check_record(2, 2, 0);
    const struct plan_item *it = parked(&row, 1, 1, 2, 50);
    database_has(it->head, 9, 60);
    decided(10);
    assert_verdict(it, VERDICT_STALE);
    assert_int_equal(plan.released.n, 1);
    assert_adds_up();
}

static void who_still_waits_is_left_alone(void **state)
{
    (void)state;
    struct parked_row row;
    const struct plan_item *it = parked(&row, 1, 1, 2, 50);
    decided(10);
    assert_verdict(it, VERDICT_NONE);
    assert_int_equal(plan.moved.n, 0);
    assert_true(plan_empty(&plan));
}

static void who_waits_for_another_parent_now_is_moved(void **state)
{
    (void)state;
    struct parked_row row;
    const struct plan_item *it = parked(&row, 1, 1, 2, 50);
    row.parent_id = SPAN_LIT("another");
    decided(10);
    assert_verdict(it, VERDICT_NONE);
    assert_int_equal(plan.moved.n, 1);
    assert_false(plan_empty(&plan));
}

static void who_waited_too_long_is_rejected_with_the_field(void **state)
{
    (void)state;
    struct parked_row row;
    const struct plan_item *it = parked(&row, 1, 1, 2, 50);
    row.expired = true;
    decided(10);
    assert_verdict(it, VERDICT_REJECTED);
    assert_int_equal(plan.expired.n, 1);
    assert_int_equal(it->problem.reason, REASON_PARENT_MISSING);
    assert_string_equal(it->problem.field, "body.check_record_id");
    assert_adds_up();
}

static void a_parent_at_the_last_moment_counts(void **state)
{
    (void)state;
    struct parked_row row;
    const struct plan_item *it = parked(&row, 1, 1, 2, 50);
    row.expired = true;
    database_has(it->parents[0], 1, 7);
    decided(10);
    assert_verdict(it, VERDICT_STORED);
    assert_int_equal(plan.expired.n, 0);
}

/* ---- feeds, reuse, memory ---- */

static void prev_goes_on_from_the_database(void **state)
{
    (void)state;
    const struct plan_item *one = hazard(1, 1, 1, "a");
    const struct plan_item *task = check_task(2, 3);
    const struct plan_item *two = hazard(3, 2, 1, "b");
    assert_int_equal(decide_plan(&plan, 10), ERR_OK);
    assert_int_equal(plan.n_topics, 2);
    for (size_t i = 0; i < plan.n_topics; i++) {
        plan.topics[i]->last_seq = span_is(plan.topics[i]->record, "hazard") ? 77 : 0;
    }
    plan_number(&plan, 100, 1000);
    assert_int_equal(one->feed_prev, 77);
    assert_int_equal(task->feed_prev, 0);
    assert_int_equal(two->feed_prev, one->feed_seq);
}

static void a_plan_is_as_new_after_reset(void **state)
{
    (void)state;
    (void)hazard(1, 1, 1, "a");
    decided(10);
    plan_reset(&plan);
    n_items = 0;
    assert_int_equal(plan.received, 0);
    const struct plan_item *it = hazard(1, 1, 1, "a");
    decided(10);
    assert_verdict(it, VERDICT_STORED);
    assert_int_equal(plan.n_msgs, 1);
    assert_adds_up();
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    struct entry *e[] = {hazard_entry(1, 1, 1, "a", 2), check_record_entry(2, 2, 0)};
    for (size_t n = 1; n < 200; n++) {
        struct plan p;
        (void)mem_fail_at(n);
        enum err err = plan_init(&p, schema, 1 << 24);
        bool made = err == ERR_OK;
        for (size_t i = 0; i < 2 && err == ERR_OK; i++) {
            err = plan_add(&p, e[i], NULL, NULL);
        }
        err = err == ERR_OK ? decide_plan(&p, 10) : err;
        bool enough = mem_fail_at(0) < n;
        if (made) {
            plan_free(&p);
        }
        if (enough) {
            assert_int_equal(err, ERR_OK);
            return;
        }
        assert_int_equal(err, ERR_NOMEM);
    }
    fail_msg("needs more allocations than expected");
}

#define T(name) cmocka_unit_test_setup_teardown(name, an_empty_plan, and_its_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_new_report_is_stored_and_fed),
        T(a_claimed_id_with_the_same_content_is_a_duplicate),
        T(the_same_raw_bytes_are_a_duplicate_too),
        T(a_claimed_id_with_other_content_is_a_conflict),
        T(within_a_batch_the_first_claims_the_id),
        T(a_rejected_report_claims_nothing),
        T(what_the_database_refused_before_is_rejected),
        T(what_is_older_than_the_head_is_stale),
        T(of_equal_times_the_later_in_the_ledger_wins),
        T(one_batch_may_hold_many_versions_and_only_the_last_becomes_the_head),
        T(the_order_of_versions_is_total),
        T(a_delete_of_something_never_seen_is_stored),
        T(a_transition_newer_than_the_hazard_moves_it),
        T(an_older_transition_is_kept_but_moves_nothing),
        T(the_last_word_about_a_hazard_counts),
        T(a_hazard_older_than_a_transition_is_stale),
        T(a_transition_of_an_unknown_hazard_waits_for_it),
        T(what_a_life_forbids_is_rejected_and_claims_nothing),
        T(the_past_is_asked_for_only_when_something_older_comes),
        T(what_is_in_force_follows_from_what_the_database_had),
        T(a_deletion_gives_the_head_no_content),
        T(a_child_waits_for_its_parent),
        T(a_child_of_a_known_parent_does_not_wait),
        T(children_may_stand_before_their_parents_in_a_batch),
        T(a_parent_that_waits_itself_does_not_release),
        T(a_rejected_parent_does_not_release),
        T(a_stale_parent_is_a_parent),
        T(without_room_nobody_more_waits),
        T(the_parent_releases_who_waits_for_it),
        T(a_released_one_may_be_stale),
        T(who_still_waits_is_left_alone),
        T(who_waits_for_another_parent_now_is_moved),
        T(who_waited_too_long_is_rejected_with_the_field),
        T(a_parent_at_the_last_moment_counts),
        T(prev_goes_on_from_the_database),
        T(a_plan_is_as_new_after_reset),
        T(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests(tests, given_a_schema_and_a_register, and_no_leak);
}
