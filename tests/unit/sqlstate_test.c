/* SPDX-License-Identifier: Apache-2.0 */
/* SQLSTATE classes as a table: what passes, what is the data's fault, what stops. */
#include "pg/sqlstate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    const char *state;
    enum err err;
} cases[] = {
    {"00000", ERR_OK},        {"01000", ERR_OK},        {"02000", ERR_OK},
    {"08000", ERR_TRANSIENT}, {"08006", ERR_TRANSIENT}, {"08P01", ERR_TRANSIENT},
    {"0A000", ERR_FATAL},     {"22000", ERR_DATA},      {"22021", ERR_DATA},
    {"22P02", ERR_DATA},      {"23502", ERR_DATA},      {"23503", ERR_DATA},
    {"23505", ERR_DATA},      {"23514", ERR_DATA},      {"25006", ERR_TRANSIENT},
    {"25P02", ERR_FATAL},     {"25P03", ERR_TRANSIENT}, {"26000", ERR_FATAL},
    {"28P01", ERR_TRANSIENT}, {"3D000", ERR_TRANSIENT}, {"3F000", ERR_FATAL},
    {"40001", ERR_TRANSIENT}, {"40P01", ERR_TRANSIENT}, {"42501", ERR_FATAL},
    {"42P01", ERR_FATAL},     {"42703", ERR_FATAL},     {"53100", ERR_TRANSIENT},
    {"53300", ERR_TRANSIENT}, {"54000", ERR_DATA},      {"54001", ERR_FATAL},
    {"55000", ERR_FATAL},     {"55P03", ERR_TRANSIENT}, {"57014", ERR_TRANSIENT},
    {"57P01", ERR_TRANSIENT}, {"57P03", ERR_TRANSIENT}, {"58030", ERR_FATAL},
    {"P0001", ERR_FATAL},     {"XX000", ERR_FATAL},     {"XX001", ERR_FATAL},
};

static void every_class_has_its_meaning(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(sqlstate_err(cases[i].state), cases[i].err);
    }
}

static void a_connection_that_broke_without_a_word_is_transient(void **state)
{
    (void)state;
    assert_int_equal(sqlstate_err(NULL), ERR_TRANSIENT);
    assert_int_equal(sqlstate_err(""), ERR_TRANSIENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_has_its_meaning),
        cmocka_unit_test(a_connection_that_broke_without_a_word_is_transient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
