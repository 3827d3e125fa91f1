/* SPDX-License-Identifier: Apache-2.0 */
/* tally: what the database counts is shown once, by adapter, verdict and reason. */
#include "pipe/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/metric.h"

static struct tally tally;

static int given_a_tally(void **state)
{
    (void)state;
    tally_init(&tally);
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    tally_free(&tally);
    metric_free_all();
    return mem_live() == 0 ? 0 : -1;
}

static void say(const char *adapter, const char *verdict, const char *reason, int64_t n)
{
    assert_int_equal(tally_set(&tally, span_of(adapter), span_of(verdict), span_of(reason), n),
                     ERR_OK);
}

static double reports(const char *labels)
{
    return metric_value(metric_counter("dualgate_adapter_reports_total", labels, ""));
}

static double rejections(const char *labels)
{
    return metric_value(metric_counter("dualgate_rejections_total", labels, ""));
}

static void what_is_said_twice_is_shown_once(void **state)
{
    (void)state;
    say("hazchem", "stored", "", 7);
    tally_show(&tally);
    say("hazchem", "stored", "", 9);
    tally_show(&tally);
    tally_show(&tally);
    assert_true(reports("adapter=\"hazchem\",verdict=\"stored\"") == 9);
}

static void rejected_ones_stand_under_their_reasons_and_add_up(void **state)
{
    (void)state;
    say("canonical", "rejected", "unknown_code", 2);
    say("canonical", "rejected", "bad_date", 3);
    say("gongmao", "rejected", "bad_date", 5);
    tally_show(&tally);
    assert_true(rejections("adapter=\"canonical\",reason=\"unknown_code\"") == 2);
    assert_true(rejections("adapter=\"canonical\",reason=\"bad_date\"") == 3);
    assert_true(rejections("adapter=\"gongmao\",reason=\"bad_date\"") == 5);
    assert_true(reports("adapter=\"canonical\",verdict=\"rejected\"") == 5);
    assert_true(reports("adapter=\"gongmao\",verdict=\"rejected\"") == 5);
}

static void two_lanes_add_to_the_same_numbers(void **state)
{
    (void)state;
    struct tally other;
    tally_init(&other);
    say("hazchem", "stale", "", 1);
    assert_int_equal(tally_set(&other, SPAN_LIT("hazchem"), SPAN_LIT("stale"), SPAN_LIT(""), 4),
                     ERR_OK);
    tally_show(&tally);
    tally_show(&other);
    tally_free(&other);
    assert_true(reports("adapter=\"hazchem\",verdict=\"stale\"") == 5);
}

static void a_strange_name_breaks_no_label(void **state)
{
    (void)state;
    char name[300];
    struct buf out;
    memset(name, '"', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    buf_init(&out, 0);
    say(name, "stored", "", 1);
    say("a\nb\\", "stored", "", 2);
    tally_show(&tally);
    metric_render(&out);
    assert_non_null(strstr(buf_text(&out), "{adapter=\"a b\\\\\",verdict=\"stored\"} 2\n"));
    assert_non_null(strstr(buf_text(&out), "\\\"\",verdict=\"stored\"} 1\n"));
    buf_free(&out);
}

static void without_memory_the_next_saying_is_right(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 8; n++) {
        (void)mem_fail_at(n);
        (void)!tally_set(&tally, SPAN_LIT("micro"), SPAN_LIT("rejected"), SPAN_LIT("bad_date"), 3);
        tally_show(&tally);
        (void)mem_fail_at(0);
    }
    say("micro", "rejected", "bad_date", 4);
    tally_show(&tally);
    tally_show(&tally);
    assert_true(reports("adapter=\"micro\",verdict=\"rejected\"") == 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_said_twice_is_shown_once, given_a_tally, free_all),
        cmocka_unit_test_setup_teardown(rejected_ones_stand_under_their_reasons_and_add_up,
                                        given_a_tally, free_all),
        cmocka_unit_test_setup_teardown(two_lanes_add_to_the_same_numbers, given_a_tally, free_all),
        cmocka_unit_test_setup_teardown(a_strange_name_breaks_no_label, given_a_tally, free_all),
        cmocka_unit_test_setup_teardown(without_memory_the_next_saying_is_right, given_a_tally,
                                        free_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
