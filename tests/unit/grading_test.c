/* SPDX-License-Identifier: Apache-2.0 */
/* LEC in full against exact fractions; LS on every product and at every threshold set met; R of
 * major installations at its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "model/grading.h"

#define MAJOR        DUALGATE__V1__RISK_LEVEL__CODE__MAJOR
#define CONSIDERABLE DUALGATE__V1__RISK_LEVEL__CODE__CONSIDERABLE
#define GENERAL      DUALGATE__V1__RISK_LEVEL__CODE__GENERAL
#define LOW          DUALGATE__V1__RISK_LEVEL__CODE__LOW

/* A number as people write it and as a fraction. */
struct step {
    const char *text;
    int over, under;
};

static const struct step ls[] = {{"10", 10, 1}, {"6", 6, 1},   {"3", 3, 1},   {"1", 1, 1},
                                 {"0.5", 1, 2}, {"0.2", 1, 5}, {"0.1", 1, 10}};
static const struct step es[] = {{"10", 10, 1}, {"6", 6, 1}, {"3", 3, 1},
                                 {"2", 2, 1},   {"1", 1, 1}, {"0.5", 1, 2}};
static const struct step cs[] = {{"100", 100, 1}, {"40", 40, 1}, {"15", 15, 1},
                                 {"7", 7, 1},     {"3", 3, 1},   {"1", 1, 1}};

static struct grading lec(const char *l, const char *e, const char *c, bool lec_70_is_general)
{
    const struct grading_input in = {.method = DUALGATE__V1__RISK_METHOD__CODE__LEC,
                                     .likelihood = l,
                                     .exposure = e,
                                     .consequence = c,
                                     .lec_70_is_general = lec_70_is_general};
    return grading_risk(&in);
}

/* The text as a fraction over 100, exact or failing. */
static int hundredths(const char *text)
{
    int whole = 0;
    int fraction = 0;
    int digits = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        whole = whole * 10 + (*at - '0');
    }
    if (*at == '.') {
        for (at++; *at >= '0' && *at <= '9'; at++, digits++) {
            fraction = fraction * 10 + (*at - '0');
        }
    }
    assert_int_equal(*at, '\0');
    assert_true(digits <= 2);
    return whole * 100 + (digits == 1 ? fraction * 10 : fraction);
}

static void every_product_of_lec_is_exact(void **state)
{
    (void)state;
    int n = 0;
    int at_70 = 0;
    int at_20 = 0;
    for (size_t l = 0; l < 7; l++) {
        for (size_t e = 0; e < 6; e++) {
            for (size_t c = 0; c < 6; c++, n++) {
                int over = ls[l].over * es[e].over * cs[c].over;
                int under = ls[l].under * es[e].under * cs[c].under;
                struct grading g = lec(ls[l].text, es[e].text, cs[c].text, true);
                assert_int_equal(g.outcome, GRADING_DONE);
                if (hundredths(g.value) * under != over * 100) {
                    fail_msg("%s * %s * %s gave %s", ls[l].text, es[e].text, cs[c].text, g.value);
                }
                assert_int_equal(g.level, over > 320 * under    ? MAJOR
                                          : over >= 160 * under ? CONSIDERABLE
                                          : over >= 70 * under  ? GENERAL
                                                                : LOW);
                assert_true(over != 160 * under && over != 320 * under);
                at_70 += over == 70 * under;
                at_20 += over == 20 * under;
            }
        }
    }
    assert_int_equal(n, 252);
    assert_int_equal(at_70, 2);
    assert_int_equal(at_20, 5);
}

static void a_product_that_doubles_get_wrong_is_right(void **state)
{
    (void)state;
    assert_string_equal(lec("0.2", "6", "100", true).value, "120");
    assert_string_equal(lec("0.1", "0.5", "1", true).value, "0.05");
    assert_string_equal(lec("0.1", "3", "1", true).value, "0.3");
}

static void the_side_of_70_is_a_setting(void **state)
{
    (void)state;
    assert_int_equal(lec("10", "1", "7", true).level, GENERAL);
    assert_int_equal(lec("10", "1", "7", false).level, LOW);
    assert_int_equal(lec("1", "10", "7", true).level, GENERAL);
    assert_int_equal(lec("1", "10", "7", false).level, LOW);
    assert_int_equal(lec("6", "2", "7", false).level, GENERAL);
}

static void values_are_compared_as_numbers(void **state)
{
    (void)state;
    assert_string_equal(lec("3.0", "06", "15.00", true).value, "270");
    assert_string_equal(lec("0.50", "0.5", "40", true).value, "10");
}

static void a_value_that_the_method_lacks_is_named(void **state)
{
    (void)state;
    struct grading g = lec("4", "6", "15", true);
    assert_int_equal(g.outcome, GRADING_INPUT_UNKNOWN);
    assert_string_equal(g.input, "likelihood");
    assert_string_equal(lec("3", "0.6", "15", true).input, "exposure");
    assert_string_equal(lec("3", "6", "20", true).input, "consequence");
    assert_int_equal(lec("0", "6", "15", true).outcome, GRADING_INPUT_UNKNOWN);
}

static void what_is_not_given_is_not_computed(void **state)
{
    (void)state;
    assert_int_equal(lec("3", NULL, "15", true).outcome, GRADING_NOT_APPLICABLE);
    const struct grading_input judged = {.method = DUALGATE__V1__RISK_METHOD__CODE__JUDGEMENT,
                                         .likelihood = "3"};
    assert_int_equal(grading_risk(&judged).outcome, GRADING_NOT_APPLICABLE);
}

