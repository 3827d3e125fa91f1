/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP server answers over a real socket, on the test's own loop, and cuts off who dawdles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin/health.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/metric.h"

#define PATIENCE_MS 5000

static uv_loop_t loop;
static struct http *server;
static bool gateway_ready;
static char answer[65536];

static void reasons(void *ctx, health_say say, void *arg)
{
    (void)ctx;
    if (!gateway_ready) {
        say(arg, "lane 1", "no \"database\"");
        say(arg, "feed", "no <broker>");
    }
}

static void figures(void *ctx, bool english, health_say say, void *arg)
{
    (void)ctx;
    say(arg, english ? "Stored" : "已入库", "1042");
}

static const struct health_ops ops = {reasons, figures};
static struct health health = {&ops, NULL};

static const struct http_settings quick = {"127.0.0.1", 0, 4, 100};

static int start(void **state)
{
    (void)state;
    struct buf why;
    buf_init(&why, 0);
    gateway_ready = true;
    int bad = uv_loop_init(&loop) != 0 ||
              http_new(&server, &loop, &quick, health_routes, &health, &why) != ERR_OK;
    buf_free(&why);
    return bad;
}

static void note_closed(void *arg)
{
    *(int *)arg = 1;
}

static int stop(void **state)
{
    (void)state;
    int closed = 0;
    http_close(server, note_closed, &closed);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    return !closed || uv_loop_close(&loop) != 0;
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)(const void *)&a, sizeof(a)), 0);
    return fd;
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Turns the loop until the peer has closed (or, where `until` is given, has said it); what came
 * stands in answer. */
static bool receive(int fd, const char *until)
{
    size_t len = 0;
    int64_t end = clock_steady_ms(&clock_system) + PATIENCE_MS;
    while (clock_steady_ms(&clock_system) < end) {
        (void)uv_run(&loop, UV_RUN_NOWAIT);
        ssize_t n = recv(fd, answer + len, sizeof(answer) - 1 - len, MSG_DONTWAIT);
        len += n > 0 ? (size_t)n : 0;
        answer[len] = '\0';
        if (until ? strstr(answer, until) != NULL : n == 0 || (n < 0 && errno == ECONNRESET)) {
            return true;
        }
        (void)usleep(500);
    }
    return false;
}

static const char *fetch(const char *method, const char *path)
{
    char request[256];
    (void)snprintf(request, sizeof(request),
                   "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", method, path);
    int fd = connect_to(http_port(server));
    send_text(fd, request);
    assert_true(receive(fd, NULL));
    (void)close(fd);
    return answer;
}

static const char *body_of(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    return end ? end + 4 : "";
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fail_msg("%s is not in: %s", part, text);
    }
}

static void alive_is_always_ok(void **state)
{
    (void)state;
    gateway_ready = false;
    assert_has(fetch("GET", "/healthz"), "HTTP/1.1 200 ");
    assert_has(answer, "Content-Type: text/plain");
    assert_string_equal(body_of(answer), "ok\n");
}

static void head_has_no_body(void **state)
{
    (void)state;
    assert_has(fetch("HEAD", "/healthz"), "HTTP/1.1 200 ");
    assert_has(answer, "Content-Length: 3\r\n");
    assert_string_equal(body_of(answer), "");
}

static void what_is_not_there_is_404_and_other_methods_405(void **state)
{
    (void)state;
    assert_has(fetch("GET", "/nothing"), "HTTP/1.1 404 ");
    assert_has(fetch("GET", "/healthz/"), "HTTP/1.1 404 ");
    assert_has(fetch("POST", "/nothing"), "HTTP/1.1 404 ");
    assert_has(fetch("DELETE", "/healthz"), "HTTP/1.1 405 ");
    assert_has(answer, "Allow: GET, HEAD\r\n");
}

static void a_body_is_not_waited_for(void **state)
{
    (void)state;
    int fd = connect_to(http_port(server));
    send_text(fd, "POST /readyz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc");
    assert_true(receive(fd, "HTTP/1.1 405 "));
    (void)close(fd);
}

