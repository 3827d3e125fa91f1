/* SPDX-License-Identifier: Apache-2.0 */
/* A session without a server: what cannot be reached is tried again, what does not answer is left
 * in time, and memory that is short is said. (With a server: tests/system/conn_server_test.c.) */
#include "pg/conn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"

struct rig {
    uv_loop_t loop;
    uv_timer_t timer;
    struct conn *conn;
    int closed;
};

/* A port that nobody listens on, or (backlog > 0) one where connections are taken and never
 * answered. */
static int listen_on(uint16_t *port, int backlog)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *port = ntohs(at.sin_port);
    assert_true(backlog == 0 || listen(fd, backlog) == 0);
    return fd;
}

static void must_not_come_up(void *arg)
{
    (void)arg;
    fail_msg("there is no server");
}

static void must_not_go_down(void *arg, enum err err, const char *why)
{
    (void)arg;
    fail_msg("it was never up: %s %s", err_text(err), why);
}

static const struct conn_events events = {must_not_come_up, must_not_go_down};

static enum err make(struct rig *rig, const char *conninfo)
{
    struct conn_config config = {.who = "test",
                                 .conninfo = conninfo,
                                 .application = "test",
                                 .connect_timeout_ms = 100,
                                 .request_timeout_ms = 50,
                                 .retry_first_ms = 1,
                                 .retry_max_ms = 5};
    return conn_new(&rig->conn, &rig->loop, &config, &events, rig);
}

static void open_rig(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    assert_int_equal(uv_loop_init(&rig->loop), 0);
}

static void on_closed(void *arg)
{
    ((struct rig *)arg)->closed++;
}

static void close_rig(struct rig *rig)
{
    if (rig->conn) {
        conn_close(rig->conn, on_closed, rig);
    }
    (void)uv_run(&rig->loop, UV_RUN_DEFAULT);
    assert_int_equal(rig->closed, rig->conn ? 1 : 0);
    assert_int_equal(uv_loop_close(&rig->loop), 0);
    assert_int_equal(mem_live(), 0);
}

static void on_time(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
    uv_stop(timer->loop);
}

static void run_for(struct rig *rig, uint64_t ms)
{
    (void)uv_timer_init(&rig->loop, &rig->timer);
    (void)uv_timer_start(&rig->timer, on_time, ms, 0);
    (void)uv_run(&rig->loop, UV_RUN_DEFAULT);
}

/* Runs until the last error says the word: a loaded machine may need several attempts. */
static void run_until_it_says(struct rig *rig, const char *word)
{
    for (int i = 0; i < 250 && !strstr(conn_last_error(rig->conn), word); i++) {
        run_for(rig, 20);
    }
    assert_non_null(strstr(conn_last_error(rig->conn), word));
}

static void a_conninfo_that_does_not_parse_is_refused(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    assert_int_equal(make(&rig, "nosuchkeyword=1"), ERR_SYNTAX);
    close_rig(&rig);
}

static void a_refused_port_is_tried_again_and_again(void **state)
{
    (void)state;
    struct rig rig;
    uint16_t port;
    char conninfo[64];
    int fd = listen_on(&port, 0);
    (void)snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%u", port);
    open_rig(&rig);
    assert_int_equal(make(&rig, conninfo), ERR_OK);
    conn_start(rig.conn);
    run_until_it_says(&rig, "refused");
    close_rig(&rig);
    (void)close(fd);
}

static void a_server_that_takes_the_connection_and_is_silent_is_left(void **state)
{
    (void)state;
    struct rig rig;
    uint16_t port;
    char conninfo[64];
    int fd = listen_on(&port, 64);
    (void)snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%u", port);
    open_rig(&rig);
    assert_int_equal(make(&rig, conninfo), ERR_OK);
    conn_start(rig.conn);
    run_until_it_says(&rig, "in time");
    close_rig(&rig);
    (void)close(fd);
}

static void a_name_that_does_not_resolve_is_said(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    assert_int_equal(make(&rig, "host=no-such-host.invalid"), ERR_OK);
    conn_start(rig.conn);
    run_until_it_says(&rig, "resolve");
    close_rig(&rig);
}

static void nothing_can_be_sent_before_it_is_up(void **state)
{
    static const struct pg_statement one = {"one", "select 1"};
    (void)state;
    struct rig rig;
    struct pg_step step = {&one, NULL, 0};
    open_rig(&rig);
    assert_int_equal(make(&rig, "host=/nowhere"), ERR_OK);
    assert_int_equal(conn_send(rig.conn, &step, 1, 0, NULL, NULL), ERR_CLOSED);
    conn_start(rig.conn);
    assert_int_equal(conn_send(rig.conn, &step, 1, 0, NULL, NULL), ERR_CLOSED);
    assert_false(conn_ready(rig.conn));
    assert_false(conn_in_transaction(rig.conn));
    conn_drop(rig.conn, "without a session: nothing");
    close_rig(&rig);
}

static void it_can_be_closed_at_any_time(void **state)
{
    (void)state;
    uint16_t port;
    char conninfo[64];
    int fd = listen_on(&port, 64);
    (void)snprintf(conninfo, sizeof conninfo, "host=localhost port=%u", port);
    for (uint64_t ms = 0; ms < 60; ms += 5) {
        struct rig rig;
        open_rig(&rig);
        assert_int_equal(make(&rig, conninfo), ERR_OK);
        conn_start(rig.conn);
        run_for(&rig, ms);
        close_rig(&rig);
    }
    (void)close(fd);
}

static void short_memory_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    enum err err = ERR_NOMEM;
    for (size_t n = 1; err != ERR_OK; n++) {
        struct rig rig;
        open_rig(&rig);
        (void)mem_fail_at(n);
        err = make(&rig, "host=/nowhere");
        (void)mem_fail_at(0);
        assert_true(err == ERR_OK || err == ERR_NOMEM);
        if (err != ERR_OK) {
            rig.conn = NULL;
        }
        close_rig(&rig);
    }
}

static void short_memory_while_connecting_is_tried_again(void **state)
{
    (void)state;
    uint16_t port;
    char conninfo[64];
    int fd = listen_on(&port, 64);
    (void)snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%u", port);
    for (size_t n = 1; n < 8; n++) {
        struct rig rig;
        open_rig(&rig);
        assert_int_equal(make(&rig, conninfo), ERR_OK);
        (void)mem_fail_at(n);
        conn_start(rig.conn);
        run_for(&rig, 20);
        (void)mem_fail_at(0);
        close_rig(&rig);
    }
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_conninfo_that_does_not_parse_is_refused),
        cmocka_unit_test(a_refused_port_is_tried_again_and_again),
        cmocka_unit_test(a_server_that_takes_the_connection_and_is_silent_is_left),
        cmocka_unit_test(a_name_that_does_not_resolve_is_said),
        cmocka_unit_test(nothing_can_be_sent_before_it_is_up),
        cmocka_unit_test(it_can_be_closed_at_any_time),
        cmocka_unit_test(short_memory_is_an_error_and_leaks_nothing),
        cmocka_unit_test(short_memory_while_connecting_is_tried_again),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
