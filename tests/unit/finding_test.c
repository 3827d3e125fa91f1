/* SPDX-License-Identifier: Apache-2.0 */
/* The closed list of findings: each has one word and a sentence in both languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "model/finding.h"

static void every_finding_is_found_by_its_word(void **state)
{
    (void)state;
    for (int f = FINDING_NONE + 1; f < FINDING_COUNT; f++) {
        const char *word = finding_word((enum finding_code)f);
        assert_true(word[0] != '\0');
        assert_int_equal(finding_of_word(span_of(word)), f);
    }
    assert_string_equal(finding_word(FINDING_NONE), "");
    assert_string_equal(finding_word(FINDING_COUNT), "");
    assert_int_equal(finding_of_word(SPAN_LIT("no_such_finding")), FINDING_NONE);
}

static void every_sentence_is_whole_even_without_values(void **state)
{
    (void)state;
    for (int f = FINDING_NONE + 1; f < FINDING_COUNT; f++) {
        struct buf zh;
        struct buf en;
        buf_init(&zh, 0);
        buf_init(&en, 0);
        finding_text_zh((enum finding_code)f, SPAN_NONE, SPAN_NONE, SPAN_NONE, &zh);
        finding_text_en((enum finding_code)f, SPAN_NONE, SPAN_NONE, SPAN_NONE, &en);
        assert_true(zh.len > 0 && en.len > 0);
        assert_int_equal(utf8_valid_prefix(buf_span(&zh)), zh.len);
        assert_null(memchr(zh.data, '%', zh.len));
        assert_null(memchr(en.data, '%', en.len));
        buf_free(&zh);
        buf_free(&en);
    }
}

static void a_mapped_division_names_both_codes(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 0);
    finding_text_zh(FINDING_DIVISION_MAPPED, SPAN_NONE, SPAN_LIT("410411100"),
                    SPAN_LIT("410411007"), &out);
    assert_string_equal(buf_text(&out), "行政区划“410411100”已停用，按“410411007”处理");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_finding_is_found_by_its_word),
        cmocka_unit_test(every_sentence_is_whole_even_without_values),
        cmocka_unit_test(a_mapped_division_names_both_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
