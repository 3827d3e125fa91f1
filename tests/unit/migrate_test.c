/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded migrations, and what a database that has others is told. (On servers:
 * tests/system/test_migrate.py.) */
#include "pg/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "pg/schema_check.h"

enum { INT4 = 23, TEXT = 25 };

static void a_number_is_four_digits_and_a_line(void **state)
{
    (void)state;
    assert_int_equal(migration_number("0001_foundation.sql"), 1);
    assert_int_equal(migration_number("0420_x"), 420);
    assert_int_equal(migration_number("1_x.sql"), -1);
    assert_int_equal(migration_number("00001_x.sql"), -1);
    assert_int_equal(migration_number(""), -1);
    assert_int_equal(migration_number("README"), -1);
}

static void the_embedded_files_are_numbered_without_a_gap(void **state)
{
    (void)state;
    assert_true(embedded_migrations_count >= 3);
    for (size_t i = 0; i < embedded_migrations_count; i++) {
        assert_int_equal(migration_number(embedded_migrations[i].name), (int)i);
        assert_int_equal(strlen(embedded_migrations[i].text), embedded_migrations[i].size);
    }
}

static void the_checksum_is_that_of_the_text(void **state)
{
    (void)state;
    const struct embedded_file file = {"0001_x.sql", "abc", 3};
    char checksum[DIGEST_HEX + 1];
    migration_checksum(&file, checksum);
    assert_string_equal(checksum,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void put(PGresult *r, int row, int col, const char *bytes, size_t len)
{
    /* libpq copies the value; its signature lacks const. */
    union {
        const char *in;
        char *out;
    } value = {bytes};
    assert_int_equal(PQsetvalue(r, row, col, value.out, (int)len), 1);
}

/* dg.migration with the first n files, the last with another checksum if asked for. */
static PGresult *recorded(size_t n, const char *last_checksum)
{
    static char name[] = "c";
    PGresAttDesc attributes[3] = {{.name = name, .typid = INT4, .format = 1},
                                  {.name = name, .typid = TEXT, .format = 1},
                                  {.name = name, .typid = TEXT, .format = 1}};
    PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    assert_int_equal(PQsetResultAttrs(r, 3, attributes), 1);
    for (size_t i = 0; i < n; i++) {
        char checksum[DIGEST_HEX + 1] = "";
        const char no[4] = {0, 0, 0, (char)(i + 1)};
        bool known = i + 1 < embedded_migrations_count;
        if (known) {
            migration_checksum(&embedded_migrations[i + 1], checksum);
        }
        const char *text = i + 1 == n && last_checksum ? last_checksum : checksum;
        put(r, (int)i, 0, no, sizeof no);
        put(r, (int)i, 1, known ? embedded_migrations[i + 1].name : "9999_x.sql", 10);
        put(r, (int)i, 2, text, strlen(text));
    }
    return r;
}

static void expect(PGresult *r, enum err err, const char *word)
{
    struct buf why;
    buf_init(&why, 0);
    assert_int_equal(schema_check_take(r, &why), err);
    assert_non_null(strstr(buf_text(&why), word));
    buf_free(&why);
    PQclear(r);
}

static void only_the_programs_own_schema_will_do(void **state)
{
    (void)state;
    size_t all = embedded_migrations_count - 1;
    expect(recorded(all, NULL), ERR_OK, "");
    expect(recorded(all - 1, NULL), ERR_INVALID, "dualgate migrate");
    expect(recorded(0, NULL), ERR_INVALID, "dualgate migrate");
    expect(recorded(all + 1, NULL), ERR_INVALID, "newer than this program");
    expect(recorded(all, "other"), ERR_INVALID, "another text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_four_digits_and_a_line),
        cmocka_unit_test(the_embedded_files_are_numbered_without_a_gap),
        cmocka_unit_test(the_checksum_is_that_of_the_text),
        cmocka_unit_test(only_the_programs_own_schema_will_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
