/* SPDX-License-Identifier: Apache-2.0 */
/* binary: bytes as the server's send functions give them (values taken from `select …::bytea` of a
 * PostgreSQL 15: numeric_send, uuid_send, …). */
#include "pg/binary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/digest.h"

static struct buf b;

static int an_empty_buf(void **state)
{
    (void)state;
    buf_init(&b, 0);
    return 0;
}

static int and_its_end(void **state)
{
    (void)state;
    buf_free(&b);
    return mem_live() == 0 ? 0 : -1;
}

static void assert_bytes(const char *hex)
{
    char text[512];
    assert_true(2 * b.len < sizeof text);
    hex_encode((const uint8_t *)b.data, b.len, text);
    assert_string_equal(text, hex);
    buf_reset(&b);
}

static void numbers_take_the_size_of_their_column(void **state)
{
    (void)state;
    binary_int(&b, PG_INT8, -2);
    assert_bytes("00000008fffffffffffffffe");
    binary_int(&b, PG_INT4, 7);
    assert_bytes("0000000400000007");
    binary_int(&b, PG_INT2, -1);
    assert_bytes("00000002ffff");
    binary_int(&b, PG_INT4, INT64_C(1) << 40);
    assert_bytes("ffffffff");
    binary_bool(&b, true);
    assert_bytes("0000000101");
}

static void times_count_from_2000(void **state)
{
    (void)state;
    binary_time(&b, INT64_C(946684800000000));
    assert_bytes("000000080000000000000000");
    binary_day(&b, 10957);
    assert_bytes("0000000400000000");
    binary_day(&b, 0);
    assert_bytes("00000004ffffd533");
}

static void decimals_are_exact(void **state)
{
    static const struct {
        const char *text, *hex;
    } cases[] = {
        {"0", "000000080000000000000000"},
        {"-0.00", "000000080000000000000002"},
        {"1", "0000000a00010000000000000001"},
        {"-1.5", "0000000c000200004000000100011388"},
        {"12345.6700", "0000000e0003000100000004000109291a2c"},
        {"0.0001", "0000000a0001ffff000000040001"},
        {"0.00001", "0000000a0001fffe0000000503e8"},
        {"10000", "0000000a00010001000000000001"},
        {"00012", "0000000a0001000000000000000c"},
        {"99999999", "0000000c0002000100000000270f270f"},
        {"1.", "0000000a00010000000000000001"},
        {"", "ffffffff"},
        {"1e5", "ffffffff"},
        {"--1", "ffffffff"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        binary_numeric(&b, span_of(cases[i].text));
        assert_bytes(cases[i].hex);
    }
}

static void absent_is_null_and_empty_is_not(void **state)
{
    (void)state;
    binary_bytes(&b, SPAN_NONE);
    assert_bytes("ffffffff");
    binary_bytes(&b, SPAN_LIT(""));
    assert_bytes("00000000");
    binary_bytes(&b, SPAN_LIT("ab"));
    assert_bytes("000000026162");
    binary_jsonb(&b, SPAN_LIT("{}"));
    assert_bytes("00000003017b7d");
    binary_jsonb(&b, SPAN_NONE);
    assert_bytes("ffffffff");
}

static void uuids_lose_their_dashes(void **state)
{
    (void)state;
    binary_uuid(&b, SPAN_LIT("0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01"));
    assert_bytes("000000100192f3c48a107d319f6e2b6f5a1c9e01");
    binary_uuid(&b, SPAN_LIT("0192f3c4"));
    assert_bytes("ffffffff");
}

static void an_array_knows_its_length_at_the_end(void **state)
{
    (void)state;
    struct binary_array a = binary_array_begin(&b, PG_TEXT);
    binary_bytes(&b, SPAN_LIT("x"));
    binary_null(&b);
    binary_array_end(&a, 2);
    assert_bytes("0000000100000001000000190000000200000001"
                 "0000000178"
                 "ffffffff");
}

#define T(name) cmocka_unit_test_setup_teardown(name, an_empty_buf, and_its_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(numbers_take_the_size_of_their_column),
        T(times_count_from_2000),
        T(decimals_are_exact),
        T(absent_is_null_and_empty_is_not),
        T(uuids_lose_their_dashes),
        T(an_array_knows_its_length_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