/* ---- LS ---- */

static struct grading matrix(Dualgate__V1__RiskMethod__Code method, const char *version, int l,
                             int s)
{
    char left[12];
    char right[12];
    snprintf(left, sizeof left, "%d", l);
    snprintf(right, sizeof right, "%d", s);
    const struct grading_input in = {
        .method = method, .method_version = version, .likelihood = left, .severity = right};
    return grading_risk(&in);
}

#define LS  DUALGATE__V1__RISK_METHOD__CODE__LS
#define LS2 DUALGATE__V1__RISK_METHOD__CODE__LS2

static void the_usual_matrix_is_graded_on_every_field(void **state)
{
    (void)state;
    for (int l = 1; l <= 5; l++) {
        for (int s = 1; s <= 5; s++) {
            int r = l * s;
            struct grading g = matrix(LS, NULL, l, s);
            assert_int_equal(g.outcome, GRADING_DONE);
            assert_int_equal(hundredths(g.value), 100 * r);
            assert_int_equal(g.level, r >= 20   ? MAJOR
                                      : r >= 15 ? CONSIDERABLE
                                      : r >= 9  ? GENERAL
                                                : LOW);
            assert_false(g.major_unreachable);
        }
    }
    assert_int_equal(matrix(LS, "DB37/T 2882-2016", 4, 5).level, MAJOR);
}

static void sets_of_limits_disagree_about_the_same_product(void **state)
{
    (void)state;
    assert_int_equal(matrix(LS, NULL, 3, 5).level, CONSIDERABLE);
    assert_int_equal(matrix(LS, "15/9/4", 3, 5).level, MAJOR);
    assert_int_equal(matrix(LS, "17/10/5", 3, 5).level, CONSIDERABLE);
    assert_int_equal(matrix(LS, "17/10/5", 4, 4).level, CONSIDERABLE);
    assert_int_equal(matrix(LS, "17/10/5", 4, 5).level, MAJOR);
    assert_int_equal(matrix(LS, "15/9/4", 2, 2).level, GENERAL);
    assert_int_equal(matrix(LS, "17/10/5", 2, 2).level, LOW);
}

static void a_matrix_of_six_has_sixes(void **state)
{
    (void)state;
    assert_int_equal(matrix(LS, "6x6:24/15/8", 6, 6).level, MAJOR);
    assert_int_equal(matrix(LS2, "6x6:24/15/8", 6, 3).level, CONSIDERABLE);
    assert_int_equal(matrix(LS, NULL, 6, 3).outcome, GRADING_INPUT_UNKNOWN);
    assert_string_equal(matrix(LS, NULL, 3, 6).input, "severity");
    assert_int_equal(matrix(LS, "6x6:24/15/8", 7, 1).outcome, GRADING_INPUT_UNKNOWN);
}

static void limits_that_nothing_reaches_are_noted(void **state)
{
    (void)state;
    struct grading g = matrix(LS, "51/25/10", 5, 5);
    assert_int_equal(g.outcome, GRADING_DONE);
    assert_true(g.major_unreachable);
    assert_int_equal(g.level, CONSIDERABLE);
    assert_true(matrix(LS, "6x6:37/20/9", 6, 6).major_unreachable);
    assert_false(matrix(LS, "6x6:36/20/9", 6, 6).major_unreachable);
}

static void unknown_limits_are_not_guessed(void **state)
{
    (void)state;
    static const char *const unknown[] = {"LS-1",     "LS-2",    "15/9",
                                          "9/15/4",   "15/9/4x", "5x6:15/9/4",
                                          "-1/-2/-3", "15/9/0",  "1x1:15/9/4"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        if (matrix(LS, unknown[i], 3, 3).outcome != GRADING_METHOD_UNKNOWN) {
            fail_msg("%s was taken", unknown[i]);
        }
    }
    assert_int_equal(matrix(LS2, NULL, 3, 3).outcome, GRADING_METHOD_UNKNOWN);
}

static void an_installation_is_graded_by_its_r(void **state)
{
    (void)state;
    static const struct {
        const char *r;
        int grade;
    } cases[] = {{"100", 1},     {"100.0000", 1}, {"250.5", 1},  {"99.9999", 2}, {"50", 2},
                 {"49.9999", 3}, {"10", 3},       {"9.9999", 4}, {"0.0001", 4}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(grading_installation(cases[i].r), cases[i].grade);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_product_of_lec_is_exact),
        cmocka_unit_test(a_product_that_doubles_get_wrong_is_right),
        cmocka_unit_test(the_side_of_70_is_a_setting),
        cmocka_unit_test(values_are_compared_as_numbers),
        cmocka_unit_test(a_value_that_the_method_lacks_is_named),
        cmocka_unit_test(what_is_not_given_is_not_computed),
        cmocka_unit_test(the_usual_matrix_is_graded_on_every_field),
        cmocka_unit_test(sets_of_limits_disagree_about_the_same_product),
        cmocka_unit_test(a_matrix_of_six_has_sixes),
        cmocka_unit_test(limits_that_nothing_reaches_are_noted),
        cmocka_unit_test(unknown_limits_are_not_guessed),
        cmocka_unit_test(an_installation_is_graded_by_its_r),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
