/* SPDX-License-Identifier: Apache-2.0 */
/* Unified social credit codes: the worked examples of GB 32100-2015 and every way they are
 * mistyped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/uscc.h"

/* Real ones from public sources, then invented ones of each class; all satisfy both checks. */
static const char *const good[] = {
    "91320400732252465D", "9132040056775521X8", "91320413588424540H", "91410411MA45ABCD6Y",
    "91410411MA9G00016W", "12410411417060017A", "52410411MJY00001XE", "92410411MA40TE5TXD",
};

static void codes_with_both_checks_are_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!uscc_valid(span_of(good[i]))) {
            fail_msg("%s was refused", good[i]);
        }
    }
}

static void mistyped_codes_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "91410411MA45ABCD6",
        "91410411MA45ABCD6YY",
        "91410411ma45abcd6y",
        "914I0411MA45ABCD6Y",
        "9141O411MA45ABCD6Y",
        "91410411MA45ABCD6 ",
        "91410411MA45ABCD6\xC2\xA0",
        "\xEF\xBC\x99\xEF\xBC\x91\xEF\xBC\x94\xEF\xBC\x91\xEF\xBC\x90\xEF\xBC\x94",
        "410411000012345",
        "9.1320400732252E+17",
        "ABCDEFGHJKLMNPQRTU",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (uscc_valid(span_of(bad[i]))) {
            fail_msg("%s was taken", bad[i]);
        }
    }
    assert_false(uscc_valid(SPAN_NONE));
}

static void one_changed_character_is_noticed(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        for (size_t at = 0; at < 18; at++) {
            for (size_t c = 0; alphabet[c]; c++) {
                char code[19];
                memcpy(code, good[i], sizeof code);
                code[at] = alphabet[c];
                assert_int_equal(uscc_valid(span_of(code)), alphabet[c] == good[i][at]);
            }
        }
    }
}

static void two_swapped_neighbours_are_noticed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        for (size_t at = 0; at < 17; at++) {
            char code[19];
            memcpy(code, good[i], sizeof code);
            code[at] = good[i][at + 1];
            code[at + 1] = good[i][at];
            assert_int_equal(uscc_valid(span_of(code)), code[at] == code[at + 1]);
        }
    }
}

static void a_right_last_character_does_not_save_a_wrong_organisation_code(void **state)
{
    (void)state;
    char code[19] = "91320400732252464?"; /* organisation code 73225246-5 with check digit 4 */
    code[17] = uscc_check_character(code);
    assert_false(uscc_valid(span_of(code)));
}

static void check_characters_are_those_of_the_standards(void **state)
{
    (void)state;
    assert_int_equal(uscc_check_character("91320400732252465"), 'D');
    assert_int_equal(uscc_check_character("9132040056775521X"), '8');
    assert_int_equal(uscc_check_character("913204005677552IX"), 0);
    assert_int_equal(org_code_check_character("73225246"), '5');
    assert_int_equal(org_code_check_character("56775521"), 'X');
    assert_int_equal(org_code_check_character("58842454"), '0');
    assert_int_equal(org_code_check_character("5884245a"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_with_both_checks_are_valid),
        cmocka_unit_test(mistyped_codes_are_refused),
        cmocka_unit_test(one_changed_character_is_noticed),
        cmocka_unit_test(two_swapped_neighbours_are_noticed),
        cmocka_unit_test(a_right_last_character_does_not_save_a_wrong_organisation_code),
        cmocka_unit_test(check_characters_are_those_of_the_standards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
