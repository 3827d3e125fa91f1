/* SPDX-License-Identifier: Apache-2.0 */
/* A session against a real server, reached by the variables of `deploy/dev/stack env`: what a
 * request answers, and how every kind of loss is told. */
#include "pg/conn.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/log.h"

#define WAIT_MS 20000

struct rig {
    uv_loop_t loop;
    uv_timer_t deadline;
    struct conn *conn;
    bool late;
    int ups, downs, answers, closed;
    enum err down_err;
    /* of the last answer */
    enum err err;
    char sqlstate[SQLSTATE_LEN + 1];
    size_t failed, n_results, rows;
    int64_t first; /* first column of the first row of the last step, if it is a number */
    int downs_at_answer;
};

static const struct pg_statement numbers = {"test_numbers",
                                            "select g::int8 from generate_series(1, $1::int8) g"};
static const struct pg_statement divide = {"test_divide", "select 10 / $1::int8"};
static const struct pg_statement nowhere = {"test_nowhere", "select * from nowhere_at_all"};
static const struct pg_statement begin = {"test_begin", "begin"};
static const struct pg_statement rollback = {"test_rollback", "rollback"};
static const struct pg_statement nap = {NULL, "select pg_sleep(30)"};
static const struct pg_statement leave = {NULL, "select pg_terminate_backend(pg_backend_pid())"};
static const struct pg_statement forget = {NULL, "deallocate all"};

static void on_up(void *arg)
{
    ((struct rig *)arg)->ups++;
}

static void on_down(void *arg, enum err err, const char *why)
{
    struct rig *rig = arg;
    assert_non_null(why);
    assert_int_equal(rig->ups, rig->downs + 1);
    rig->down_err = err;
    rig->downs++;
}

static void on_answer(void *arg, const struct pg_reply *reply)
{
    struct rig *rig = arg;
    rig->answers++;
    rig->downs_at_answer = rig->downs;
    rig->err = reply->err;
    rig->failed = reply->failed;
    rig->n_results = reply->n_results;
    (void)snprintf(rig->sqlstate, sizeof rig->sqlstate, "%s", reply->sqlstate);
    const struct pg_result *last =
        reply->n_results > 0 ? reply->results[reply->n_results - 1] : NULL;
    rig->rows = result_rows(last);
    rig->first = 0;
    (void)result_int(last, 0, 0, &rig->first);
}

static void on_deadline(uv_timer_t *timer)
{
    ((struct rig *)timer->data)->late = true;
}

/* Runs the loop until *count has reached n. */
static void wait_for(struct rig *rig, const int *count, int n)
{
    rig->late = false;
    (void)uv_timer_start(&rig->deadline, on_deadline, WAIT_MS, 0);
    while (*count < n && !rig->late) {
        (void)uv_run(&rig->loop, UV_RUN_ONCE);
    }
    (void)uv_timer_stop(&rig->deadline);
    assert_int_equal(*count, n);
}

static const struct conn_events events = {on_up, on_down};

static void open_with(struct rig *rig, const char *conninfo)
{
    struct conn_config config = {.who = "test",
                                 .conninfo = conninfo,
                                 .application = "conn_server_test",
                                 .connect_timeout_ms = 5000,
                                 .request_timeout_ms = 10000,
                                 .retry_first_ms = 10,
                                 .retry_max_ms = 100};
    *rig = (struct rig){.late = false};
    assert_int_equal(uv_loop_init(&rig->loop), 0);
    (void)uv_timer_init(&rig->loop, &rig->deadline);
    rig->deadline.data = rig;
    assert_int_equal(conn_new(&rig->conn, &rig->loop, &config, &events, rig), ERR_OK);
    conn_start(rig->conn);
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    if (!value) {
        fail_msg("%s is not set: run by deploy/dev/stack with", name);
    }
    return value;
}

static void open_session(struct rig *rig)
{
    char conninfo[512];
    (void)snprintf(conninfo, sizeof conninfo, "host=%s port=%s dbname=%s user=%s",
                   variable("PGHOST"), variable("PGPORT"), variable("PGDATABASE"),
                   variable("PGUSER"));
    open_with(rig, conninfo);
    wait_for(rig, &rig->ups, 1);
}

static void on_closed(void *arg)
{
    ((struct rig *)arg)->closed++;
}

static void close_session(struct rig *rig)
{
    conn_close(rig->conn, on_closed, rig);
    wait_for(rig, &rig->closed, 1);
    assert_int_equal(rig->downs, rig->ups);
    uv_close((uv_handle_t *)&rig->deadline, NULL);
    (void)uv_run(&rig->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&rig->loop), 0);
    assert_int_equal(mem_live(), 0);
}

