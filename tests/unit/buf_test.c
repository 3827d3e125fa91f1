/* SPDX-License-Identifier: Apache-2.0 */
/* A buffer grows to its maximum, remembers its first failure, and speaks JSON and big-endian. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

static void appends_stand_one_after_the_other(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    buf_puts(&b, "a");
    buf_putc(&b, 'b');
    buf_put_span(&b, SPAN_LIT("cd"));
    buf_put_span(&b, SPAN_NONE);
    buf_printf(&b, "-%d-%s", 42, "x");
    assert_string_equal(buf_text(&b), "abcd-42-x");
    assert_int_equal(b.len, 9);
    for (int i = 0; i < 10000; i++) {
        buf_printf(&b, "%04d", i);
    }
    assert_int_equal(b.len, 40009);
    assert_memory_equal(b.data + 40005, "9999", 4);
    buf_reset(&b);
    assert_string_equal(buf_text(&b), "");
    buf_free(&b);
}

static void numbers_are_big_endian_and_lengths_patched(void **state)
{
    (void)state;
    static const uint8_t want[] = {0, 0, 0, 10, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7, 8};
    struct buf b;
    buf_init(&b, 0);
    buf_be32(&b, 0xffffffff);
    buf_be16(&b, 0x1234);
    buf_be64(&b, 0x0102030405060708);
    buf_patch_be32(&b, 0, 10);
    assert_int_equal(b.len, sizeof(want));
    assert_memory_equal(b.data, want, sizeof(want));
    buf_free(&b);
}

static void beyond_the_maximum_nothing_more_is_taken(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 10);
    buf_puts(&b, "0123456789");
    assert_false(buf_failed(&b));
    assert_string_equal(buf_text(&b), "0123456789");
    buf_putc(&b, 'x');
    assert_true(buf_failed(&b));
    buf_puts(&b, "");
    buf_be32(&b, 1);
    buf_patch_be32(&b, 0, 1);
    assert_int_equal(b.len, 10);
    assert_string_equal(buf_text(&b), "");
    buf_reset(&b);
    buf_put(&b, "ok", 2);
    assert_string_equal(buf_text(&b), "ok");
    assert_null(buf_reserve(&b, SIZE_MAX));
    buf_free(&b);
}

static void json_strings_are_quoted_and_escaped(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 0);
    buf_json_string(&b, SPAN_LIT("罐\"区\\\n\t\b\f\r\x0b\x01/"));
    assert_string_equal(buf_text(&b), "\"罐\\\"区\\\\\\n\\t\\b\\f\\r\\u000b\\u0001/\"");
    buf_reset(&b);
    buf_json_string(&b, SPAN_NONE);
    assert_string_equal(buf_text(&b), "\"\"");
    buf_free(&b);
}

static void an_escape_is_found_at_every_offset(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        for (size_t at = 0; at < 20; at++) {
            char text[20];
            struct buf b;
            buf_init(&b, 0);
            memset(text, 0xe5, sizeof(text));
            text[at] = (char)c;
            buf_json_string(&b, (struct span){text, sizeof(text)});
            int escaped = c < 0x20 || c == '"' || c == '\\';
            assert_int_equal(b.len > sizeof(text) + 2, escaped);
            assert_memory_equal(b.data + 1, text, at);
            assert_int_equal(b.data[1 + at] == '\\', escaped);
            buf_free(&b);
        }
    }
}

static void formatting_respects_the_maximum(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 12);
    buf_printf(&b, "%d", 12345);
    buf_printf(&b, "%s", "abcdefg");
    assert_string_equal(buf_text(&b), "12345abcdefg");
    buf_printf(&b, "%s", "");
    assert_false(buf_failed(&b));
    buf_printf(&b, "%c", 'x');
    assert_true(buf_failed(&b));
    assert_int_equal(b.len, 12);
    buf_free(&b);
}

static void a_failed_allocation_is_remembered(void **state)
{
    (void)state;
    size_t before = mem_live();
    for (size_t n = 1;; n++) {
        struct buf b;
        buf_init(&b, 0);
        mem_fail_at(n);
        for (int i = 0; i < 100; i++) {
            buf_printf(&b, "%050d", i);
            buf_json_string(&b, SPAN_LIT("a\"\x01"));
        }
        size_t asked = mem_fail_at(0);
        assert_int_equal(buf_failed(&b), asked >= n);
        buf_free(&b);
        assert_int_equal(mem_live(), before);
        if (asked < n) {
            break;
        }
    }
}

static void whole_numbers_are_written_as_digits(void **state)
{
    (void)state;
    static const struct {
        int64_t v;
        const char *text;
    } cases[] = {
        {0, "0"},
        {7, "7"},
        {-1, "-1"},
        {1234567890123, "1234567890123"},
        {INT64_MAX, "9223372036854775807"},
        {INT64_MIN, "-9223372036854775808"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        buf_init(&b, 0);
        buf_put_int(&b, cases[i].v);
        assert_string_equal(buf_text(&b), cases[i].text);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_are_written_as_digits),
        cmocka_unit_test(appends_stand_one_after_the_other),
        cmocka_unit_test(numbers_are_big_endian_and_lengths_patched),
        cmocka_unit_test(beyond_the_maximum_nothing_more_is_taken),
        cmocka_unit_test(json_strings_are_quoted_and_escaped),
        cmocka_unit_test(an_escape_is_found_at_every_offset),
        cmocka_unit_test(formatting_respects_the_maximum),
        cmocka_unit_test(a_failed_allocation_is_remembered),
    };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
