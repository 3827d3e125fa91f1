/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of documents, however they were written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "model/doc_no.h"

static void expect(const char *text, const char *canonical)
{
    struct arena arena;
    arena_init(&arena, 1 << 16);
    const char *got = doc_no_canonical(span_of(text), &arena);
    assert_non_null(got);
    assert_string_equal(got, canonical);
    arena_free(&arena);
}

static void brackets_digits_and_spaces_are_those_of_the_standard(void **state)
{
    (void)state;
    static const char *const forms[] = {"平湛安〔2020〕3号",      "平湛安[2020]3号",
                                        "平湛安(2020)3号",        "平湛安（2020）3 号",
                                        "平湛安【2020】3号",      "平湛安﹝2020﹞3号",
                                        "平湛安［２０２０］３号", " 平湛安　[ 2020 ] 3号\t",
                                        "平湛安(2020〕3号",       "平湛安\xC2\xA0(2020)3号"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        expect(forms[i], "平湛安〔2020〕3号");
    }
}

static void other_brackets_stay(void **state)
{
    (void)state;
    expect("令第16号（修订）", "令第16号（修订）");
    expect("(平)应急罚[2020]第(12)号", "(平)应急罚〔2020〕第(12)号");
    expect("[20201]", "[20201]");
    expect("[2020", "[2020");
    expect("2020]", "2020]");
    expect("", "");
    expect("[2020][2021][2022]", "〔2020〕〔2021〕〔2022〕");
}

static void failing_allocations_are_told(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 16);
    mem_fail_at(1);
    assert_null(doc_no_canonical(SPAN_LIT("[2020]"), &arena));
    mem_fail_at(0);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brackets_digits_and_spaces_are_those_of_the_standard),
        cmocka_unit_test(other_brackets_stay),
        cmocka_unit_test(failing_allocations_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
