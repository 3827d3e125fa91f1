/* SPDX-License-Identifier: Apache-2.0 */
/* Times and dates of the field: what is read, what is refused, and what is written again. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/civil_time.h"

static void instants_of_any_offset_are_written_in_shanghai_time(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"2020-11-02T09:00:00+08:00", "2020-11-02T09:00:00+08:00"},
        {"2020-11-02T01:00:00Z", "2020-11-02T09:00:00+08:00"},
        {"2020-11-02t01:00:00z", "2020-11-02T09:00:00+08:00"},
        {"2020-11-01T20:30:00-04:30", "2020-11-02T09:00:00+08:00"},
        {"2020-11-01T17:00:00Z", "2020-11-02T01:00:00+08:00"},
        {"2020-02-29T23:59:59.5+08:00", "2020-02-29T23:59:59.500000+08:00"},
        {"2020-02-29T00:00:00.000001+08:00", "2020-02-29T00:00:00.000001+08:00"},
        {"2020-02-29T00:00:00.0000019+08:00", "2020-02-29T00:00:00.000001+08:00"},
        {"2020-02-29T00:00:00.000000999+08:00", "2020-02-29T00:00:00+08:00"},
        {"1969-12-31T23:59:59.25Z", "1970-01-01T07:59:59.250000+08:00"},
        {"1900-01-01T00:00:00+08:00", "1900-01-01T00:00:00+08:00"},
        {"9999-12-31T23:59:59+08:00", "9999-12-31T23:59:59+08:00"},
        {"2000-02-29T12:00:00+08:00", "2000-02-29T12:00:00+08:00"},
        {"1988-07-01T12:00:00+08:00", "1988-07-01T12:00:00+08:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t us = 0;
        char text[TIME_TEXT_MAX];
        if (!time_parse(span_of(cases[i].in), &us)) {
            fail_msg("%s was refused", cases[i].in);
        }
        int len = time_format(us, text);
        assert_string_equal(text, cases[i].out);
        assert_int_equal(len, strlen(text));
    }
}

static void what_is_no_instant_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2020-11-02",
        "2020-11-02T09:00:00",
        "2020-11-02 09:00:00+08:00",
        "2020-11-02T09:00+08:00",
        "2020-11-02T09:00:60+08:00",
        "2020-11-02T24:00:00+08:00",
        "2020-11-02T09:60:00+08:00",
        "2020-11-02T09:00:00.+08:00",
        "2020-11-02T09:00:00.1234567890+08:00",
        "2020-11-02T09:00:00+0800",
        "2020-11-02T09:00:00+08",
        "2020-11-02T09:00:00+24:00",
        "2020-11-02T09:00:00+08:60",
        "2020-11-02T09:00:00+08:00 ",
        "2020-02-30T09:00:00+08:00",
        "2021-02-29T09:00:00+08:00",
        "2100-02-29T09:00:00+08:00",
        "1899-12-31T09:00:00+08:00",
        "0000-01-01T09:00:00+08:00",
        "2020-00-01T09:00:00+08:00",
        "2020-13-01T09:00:00+08:00",
        "2020-1-01T09:00:00+08:00",
        "20201102090000",
        "1900-01-01T00:00:00+09:00",
        "9999-12-31T23:59:59Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t us = 0;
        if (time_parse(span_of(bad[i]), &us)) {
            fail_msg("%s was taken", bad[i]);
        }
    }
}

static void every_day_of_a_thousand_years_counts_up_by_one(void **state)
{
    (void)state;
    int64_t first = date_days((struct civil_date){1600, 1, 1});
    int64_t last = date_days((struct civil_date){2600, 1, 1});
    assert_int_equal(last - first, 365243);
    struct civil_date before = date_of_days(first - 1);
    assert_int_equal(before.year, 1599);
    for (int64_t day = first; day <= last; day++) {
        struct civil_date d = date_of_days(day);
        assert_int_equal(date_days(d), day);
        assert_true(d.day == before.day + 1 || d.day == 1);
        before = d;
    }
    assert_int_equal(date_days((struct civil_date){1970, 1, 1}), 0);
    assert_int_equal(date_days((struct civil_date){2020, 4, 7}), 18359);
}

static void the_civil_date_is_that_of_shanghai(void **state)
{
    (void)state;
    int64_t us = 0;
    assert_true(time_parse(span_of("2020-10-31T16:00:00Z"), &us));
    struct civil_date d = date_of_time(us);
    assert_true(d.year == 2020 && d.month == 11 && d.day == 1);
    d = date_of_time(us - 1);
    assert_true(d.year == 2020 && d.month == 10 && d.day == 31);
    d = date_of_time(-INT64_C(8) * 3600 * 1000000 - 1);
    assert_true(d.year == 1969 && d.month == 12 && d.day == 31);
}

static void dates_are_days_that_exist(void **state)
{
    (void)state;
    struct civil_date d;
    assert_true(date_parse(span_of("2020-02-29"), &d));
    assert_true(d.year == 2020 && d.month == 2 && d.day == 29);
    static const char *const bad[] = {"2021-02-29", "2020-04-31", "2020-4-7",    "2020/04/07",
                                      "20200407",   "2020-04-00", "2020-04-07T", "\xE9\x95\xBF"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(date_parse(span_of(bad[i]), &d));
    }
}

static void periods_give_their_first_and_last_day(void **state)
{
    (void)state;
    static const struct {
        const char *in, *first, *last;
    } cases[] = {
        {"2020", "2020-01-01", "2020-12-31"},       {"2020-Q1", "2020-01-01", "2020-03-31"},
        {"2020-Q4", "2020-10-01", "2020-12-31"},    {"2020-02", "2020-02-01", "2020-02-29"},
        {"2021-02", "2021-02-01", "2021-02-28"},    {"2020-11", "2020-11-01", "2020-11-30"},
        {"2020-11-05", "2020-11-05", "2020-11-05"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct civil_date first;
        struct civil_date last;
        struct civil_date want;
        assert_true(period_parse(span_of(cases[i].in), &first, &last));
        assert_true(date_parse(span_of(cases[i].first), &want));
        assert_int_equal(date_days(first), date_days(want));
        assert_true(date_parse(span_of(cases[i].last), &want));
        assert_int_equal(date_days(last), date_days(want));
    }
}

static void what_is_no_period_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",        "20",      "2020-",      "2020-Q0",    "2020-Q5",
                                      "2020-q1", "2020-00", "2020-13",    "2020-Q1x",   "2020-1",
                                      "202011",  "2020-W1", "2020-11-31", "2020-11-05x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct civil_date first;
        struct civil_date last;
        if (period_parse(span_of(bad[i]), &first, &last)) {
            fail_msg("%s was taken", bad[i]);
        }
    }
}

static void the_time_zone_of_the_process_changes_nothing(void **state)
{
    (void)state;
    char text[TIME_TEXT_MAX];
    setenv("TZ", "America/New_York", 1);
    time_format(0, text);
    unsetenv("TZ");
    assert_string_equal(text, "1970-01-01T08:00:00+08:00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_of_any_offset_are_written_in_shanghai_time),
        cmocka_unit_test(what_is_no_instant_is_refused),
        cmocka_unit_test(every_day_of_a_thousand_years_counts_up_by_one),
        cmocka_unit_test(the_civil_date_is_that_of_shanghai),
        cmocka_unit_test(dates_are_days_that_exist),
        cmocka_unit_test(periods_give_their_first_and_last_day),
        cmocka_unit_test(what_is_no_period_is_refused),
        cmocka_unit_test(the_time_zone_of_the_process_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
