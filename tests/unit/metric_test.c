/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics are made once, and written as Prometheus reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "base/metric.h"

static int free_all(void **state)
{
    (void)state;
    metric_free_all();
    return 0;
}

static void the_same_name_and_labels_give_the_same_metric(void **state)
{
    (void)state;
    struct metric *a = metric_counter("x_total", "k=\"1\"", "X.");
    assert_ptr_equal(metric_counter("x_total", "k=\"1\"", "X."), a);
    assert_ptr_not_equal(metric_counter("x_total", "k=\"2\"", "X."), a);
    assert_null(metric_gauge("x_total", "k=\"1\"", "X."));
    metric_add(a, 2);
    metric_add(a, 0.5);
    assert_true(metric_value(a) > 2.4 && metric_value(a) < 2.6);
}

static void namesakes_stand_together_under_one_help(void **state)
{
    (void)state;
    metric_add(metric_counter("reports_total", "verdict=\"stored\"", "Reports by verdict."), 3);
    metric_set(metric_gauge("held_bytes", "", "Bytes held."), 1234567.25);
    metric_add(metric_counter("reports_total", "verdict=\"stale\"", "Reports by verdict."), 1);
    struct buf out;
    buf_init(&out, 0);
    metric_render(&out);
    assert_string_equal(buf_text(&out), "# HELP reports_total Reports by verdict.\n"
                                        "# TYPE reports_total counter\n"
                                        "reports_total{verdict=\"stored\"} 3\n"
                                        "reports_total{verdict=\"stale\"} 1\n"
                                        "# HELP held_bytes Bytes held.\n"
                                        "# TYPE held_bytes gauge\n"
                                        "held_bytes 1234567.25\n");
    buf_free(&out);
}

static void a_histogram_is_cumulative(void **state)
{
    (void)state;
    static const double bounds[] = {0.005, 0.5, 10};
    struct metric *h = metric_histogram("wait_seconds", "lane=\"1\"", "Wait.", bounds, 3);
    metric_observe(h, 0.005);
    metric_observe(h, 0.25);
    metric_observe(h, 0.25);
    metric_observe(h, 11.5);
    struct buf out;
    buf_init(&out, 0);
    metric_render(&out);
    assert_string_equal(buf_text(&out), "# HELP wait_seconds Wait.\n"
                                        "# TYPE wait_seconds histogram\n"
                                        "wait_seconds_bucket{lane=\"1\",le=\"0.005\"} 1\n"
                                        "wait_seconds_bucket{lane=\"1\",le=\"0.5\"} 3\n"
                                        "wait_seconds_bucket{lane=\"1\",le=\"10\"} 3\n"
                                        "wait_seconds_bucket{lane=\"1\",le=\"+Inf\"} 4\n"
                                        "wait_seconds_sum{lane=\"1\"} 12.005\n"
                                        "wait_seconds_count{lane=\"1\"} 4\n");
    buf_free(&out);
}

static void without_memory_there_is_no_metric_and_no_harm(void **state)
{
    (void)state;
    mem_fail_at(1);
    struct metric *m = metric_counter("y_total", "", "Y.");
    mem_fail_at(0);
    assert_null(m);
    metric_add(m, 1);
    metric_set(m, 1);
    metric_observe(m, 1);
    assert_true(metric_value(m) < 1);
    size_t before = mem_live();
    assert_non_null(metric_counter("y_total", "", "Y."));
    metric_free_all();
    assert_int_equal(mem_live(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_same_name_and_labels_give_the_same_metric, free_all),
        cmocka_unit_test_teardown(namesakes_stand_together_under_one_help, free_all),
        cmocka_unit_test_teardown(a_histogram_is_cumulative, free_all),
        cmocka_unit_test_teardown(without_memory_there_is_no_metric_and_no_harm, free_all),
    };
    return cmocka_run_group_tests_name("metric", tests, NULL, NULL);
}
