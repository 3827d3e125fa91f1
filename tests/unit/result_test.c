/* SPDX-License-Identifier: Apache-2.0 */
/* The getters over results made by hand: no server is needed for libpq to carry values. */
#include "pg/result.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { BOOL = 16, BYTEA = 17, INT8 = 20, INT2 = 21, INT4 = 23, TEXT = 25, TIMESTAMPTZ = 1184 };

struct cell {
    unsigned type;
    const char *bytes; /* NULL: SQL NULL */
    int len;
};

static PGresult *row_of(const struct cell *cells, int n, int format)
{
    static char name[] = "c";
    PGresAttDesc attributes[8] = {0};
    for (int i = 0; i < n; i++) {
        attributes[i].name = name;
        attributes[i].typid = cells[i].type;
        attributes[i].format = format;
    }
    PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    assert_int_equal(PQsetResultAttrs(r, n, attributes), 1);
    for (int i = 0; i < n; i++) {
        /* libpq copies the value; its signature lacks const. */
        union {
            const char *in;
            char *out;
        } value = {cells[i].bytes};
        assert_int_equal(PQsetvalue(r, 0, i, value.out, value.in ? cells[i].len : -1), 1);
    }
    return r;
}

static void integers_of_every_width_are_read(void **state)
{
    (void)state;
    const struct cell cells[] = {{INT2, "\xff\xfe", 2},
                                 {INT4, "\x00\x01\x00\x00", 4},
                                 {INT8, "\x80\x00\x00\x00\x00\x00\x00\x00", 8}};
    PGresult *r = row_of(cells, 3, 1);
    int64_t v = 0;
    assert_true(result_int(r, 0, 0, &v));
    assert_int_equal(v, -2);
    assert_true(result_int(r, 0, 1, &v));
    assert_int_equal(v, 65536);
    assert_true(result_int(r, 0, 2, &v));
    assert_true(v == INT64_MIN);
    PQclear(r);
}

static void a_value_of_another_type_or_length_does_not_fit(void **state)
{
    (void)state;
    const struct cell cells[] = {{TEXT, "12345678", 8}, {INT8, "\x01\x02", 2}, {INT8, NULL, 0}};
    PGresult *r = row_of(cells, 3, 1);
    int64_t v = 7;
    bool b = true;
    struct span s = SPAN_NONE;
    for (int col = 0; col < 3; col++) {
        assert_false(result_int(r, 0, col, &v));
        assert_false(result_bool(r, 0, col, &b));
        assert_false(result_time(r, 0, col, &v));
    }
    assert_false(result_text(r, 0, 1, &s));
    assert_int_equal(v, 7);
    PQclear(r);
}

static void a_cell_outside_the_result_is_null(void **state)
{
    (void)state;
    const struct cell cells[] = {{TEXT, "x", 1}};
    PGresult *r = row_of(cells, 1, 1);
    assert_true(result_null(r, 1, 0));
    assert_true(result_null(r, 0, 1));
    assert_true(result_null(r, 0, -1));
    assert_true(result_null(NULL, 0, 0));
    assert_false(result_null(r, 0, 0));
    assert_int_equal(result_rows(NULL), 0);
    PQclear(r);
}

static void text_format_is_refused(void **state)
{
    (void)state;
    const struct cell cells[] = {{TEXT, "x", 1}};
    PGresult *r = row_of(cells, 1, 0);
    struct span s = SPAN_NONE;
    assert_false(result_text(r, 0, 0, &s));
    PQclear(r);
}

static void text_and_bytes_keep_their_length(void **state)
{
    (void)state;
    const struct cell cells[] = {{TEXT, "隐患", 6}, {BYTEA, "a\0b", 3}, {BOOL, "\x01", 1}};
    PGresult *r = row_of(cells, 3, 1);
    struct span s = SPAN_NONE;
    bool b = false;
    assert_true(result_text(r, 0, 0, &s));
    assert_true(span_is(s, "隐患"));
    assert_false(result_text(r, 0, 1, &s));
    assert_true(result_bytes(r, 0, 1, &s));
    assert_int_equal(s.len, 3);
    assert_memory_equal(s.at, "a\0b", 3);
    assert_true(result_bool(r, 0, 2, &b));
    assert_true(b);
    PQclear(r);
}

static void times_count_from_1970_and_infinity_does_not_fit(void **state)
{
    (void)state;
    const struct cell cells[] = {{TIMESTAMPTZ, "\0\0\0\0\0\0\0\0", 8},
                                 {TIMESTAMPTZ, "\xff\xff\xff\xff\xff\xff\xff\xff", 8},
                                 {TIMESTAMPTZ, "\x7f\xff\xff\xff\xff\xff\xff\xff", 8},
                                 {TIMESTAMPTZ, "\x80\0\0\0\0\0\0\0", 8}};
    PGresult *r = row_of(cells, 4, 1);
    int64_t us = 0;
    assert_true(result_time(r, 0, 0, &us));
    assert_true(us == INT64_C(946684800000000));
    assert_true(result_time(r, 0, 1, &us));
    assert_true(us == INT64_C(946684799999999));
    assert_false(result_time(r, 0, 2, &us));
    assert_false(result_time(r, 0, 3, &us));
    PQclear(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_of_every_width_are_read),
        cmocka_unit_test(a_value_of_another_type_or_length_does_not_fit),
        cmocka_unit_test(a_cell_outside_the_result_is_null),
        cmocka_unit_test(text_format_is_refused),
        cmocka_unit_test(text_and_bytes_keep_their_length),
        cmocka_unit_test(times_count_from_1970_and_infinity_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
