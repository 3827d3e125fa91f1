/* SPDX-License-Identifier: Apache-2.0 */
/* A command's options: what each kind of row takes, and what is said of what it does not take. */
#include "cli/options.h"

#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/cli.h"

#define ARGUMENTS_MAX 16

struct read {
    bool json;
    const char *sector, *day;
    int64_t limit;
    char words[ARGUMENTS_MAX][32];
    char *argv[ARGUMENTS_MAX];
};

static int read_options(struct read *r, const char *const *words)
{
    const struct option_row rows[] = {
        {.name = "json", .flag = &r->json},
        {.name = "sector", .text = &r->sector, .letter = 's'},
        {.name = "limit", .number = &r->limit, .min = 1, .max = 10},
        {.name = "day", .take = options_date, .to = &r->day, .expected = OPTIONS_DATE_EXPECTED},
    };
    int argc = 0;
    for (; words[argc] && argc < ARGUMENTS_MAX - 1; argc++) {
        snprintf(r->words[argc], sizeof r->words[argc], "%s", words[argc]);
        r->argv[argc] = r->words[argc];
    }
    r->argv[argc] = NULL;
    return options_read("test", argc, r->argv, rows, OPTIONS_COUNT(rows), "usage\n");
}

#define READ(r, ...) read_options(&(r), (const char *const[]){"test", __VA_ARGS__, NULL})

static void each_row_goes_where_it_belongs(void **state)
{
    struct read r = {.limit = 5};
    assert_int_equal(READ(r, "file", "--json", "-s", "water", "--limit=10", "--day", "2020-11-05"),
                     CLI_DONE);
    assert_true(r.json);
    assert_string_equal(r.sector, "water");
    assert_string_equal(r.day, "2020-11-05");
    assert_int_equal(r.limit, 10);
}

static void operands_stand_behind_the_options(void **state)
{
    struct read r = {.limit = 5};
    assert_int_equal(READ(r, "one", "--json", "two"), CLI_DONE);
    assert_int_equal(optind, 2);
    assert_string_equal(r.argv[2], "one");
    assert_string_equal(r.argv[3], "two");
}

static void what_is_wrong_is_wrong_usage(void **state)
{
    struct read r = {.limit = 5};
    assert_int_equal(READ(r, "--nosuch"), CLI_USAGE);
    assert_int_equal(READ(r, "--limit", "0"), CLI_USAGE);
    assert_int_equal(READ(r, "--limit", "11"), CLI_USAGE);
    assert_int_equal(READ(r, "--limit", "many"), CLI_USAGE);
    assert_int_equal(READ(r, "--day", "2020-13-05"), CLI_USAGE);
    assert_int_equal(READ(r, "--sector"), CLI_USAGE);
    assert_int_equal(r.limit, 5);
    assert_null(r.day);
}

static void help_ends_it(void **state)
{
    struct read r = {.limit = 5};
    assert_int_equal(READ(r, "--help", "--nosuch"), OPTIONS_HELP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_goes_where_it_belongs),
        cmocka_unit_test(operands_stand_behind_the_options),
        cmocka_unit_test(what_is_wrong_is_wrong_usage),
        cmocka_unit_test(help_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
