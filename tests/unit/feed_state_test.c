/* SPDX-License-Identifier: Apache-2.0 */
/* A receiver of feeds says every gap, delivers nothing twice, and goes on where it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/feed_state.h"

#define HAZARD "dp/v1/410411/feed/json/hazchem/410411001/hazard"
#define ZERO   "dp/v1/410411/feed/json/hazchem/410411001/zero_report"

static struct feed_state s;

static void open_state(const char *path, int64_t since)
{
    assert_int_equal(feed_state_open(&s, path, since), ERR_OK);
}

static enum feed_step take(const char *topic, int64_t seq, int64_t prev)
{
    enum feed_step step = FEED_REPEAT;
    assert_int_equal(feed_state_take(&s, span_of(topic), seq, prev, &step), ERR_OK);
    return step;
}

static int and_no_leak(void **state)
{
    (void)state;
    feed_state_close(&s);
    return mem_live() == 0 ? 0 : -1;
}

static void items_of_a_topic_follow_by_prev(void **state)
{
    (void)state;
    open_state(NULL, 0);
    assert_int_equal(take(HAZARD, 3, 0), FEED_NEXT);
    assert_int_equal(take(ZERO, 4, 0), FEED_NEXT);
    assert_int_equal(take(HAZARD, 7, 3), FEED_NEXT);
    assert_int_equal(take(ZERO, 9, 4), FEED_NEXT);
}

static void a_missing_item_is_a_gap(void **state)
{
    (void)state;
    open_state(NULL, 0);
    assert_int_equal(take(HAZARD, 3, 0), FEED_NEXT);
    assert_int_equal(take(HAZARD, 9, 5), FEED_GAP);
    /* It was said; what follows follows. */
    assert_int_equal(take(HAZARD, 11, 9), FEED_NEXT);
}

static void a_repeat_is_left_out(void **state)
{
    (void)state;
    open_state(NULL, 0);
    assert_int_equal(take(HAZARD, 3, 0), FEED_NEXT);
    assert_int_equal(take(HAZARD, 3, 0), FEED_REPEAT);
    assert_int_equal(take(HAZARD, 5, 3), FEED_NEXT);
    assert_int_equal(take(HAZARD, 3, 0), FEED_REPEAT);
    assert_int_equal(take(HAZARD, 6, 5), FEED_NEXT);
}

static void an_unknown_topic_may_begin_anywhere(void **state)
{
    (void)state;
    open_state(NULL, 0);
    assert_int_equal(take(HAZARD, 900, 890), FEED_NEXT);
    assert_int_equal(take(HAZARD, 910, 905), FEED_GAP);
}

static void who_says_from_where_is_told_what_is_missing_from_there(void **state)
{
    (void)state;
    open_state(NULL, 100);
    assert_int_equal(take(HAZARD, 100, 90), FEED_REPEAT);
    assert_int_equal(take(HAZARD, 105, 90), FEED_NEXT);
    assert_int_equal(take(ZERO, 107, 103), FEED_GAP);
}

static void a_saved_state_goes_on_where_it_was(void **state)
{
    (void)state;
    char path[] = "/tmp/feed_state_test.XXXXXX";
    char client_id[sizeof s.client_id];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    open_state(path, 0);
    assert_int_equal(take(HAZARD, 3, 0), FEED_NEXT);
    memcpy(client_id, s.client_id, sizeof client_id);
    assert_int_equal(feed_state_save(&s), ERR_OK);
    feed_state_close(&s);

    open_state(path, 0);
    (void)unlink(path);
    assert_string_equal(s.client_id, client_id);
    assert_int_equal(take(HAZARD, 3, 0), FEED_REPEAT);
    assert_int_equal(take(HAZARD, 8, 5), FEED_GAP);
}

static void a_file_of_another_form_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"client short", HAZARD " x", "no_blank"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char path[] = "/tmp/feed_state_test.XXXXXX";
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_int_equal(dprintf(fd, "%s\n", wrong[i]), (int)strlen(wrong[i]) + 1);
        (void)close(fd);
        enum err e = feed_state_open(&s, path, 0);
        (void)unlink(path);
        assert_int_equal(e, ERR_SYNTAX);
        feed_state_close(&s);
    }
    open_state(NULL, 0);
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    open_state(NULL, 0);
    enum err e = ERR_NOMEM;
    for (size_t n = 1; e == ERR_NOMEM; n++) {
        enum feed_step step;
        (void)mem_fail_at(n);
        e = feed_state_take(&s, SPAN_LIT(HAZARD), 3, 0, &step);
        (void)mem_fail_at(0);
    }
    assert_int_equal(e, ERR_OK);
    assert_int_equal(take(HAZARD, 9, 5), FEED_GAP);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_teardown(test, and_no_leak)
    const struct CMUnitTest tests[] = {
        CASE(items_of_a_topic_follow_by_prev),
        CASE(a_missing_item_is_a_gap),
        CASE(a_repeat_is_left_out),
        CASE(an_unknown_topic_may_begin_anywhere),
        CASE(who_says_from_where_is_told_what_is_missing_from_there),
        CASE(a_saved_state_goes_on_where_it_was),
        CASE(a_file_of_another_form_is_refused),
        CASE(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
