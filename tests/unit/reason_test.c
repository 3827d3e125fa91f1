/* SPDX-License-Identifier: Apache-2.0 */
/* The closed list of reasons: each has one word and a sentence in both languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "model/reason.h"

static void every_reason_is_found_by_its_word(void **state)
{
    (void)state;
    for (int r = REASON_NONE + 1; r < REASON_COUNT; r++) {
        const char *word = reason_word((enum reason)r);
        assert_true(word[0] != '\0');
        assert_int_equal(reason_of_word(span_of(word)), r);
    }
    assert_string_equal(reason_word(REASON_NONE), "");
    assert_string_equal(reason_word(REASON_COUNT), "");
    assert_int_equal(reason_of_word(SPAN_LIT("no_such_reason")), REASON_NONE);
    assert_int_equal(reason_of_word(SPAN_NONE), REASON_NONE);
}

static void every_sentence_is_whole_even_without_label_and_value(void **state)
{
    (void)state;
    for (int r = REASON_NONE + 1; r < REASON_COUNT; r++) {
        struct buf zh;
        struct buf en;
        buf_init(&zh, 0);
        buf_init(&en, 0);
        reason_text_zh((enum reason)r, SPAN_NONE, SPAN_NONE, &zh);
        reason_text_en((enum reason)r, SPAN_NONE, SPAN_NONE, &en);
        assert_true(zh.len > 0 && en.len > 0);
        assert_int_equal(utf8_valid_prefix(buf_span(&zh)), zh.len);
        assert_null(memchr(zh.data, '%', zh.len));
        assert_null(memchr(en.data, '%', en.len));
        buf_free(&zh);
        buf_free(&en);
    }
}

static void an_unknown_code_is_said_as_in_the_contract(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 0);
    reason_text_zh(REASON_UNKNOWN_CODE, SPAN_LIT("隐患等级"), SPAN_LIT("7"), &out);
    assert_string_equal(buf_text(&out), "隐患等级代码“7”不在代码表中");
    buf_reset(&out);
    reason_text_en(REASON_UNKNOWN_CODE, SPAN_LIT("hazard level"), SPAN_LIT("7"), &out);
    assert_string_equal(buf_text(&out), "hazard level code \"7\" is not in the code list");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_is_found_by_its_word),
        cmocka_unit_test(every_sentence_is_whole_even_without_label_and_value),
        cmocka_unit_test(an_unknown_code_is_said_as_in_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