static struct pg_param int8(uint8_t bytes[8], int64_t v)
{
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
    }
    return (struct pg_param){bytes, 8};
}

static void ask(struct rig *rig, const struct pg_step *steps, size_t n)
{
    int answers = rig->answers;
    assert_int_equal(conn_send(rig->conn, steps, n, 0, on_answer, rig), ERR_OK);
    assert_int_equal(rig->answers, answers); /* never from inside */
    wait_for(rig, &rig->answers, answers + 1);
}

static void several_statements_answer_together(void **state)
{
    (void)state;
    struct rig rig;
    uint8_t five[8], thousands[8];
    struct pg_param p5 = int8(five, 5), many = int8(thousands, 100000);
    open_session(&rig);
    for (int i = 0; i < 3; i++) { /* prepared the first time only */
        ask(&rig, (struct pg_step[]){{&begin, NULL, 0}, {&numbers, &p5, 1}, {&numbers, &many, 1}},
            3);
        assert_int_equal(rig.err, ERR_OK);
        assert_int_equal(rig.rows, 100000);
        assert_int_equal(rig.first, 1);
        assert_true(conn_in_transaction(rig.conn));
        ask(&rig, (struct pg_step[]){{&rollback, NULL, 0}}, 1);
        assert_false(conn_in_transaction(rig.conn));
    }
    close_session(&rig);
}

static void the_failing_statement_is_named(void **state)
{
    (void)state;
    struct rig rig;
    uint8_t zero[8], two[8];
    struct pg_param p0 = int8(zero, 0), p2 = int8(two, 2);
    open_session(&rig);
    ask(&rig,
        (struct pg_step[]){
            {&begin, NULL, 0}, {&divide, &p2, 1}, {&divide, &p0, 1}, {&numbers, &p2, 1}},
        4);
    assert_int_equal(rig.err, ERR_DATA);
    assert_string_equal(rig.sqlstate, "22012");
    assert_int_equal(rig.failed, 2);
    assert_true(conn_in_transaction(rig.conn));
    /* What was never prepared because the pipeline stopped before is prepared now. */
    ask(&rig, (struct pg_step[]){{&rollback, NULL, 0}, {&numbers, &p2, 1}}, 2);
    assert_int_equal(rig.err, ERR_OK);
    assert_int_equal(rig.rows, 2);
    close_session(&rig);
}

static void a_missing_table_stops_for_good(void **state)
{
    (void)state;
    struct rig rig;
    open_session(&rig);
    ask(&rig, (struct pg_step[]){{&nowhere, NULL, 0}}, 1);
    assert_int_equal(rig.err, ERR_FATAL);
    assert_string_equal(rig.sqlstate, "42P01");
    assert_int_equal(rig.failed, 0);
    assert_true(conn_ready(rig.conn));
    close_session(&rig);
}

static void only_one_request_is_under_way(void **state)
{
    (void)state;
    struct rig rig;
    uint8_t five[8];
    struct pg_param p5 = int8(five, 5);
    struct pg_step step = {&numbers, &p5, 1};
    open_session(&rig);
    assert_int_equal(conn_send(rig.conn, &step, 1, 0, on_answer, &rig), ERR_OK);
    assert_false(conn_ready(rig.conn));
    assert_int_equal(conn_send(rig.conn, &step, 1, 0, on_answer, &rig), ERR_FULL);
    assert_int_equal(conn_send(rig.conn, &step, 0, 0, on_answer, &rig), ERR_FULL);
    wait_for(&rig, &rig.answers, 1);
    assert_int_equal(conn_send(rig.conn, &step, 0, 0, on_answer, &rig), ERR_INVALID);
    close_session(&rig);
}

static void a_statement_that_takes_too_long_ends_the_session(void **state)
{
    (void)state;
    struct rig rig;
    struct pg_step step = {&nap, NULL, 0};
    open_session(&rig);
    assert_int_equal(conn_send(rig.conn, &step, 1, 300, on_answer, &rig), ERR_OK);
    wait_for(&rig, &rig.downs, 1);
    assert_int_equal(rig.answers, 1);
    assert_int_equal(rig.err, ERR_TIMEOUT);
    assert_int_equal(rig.downs_at_answer, 0); /* answered before it was down */
    assert_int_equal(conn_send(rig.conn, &step, 1, 300, on_answer, &rig), ERR_CLOSED);
    wait_for(&rig, &rig.ups, 2);
    close_session(&rig);
}

