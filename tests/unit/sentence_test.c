/* SPDX-License-Identifier: Apache-2.0 */
/* Places of a template are filled once, and foreign text is never read as a template. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/sentence.h"

static void assert_sentence(const char *template, struct sentence_parts parts, const char *expected)
{
    struct buf out;
    buf_init(&out, 0);
    sentence_write(template, &parts, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_free(&out);
}

static void places_are_filled_in_any_order(void **state)
{
    (void)state;
    struct sentence_parts parts = {SPAN_LIT("等级"), {SPAN_LIT("7"), SPAN_LIT("8")}};
    assert_sentence("%3、%2、%1", parts, "8、7、等级");
    assert_sentence("", parts, "");
    assert_sentence("none", parts, "none");
    assert_sentence("%2%2", parts, "77");
}

static void foreign_text_is_no_template(void **state)
{
    (void)state;
    struct sentence_parts parts = {SPAN_LIT("%2"), {SPAN_LIT("%s%1%n"), SPAN_NONE}};
    assert_sentence("[%1][%2][%3]", parts, "[%2][%s%1%n][]");
}

static void an_odd_percent_is_dropped(void **state)
{
    (void)state;
    struct sentence_parts parts = {SPAN_LIT("x"), {SPAN_NONE, SPAN_NONE}};
    assert_sentence("a%", parts, "a");
    assert_sentence("a%9b", parts, "ab");
}

static void a_long_value_is_clipped_between_characters(void **state)
{
    (void)state;
    struct buf long_value;
    struct buf expected;
    buf_init(&long_value, 0);
    buf_init(&expected, 0);
    for (int i = 0; i < SENTENCE_VALUE_CHARS; i++) {
        buf_puts(&long_value, "隐");
        buf_puts(&expected, "隐");
    }
    struct sentence_parts parts = {SPAN_NONE, {buf_span(&long_value), SPAN_NONE}};
    assert_sentence("%2", parts, buf_text(&expected));
    buf_puts(&long_value, "患");
    buf_puts(&expected, "…");
    parts.values[0] = buf_span(&long_value);
    assert_sentence("%2", parts, buf_text(&expected));
    buf_free(&long_value);
    buf_free(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_filled_in_any_order),
        cmocka_unit_test(foreign_text_is_no_template),
        cmocka_unit_test(an_odd_percent_is_dropped),
        cmocka_unit_test(a_long_value_is_clipped_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
