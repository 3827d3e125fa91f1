/* SPDX-License-Identifier: Apache-2.0 */
/* Only well-formed UTF-8 passes, wherever in the text the fault stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/utf8.h"

static const struct {
    const char *bytes;
    size_t len;
    int ok;
} forms[] = {
    {"\x7f", 1, 1},
    {"\x80", 1, 0},
    {"\xc1\xbf", 2, 0}, /* overlong */
    {"\xc2\x80", 2, 1},
    {"\xc2", 1, 0},
    {"\xdf\xbf", 2, 1},
    {"\xdf\x3f", 2, 0},
    {"\xe0\x9f\xbf", 3, 0}, /* overlong */
    {"\xe0\xa0\x80", 3, 1},
    {"\xe4\xbd", 2, 0},
    {"\xed\x9f\xbf", 3, 1},
    {"\xed\xa0\x80", 3, 0}, /* surrogate */
    {"\xef\xbf\xbf", 3, 1},
    {"\xf0\x8f\xbf\xbf", 4, 0}, /* overlong */
    {"\xf0\x90\x80\x80", 4, 1},
    {"\xf0\x9f\x98", 3, 0},
    {"\xf4\x8f\xbf\xbf", 4, 1},
    {"\xf4\x90\x80\x80", 4, 0}, /* above U+10FFFF */
    {"\xf5\x80\x80\x80", 4, 0},
    {"\xff", 1, 0},
};

static void the_first_bad_byte_is_found_at_every_offset(void **state)
{
    (void)state;
    for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
        for (size_t before = 0; before < 20; before++) {
            char text[64];
            memset(text, 'a', sizeof(text));
            memcpy(text + before, forms[f].bytes, forms[f].len);
            struct span end = {text, before + forms[f].len};
            struct span middle = {text, sizeof(text)};
            assert_int_equal(utf8_valid_prefix(end), forms[f].ok ? end.len : before);
            assert_int_equal(utf8_valid_prefix(middle), forms[f].ok ? middle.len : before);
        }
    }
    assert_int_equal(utf8_valid_prefix(SPAN_NONE), 0);
}

static void the_first_bad_byte_is_found_among_chinese(void **state)
{
    (void)state;
    static const char filler[] = "储罐区可燃气体，报警器a失效。";
    size_t n = sizeof(filler) - 1;
    for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
        char text[128];
        memcpy(text, filler, n);
        memcpy(text + n, forms[f].bytes, forms[f].len);
        memcpy(text + n + forms[f].len, filler, n);
        struct span s = {text, 2 * n + forms[f].len};
        assert_int_equal(utf8_valid_prefix(s), forms[f].ok ? s.len : n);
        for (size_t cut = n - 6; cut < n; cut++) {
            assert_int_equal(utf8_valid_prefix((struct span){text, cut}),
                             cut < n - 3 ? n - 6 : n - 3);
        }
    }
}

static void surrogate_escapes_must_come_in_pairs(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t prefix; /* SIZE_MAX: all */
    } cases[] = {
        {"{\"a\":\"\\ud83d\\ude00\"}", SIZE_MAX},
        {"\"\\uD83D\"", 1},
        {"\"\\uDE00\"", 1},
        {"\"ab\\ud83dx\\ude00\"", 3},
        {"\"\\ud83d\\ud83d\\ude00\"", 1},
        {"\"\\ud83d", 1},
        {"\"\\ud83d\\ude0", 1},
        {"\"\\\\ud83d\"", SIZE_MAX}, /* an escaped backslash, then letters */
        {"\"\\\\\\ud83d\"", 3},
        {"\"\\u4f60\\n\\uZZZZ\\", SIZE_MAX},
        {"\"\\u0000\"", SIZE_MAX},
        {"\"\xff\\ud83d\"", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span s = span_of(cases[i].text);
        size_t want = cases[i].prefix == SIZE_MAX ? s.len : cases[i].prefix;
        assert_int_equal(utf8_json_valid_prefix(s), want);
    }
}

static void characters_are_counted_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(utf8_length(SPAN_LIT("")), 0);
    assert_int_equal(utf8_length(SPAN_LIT("储罐区 A-1 可燃气体报警器失效")), 17);
    assert_int_equal(utf8_length(SPAN_LIT("é😀é😀é😀é😀é😀")), 10);
}

static void control_characters_and_nonsense_are_found(void **state)
{
    (void)state;
    static const char *const bad[] = {"\x01",     "\x1f",     "\x0b",         "\x7f",
                                      "\xc2\x80", "\xc2\x9f", "\xef\xbf\xbe", "\xef\xbf\xbf"};
    static const char *const good[] = {"\t",       "\n",           "\r",           " ", "~",
                                       "\xc2\xa0", "\xef\xbf\xbd", "\xef\xbc\x8c", "é"};
    char text[64];
    for (size_t before = 0; before < 20; before++) {
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
            memset(text, 'a', sizeof(text));
            memcpy(text + before, bad[i], strlen(bad[i]));
            assert_int_equal(utf8_text_prefix((struct span){text, 64}), before);
        }
        for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
            memset(text, 'a', sizeof(text));
            memcpy(text + before, good[i], strlen(good[i]));
            assert_int_equal(utf8_text_prefix((struct span){text, 64}), 64);
        }
    }
    assert_int_equal(utf8_text_prefix((struct span){"a\0b", 3}), 1);
}

static void clipping_never_splits_a_character(void **state)
{
    (void)state;
    assert_true(span_is(utf8_clip(SPAN_LIT("储罐区"), 2), "储罐"));
    assert_true(span_is(utf8_clip(SPAN_LIT("储罐区"), 3), "储罐区"));
    assert_true(span_is(utf8_clip(SPAN_LIT("ab"), 9), "ab"));
    assert_true(span_is(utf8_clip(SPAN_LIT("ab"), 0), ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_bad_byte_is_found_at_every_offset),
        cmocka_unit_test(the_first_bad_byte_is_found_among_chinese),
        cmocka_unit_test(surrogate_escapes_must_come_in_pairs),
        cmocka_unit_test(characters_are_counted_not_bytes),
        cmocka_unit_test(control_characters_and_nonsense_are_found),
        cmocka_unit_test(clipping_never_splits_a_character),
    };
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
