/* SPDX-License-Identifier: Apache-2.0 */
/* A line says when, how bad, who and what; repeats are counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

static struct clock_fake time_fake;
static int stderr_kept;
static int pipe_ends[2];

static int catch_stderr(void **state)
{
    (void)state;
    clock_fake_init(&time_fake, INT64_C(1604278800123456)); /* 2020-11-02T01:00:00.123456Z */
    log_set_clock(&time_fake.clock);
    log_set_level(LOG_LEVEL_INFO);
    stderr_kept = dup(STDERR_FILENO);
    return pipe2(pipe_ends, O_NONBLOCK | O_CLOEXEC) != 0 || dup2(pipe_ends[1], STDERR_FILENO) < 0;
}

static int release_stderr(void **state)
{
    (void)state;
    log_finish();
    log_set_clock(NULL);
    (void)dup2(stderr_kept, STDERR_FILENO);
    (void)close(stderr_kept);
    (void)close(pipe_ends[0]);
    (void)close(pipe_ends[1]);
    return 0;
}

/* What was logged since the last call. */
static const char *logged(void)
{
    static char text[8192];
    ssize_t n = read(pipe_ends[0], text, sizeof(text) - 1);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void a_line_has_time_level_who_and_pairs(void **state)
{
    (void)state;
    log_warn("lane 1", "event=commit_failed batch=%d", 7);
    assert_string_equal(logged(), "2020-11-02T09:00:00.123+08:00 level=warn who=\"lane 1\" "
                                  "event=commit_failed batch=7\n");
}

static void a_text_of_several_lines_is_logged_whole_and_every_time(void **state)
{
    (void)state;
    static const char *const want =
        "2020-11-02T09:00:00.123+08:00 level=error who=\"reload\" event=refused text=\"a:1:2: x\"\n"
        "2020-11-02T09:00:00.123+08:00 level=error who=\"reload\" event=refused text=\"b y\"\n";
    log_lines(LOG_LEVEL_ERROR, "reload", "refused", "a:1:2: x\n\nb\ty\n");
    assert_string_equal(logged(), want);
    log_lines(LOG_LEVEL_ERROR, "reload", "refused", "a:1:2: x\nb\ty");
    assert_string_equal(logged(), want);
    log_lines(LOG_LEVEL_DEBUG, "reload", "refused", "below the level\n");
    assert_string_equal(logged(), "");
}

static void days_are_counted_without_a_time_zone(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *head;
    } cases[] = {
        {1582905599, "2020-02-28T23:59:59.123+08:00 "},
        {1582905600, "2020-02-29T00:00:00.123+08:00 "},
        {1582992000, "2020-03-01T00:00:00.123+08:00 "},
        {1609430400, "2021-01-01T00:00:00.123+08:00 "},
        {4107484800, "2100-02-28T16:00:00.123+08:00 "},
        {4107571200, "2100-03-01T16:00:00.123+08:00 "},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        log_finish();
        time_fake.wall_us = cases[i].seconds * 1000000 + 123000;
        log_info("t", "event=day");
        assert_memory_equal(logged(), cases[i].head, strlen(cases[i].head));
    }
}

static void what_is_below_the_level_is_silent(void **state)
{
    (void)state;
    log_debug("t", "event=quiet");
    assert_string_equal(logged(), "");
    log_set_level(LOG_LEVEL_ERROR);
    log_warn("t", "event=quiet");
    log_error("t", "event=loud");
    assert_non_null(strstr(logged(), "level=error who=\"t\" event=loud\n"));
}

static void repeats_are_counted_and_said_once(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        log_warn("lane 1", "event=lost n=%d", i);
    }
    assert_non_null(strstr(logged(), "event=lost n=0\n"));
    assert_string_equal(logged(), "");

    clock_fake_advance_ms(&time_fake, 9999);
    log_flush_repeats();
    assert_string_equal(logged(), "");
    clock_fake_advance_ms(&time_fake, 1);
    log_flush_repeats();
    assert_string_equal(logged(), "2020-11-02T09:00:10.123+08:00 level=warn who=\"lane 1\" "
                                  "event=lost n=49 repeated=49\n");
    log_flush_repeats();
    assert_string_equal(logged(), "");
    log_warn("lane 1", "event=lost n=%d", 50);
    assert_non_null(strstr(logged(), "event=lost n=50\n"));
}

static void another_who_is_no_repeat(void **state)
{
    (void)state;
    log_info("lane 1", "event=up");
    log_info("lane 2", "event=up");
    const char *text = logged();
    assert_non_null(strstr(text, "lane 1"));
    assert_non_null(strstr(text, "lane 2"));
}

static void at_the_end_every_count_is_said(void **state)
{
    (void)state;
    log_info("t", "event=again");
    log_info("t", "event=again");
    log_finish();
    assert_non_null(strstr(logged(), "event=again repeated=1\n"));
}

static void foreign_text_cannot_begin_a_line(void **state)
{
    (void)state;
    log_info("t", "event=x text=\"%s\"", "a\nlevel=error\x1b[31m");
    const char *text = logged();
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    assert_null(strchr(text, '\x1b'));
}

static void a_long_line_is_cut(void **state)
{
    (void)state;
    log_info("t", "event=long text=%05000d", 1);
    const char *text = logged();
    assert_true(strlen(text) < 2100);
    assert_int_equal(text[strlen(text) - 1], '\n');
}

#define QUIET_TEST(f) cmocka_unit_test_setup_teardown(f, catch_stderr, release_stderr)

int main(void)
{
    const struct CMUnitTest tests[] = {
        QUIET_TEST(a_line_has_time_level_who_and_pairs),
        QUIET_TEST(a_text_of_several_lines_is_logged_whole_and_every_time),
        QUIET_TEST(days_are_counted_without_a_time_zone),
        QUIET_TEST(what_is_below_the_level_is_silent),
        QUIET_TEST(repeats_are_counted_and_said_once),
        QUIET_TEST(another_who_is_no_repeat),
        QUIET_TEST(at_the_end_every_count_is_said),
        QUIET_TEST(foreign_text_cannot_begin_a_line),
        QUIET_TEST(a_long_line_is_cut),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
