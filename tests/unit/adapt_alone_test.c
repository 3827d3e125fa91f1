/* SPDX-License-Identifier: Apache-2.0 */
/* A row of CSV as it is kept: a file by itself, in the encoding in which it came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt_run.h"

static struct adapt_run run;

static const char mapping[] =
    "adapter: x\ncontainer: csv\ncharset: GB18030\nrecord: {by: fixed}\n"
    "report: {uscc: {publisher: true}}\n"
    "records:\n"
    "  hazard:\n"
    "    fields:\n"
    "      id: {derive: no}\n"
    "      name: what\n"
    "      level: {from: level, words: {g: GENERAL}}\n"
    "      state: {constant: REGISTERED}\n"
    "  check_record:\n"
    "    each: .\n"
    "    fields: {id: {derive: no}, checked_at: day, result: {constant: HAZARD}}\n";

/* 泄漏 in GB18030. */
#define LEAK "\xd0\xb9\xc2\xa9"
#define HEAD "no,what,level,day\n"

static void a_kept_row_is_read_again_by_itself(void **state)
{
    (void)state;
    adapt_run_load(&run, mapping);
    adapt_run_take(&run, HEAD "1," LEAK ",g,x\n\n2," LEAK ",bad,x\n");
    assert_int_equal(run.set.count, 4);
    const struct report *bad = &run.set.items[2];
    assert_string_equal(bad->problem.field, "[line 4].level");
    struct span kept = bad->raw;
    assert_int_equal(kept.len, strlen(HEAD "2," LEAK ",bad,x\n"));
    assert_memory_equal(kept.at, HEAD "2," LEAK ",bad,x\n", kept.len);
    assert_ptr_equal(run.set.items[3].raw.at, kept.at);
    assert_int_equal(adapt_run_try(&run, kept), ERR_OK);
    assert_int_equal(run.set.count, 2);
    assert_string_equal(run.set.items[0].problem.field, "[line 2].level");
    assert_string_equal(run.set.items[0].env->hazard->name, "泄漏");
}

static int begin(void **state)
{
    (void)state;
    return adapt_run_begin(&run);
}

static int end(void **state)
{
    (void)state;
    adapt_run_end(&run);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kept_row_is_read_again_by_itself),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