static void a_get_with_a_body_is_answered_all_the_same(void **state)
{
    (void)state;
    int fd = connect_to(http_port(server));
    send_text(fd, "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    assert_true(receive(fd, "\r\n\r\nok\n"));
    (void)close(fd);
}

static void not_ready_is_503_with_reasons(void **state)
{
    (void)state;
    assert_has(fetch("GET", "/readyz"), "HTTP/1.1 200 ");
    assert_string_equal(body_of(answer), "{\"reasons\":[],\"ready\":true}\n");
    gateway_ready = false;
    assert_has(fetch("GET", "/readyz"), "HTTP/1.1 503 ");
    assert_has(answer, "Content-Type: application/json");
    assert_string_equal(body_of(answer),
                        "{\"reasons\":[{\"who\":\"lane 1\",\"why\":\"no \\\"database\\\"\"},"
                        "{\"who\":\"feed\",\"why\":\"no <broker>\"}],\"ready\":false}\n");
}

static void metrics_are_rendered(void **state)
{
    (void)state;
    metric_add(metric_counter("test_total", "", "Test."), 3);
    assert_has(fetch("GET", "/metrics"), "Content-Type: text/plain; version=0.0.4");
    assert_has(answer, "\ntest_total 3\n");
    metric_free_all();
}

static void the_page_speaks_chinese_and_english(void **state)
{
    (void)state;
    assert_has(fetch("GET", "/"), "<html lang=\"zh-CN\">");
    assert_has(answer, "http-equiv=\"refresh\" content=\"2\"");
    assert_has(answer, "<th scope=\"row\">已入库</th><td>1042</td>");
    assert_has(answer, "运行正常");
    gateway_ready = false;
    assert_has(fetch("GET", "/?lang=en"), "<html lang=\"en\">");
    assert_has(answer, "Stored");
    assert_has(answer, "no &lt;broker&gt;");
    assert_has(answer, "Not ready");
}

static void a_kept_connection_is_answered_again(void **state)
{
    (void)state;
    int fd = connect_to(http_port(server));
    send_text(fd, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(receive(fd, "ok\n"));
    send_text(fd, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_true(receive(fd, "\"ready\":true"));
    assert_true(receive(fd, NULL)); /* and ends when no third request comes */
    (void)close(fd);
}

static void a_header_that_drips_is_cut_off(void **state)
{
    (void)state;
    int fd = connect_to(http_port(server));
    send_text(fd, "GET /healthz HTTP/1.1\r\nX: ");
    int64_t begin = clock_steady_ms(&clock_system);
    bool ended = false;
    while (!ended && clock_steady_ms(&clock_system) - begin < PATIENCE_MS) {
        char c = 'x';
        (void)send(fd, &c, 1, MSG_NOSIGNAL);
        (void)uv_run(&loop, UV_RUN_NOWAIT);
        ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT);
        ended = n == 0 || (n < 0 && errno != EAGAIN);
        (void)usleep(2000);
    }
    assert_true(ended);
    assert_in_range(clock_steady_ms(&clock_system) - begin, 80, 2000);
    (void)close(fd);
}

static void idlers_at_the_limit_make_room(void **state)
{
    (void)state;
    int idle[4];
    for (size_t i = 0; i < 4; i++) {
        idle[i] = connect_to(http_port(server));
    }
    assert_has(fetch("GET", "/healthz"), "HTTP/1.1 200 ");
    for (size_t i = 0; i < 4; i++) {
        (void)close(idle[i]);
    }
}

static void end_turn(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void the_loop_rests_while_nothing_happens(void **state)
{
    (void)state;
    fetch("GET", "/healthz");
    int fd = connect_to(http_port(server)); /* an idle peer */
    int turns = 0;
    int64_t end = clock_steady_ms(&clock_system) + 60;
    static uv_timer_t pulse;
    assert_int_equal(uv_timer_init(&loop, &pulse), 0);
    while (clock_steady_ms(&clock_system) < end) {
        assert_int_equal(uv_timer_start(&pulse, end_turn, 10, 0), 0);
        (void)uv_run(&loop, UV_RUN_ONCE);
        turns++;
    }
    assert_in_range(turns, 1, 60);
    uv_close((uv_handle_t *)&pulse, NULL);
    (void)close(fd);
}

static void a_taken_port_is_told(void **state)
{
    (void)state;
    struct http *second;
    struct buf why;
    char want[80];
    buf_init(&why, 0);
    struct http_settings same = quick;
    same.port = http_port(server);
    assert_int_equal(http_new(&second, &loop, &same, health_routes, &health, &why), ERR_IO);
    assert_null(second);
    (void)snprintf(want, sizeof(want), "127.0.0.1 port %u: Address already in use", same.port);
    assert_string_equal(buf_text(&why), want);
    buf_reset(&why);
    same.host = "localhost";
    assert_int_equal(http_new(&second, &loop, &same, health_routes, &health, &why), ERR_INVALID);
    assert_string_equal(buf_text(&why), "localhost is no numeric address");
    buf_free(&why);
}

static void without_memory_a_request_is_refused_or_500(void **state)
{
    (void)state;
    size_t before = mem_live();
    for (size_t n = 1; n < 12; n++) {
        mem_fail_at(n);
        fetch("GET", "/readyz");
        size_t asked = mem_fail_at(0);
        for (int i = 0; i < 3; i++) {
            (void)uv_run(&loop, UV_RUN_NOWAIT);
        }
        assert_int_equal(mem_live(), before);
        if (asked < n) {
            assert_has(answer, "HTTP/1.1 200 ");
            return;
        }
        assert_true(answer[0] == '\0' || strstr(answer, " 500 ") || strstr(answer, " 200 "));
    }
    fail();
}

#define SERVED(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVED(alive_is_always_ok),
        SERVED(head_has_no_body),
        SERVED(what_is_not_there_is_404_and_other_methods_405),
        SERVED(a_body_is_not_waited_for),
        SERVED(a_get_with_a_body_is_answered_all_the_same),
        SERVED(not_ready_is_503_with_reasons),
        SERVED(metrics_are_rendered),
        SERVED(the_page_speaks_chinese_and_english),
        SERVED(a_kept_connection_is_answered_again),
        SERVED(a_header_that_drips_is_cut_off),
        SERVED(idlers_at_the_limit_make_room),
        SERVED(the_loop_rests_while_nothing_happens),
        SERVED(a_taken_port_is_told),
        SERVED(without_memory_a_request_is_refused_or_500),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