static void a_session_that_the_server_ends_comes_back(void **state)
{
    (void)state;
    struct rig rig;
    uint8_t five[8];
    struct pg_param p5 = int8(five, 5);
    open_session(&rig);
    ask(&rig, (struct pg_step[]){{&numbers, &p5, 1}, {&leave, NULL, 0}, {&numbers, &p5, 1}}, 3);
    assert_int_equal(rig.err, ERR_TRANSIENT);
    assert_string_equal(rig.sqlstate, "57P01");
    wait_for(&rig, &rig.ups, 2);
    assert_int_equal(rig.downs, 1);
    ask(&rig, (struct pg_step[]){{&numbers, &p5, 1}}, 1);
    assert_int_equal(rig.err, ERR_OK);
    close_session(&rig);
}

static void a_dropped_session_is_told_from_the_loop(void **state)
{
    (void)state;
    struct rig rig;
    open_session(&rig);
    conn_drop(rig.conn, "the test wants it");
    conn_drop(rig.conn, "twice is once");
    assert_int_equal(rig.downs, 0);
    assert_false(conn_up(rig.conn));
    wait_for(&rig, &rig.ups, 2);
    assert_int_equal(rig.downs, 1);
    assert_int_equal(rig.down_err, ERR_TRANSIENT);
    close_session(&rig);
}

static void a_statement_that_the_server_has_forgotten_needs_a_new_session(void **state)
{
    (void)state;
    struct rig rig;
    uint8_t five[8];
    struct pg_param p5 = int8(five, 5);
    open_session(&rig);
    ask(&rig, (struct pg_step[]){{&numbers, &p5, 1}, {&forget, NULL, 0}}, 2);
    assert_int_equal(rig.err, ERR_OK);
    ask(&rig, (struct pg_step[]){{&numbers, &p5, 1}}, 1);
    assert_string_equal(rig.sqlstate, "26000");
    wait_for(&rig, &rig.ups, 2);
    ask(&rig, (struct pg_step[]){{&numbers, &p5, 1}}, 1);
    assert_int_equal(rig.err, ERR_OK);
    close_session(&rig);
}

static void big_values_go_both_ways(void **state)
{
    static const struct pg_statement echo = {"test_echo",
                                             "select length($1::text)::int8, $1::text"};
    (void)state;
    struct rig rig;
    size_t len = (size_t)16 << 20;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, 'a', len);
    struct pg_param param = {text, len};
    open_session(&rig);
    ask(&rig, (struct pg_step[]){{&echo, &param, 1}, {&echo, &param, 1}}, 2);
    assert_int_equal(rig.err, ERR_OK);
    assert_int_equal(rig.first, (int64_t)len);
    free(text);
    close_session(&rig);
}

static void the_second_host_is_tried(void **state)
{
    (void)state;
    struct rig rig;
    char conninfo[512];
    (void)snprintf(conninfo, sizeof conninfo,
                   "host=no-such-host.invalid,127.0.0.1,%s port=1,1,%s dbname=%s user=%s",
                   variable("PGHOST"), variable("PGPORT"), variable("PGDATABASE"),
                   variable("PGUSER"));
    open_with(&rig, conninfo);
    wait_for(&rig, &rig.ups, 1);
    close_session(&rig);
}

static void the_session_is_set_for_the_promise(void **state)
{
    static const struct pg_statement settings = {
        NULL, "select count(*) from pg_settings where (name, setting) in"
              " (('synchronous_commit', 'on'), ('client_encoding', 'UTF8'),"
              "  ('application_name', 'conn_server_test'))"};
    (void)state;
    struct rig rig;
    open_session(&rig);
    ask(&rig, (struct pg_step[]){{&settings, NULL, 0}}, 1);
    assert_int_equal(rig.first, 3);
    close_session(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_statements_answer_together),
        cmocka_unit_test(the_failing_statement_is_named),
        cmocka_unit_test(a_missing_table_stops_for_good),
        cmocka_unit_test(only_one_request_is_under_way),
        cmocka_unit_test(a_statement_that_takes_too_long_ends_the_session),
        cmocka_unit_test(a_session_that_the_server_ends_comes_back),
        cmocka_unit_test(a_dropped_session_is_told_from_the_loop),
        cmocka_unit_test(a_statement_that_the_server_has_forgotten_needs_a_new_session),
        cmocka_unit_test(big_values_go_both_ways),
        cmocka_unit_test(the_second_host_is_tried),
        cmocka_unit_test(the_session_is_set_for_the_promise),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
