/* SPDX-License-Identifier: Apache-2.0 */
/* Lists as organisations bring them: where the headings are, what is read, and that every row is
 * kept with what is wrong with it. */
#include "cli/source_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "base/alloc.h"

#define CODE "91410411MA45ABCD6Y"

static struct schema *schema;

static PGresult *result_of(const char *const *cells, int rows, int columns)
{
    static char name[] = "c";
    PGresAttDesc attributes[5] = {{.name = name, .typid = 25},
                                  {.name = name, .typid = 25},
                                  {.name = name, .typid = 25},
                                  {.name = name, .typid = 25},
                                  {.name = name, .typid = 25}};
    PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    assert_int_equal(PQsetResultAttrs(r, columns, attributes), 1);
    for (int i = 0; i < rows * columns; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "%s", cells[i]);
        assert_int_equal(PQsetvalue(r, i / columns, i % columns, text, (int)strlen(text)), 1);
    }
    return r;
}

static struct register_names names_of(void)
{
    static const char *const divisions[] = {"410411001", "马庄街道", "", ""};
    static const char *const sectors[] = {"hazchem", "危险化学品", "危化", "yjglj", ""};
    static const char *const orgs[] = {"mazhuang",   "马庄街道",     "TOWNSHIP",     "410411001",
                                       "",           "zjj",          "住建局",       "DEPARTMENT",
                                       "410411",     "construction", "yjglj",        "应急局",
                                       "DEPARTMENT", "410411",       "hazchem other"};
    return (struct register_names){.schema = schema,
                                   .divisions = result_of(divisions, 1, 4),
                                   .sectors = result_of(sectors, 1, 5),
                                   .orgs = result_of(orgs, 3, 5)};
}

/* "line:column text|…" of all that is wrong. */
static const char *problems(const struct source_rows *r)
{
    static char text[2048];
    size_t len = 0;
    text[0] = '\0';
    for (const struct bad_cell *b = r->bad; b; b = b->next) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%zu:%s %s|", b->line, b->column,
                                b->why);
    }
    return text;
}

static const char *value(const struct source_rows *r, const struct source_row *row,
                         const char *name)
{
    return row->values[register_column_of(r->kind, span_of(name))];
}

static void a_title_above_and_columns_of_its_own_do_not_matter(void **state)
{
    struct register_names names = names_of();
    struct source_rows r;
    (void)state;
    source_rows_init(&r, NULL, &names);
    assert_int_equal(
        source_rows_read(&r, SPAN_LIT("马庄街道企业清单,,,,\n序号,企业名称,备注,信用代码,行业\n"
                                      "1,甲公司,老板姓王,91410411ma45abcd6y,危化\n")),
        ERR_OK);
    assert_string_equal(r.kind->name, "entity");
    assert_int_equal(r.lines_above, 1);
    assert_int_equal(r.n_rows, 1);
    assert_string_equal(problems(&r), "");
    assert_int_equal(r.first->line, 3);
    assert_string_equal(value(&r, r.first, "uscc"), CODE);
    assert_string_equal(value(&r, r.first, "sector"), "hazchem");
    assert_string_equal(r.first->cells[2], "老板姓王");
    assert_string_equal(r.first->cells[3], "91410411ma45abcd6y");
    source_rows_free(&r);
    register_names_free(&names);
}

static void bad_rows_are_kept_with_their_problems(void **state)
{
    static const char text[] = "名称,信用代码,街道,规模,规模\n"
                               "甲," CODE ",火星街道,巨大,小\n"
                               "乙," CODE ",马庄街道,小,大\n"
                               "丙,,马庄街道,小,\n"
                               "丁," CODE ",马庄街道,小\n";
    struct register_names names = names_of();
    struct source_rows r;
    (void)state;
    source_rows_init(&r, NULL, &names);
    assert_int_equal(source_rows_read(&r, span_of(text)), ERR_OK);
    assert_int_equal(r.n_rows, 4);
    assert_int_equal(r.n_bad_rows, 3);
    const struct source_row *row = r.first;
    assert_null(value(&r, row, "division"));
    assert_int_equal(row->bad, UINT64_C(1) << register_column_of(r.kind, SPAN_LIT("division")) |
                                   UINT64_C(1)
                                       << register_column_of(r.kind, SPAN_LIT("size_class")));
    assert_string_equal(row->bad_first->column, "街道");
    assert_ptr_equal(row->bad_first->next, row->bad_last);
    row = row->next;
    assert_null(row->bad_first);
    assert_string_equal(value(&r, row, "size_class"), "SMALL");
    row = row->next;
    assert_string_equal(row->bad_first->why, "is missing");
    assert_ptr_equal(row->bad_first, row->bad_last);
    row = row->next;
    assert_int_equal(row->n_cells, 4);
    assert_string_equal(row->cells[0], "丁");
    assert_null(value(&r, row, "uscc"));
    assert_non_null(strstr(row->bad_first->why, "it was not read"));
    source_rows_free(&r);
    register_names_free(&names);
}

static void what_is_no_list_has_no_headings(void **state)
{
    static const char *const texts[] = {"", "a,b\n1,2\n", "名称\n甲\n", "信用代码,街道\n1,2\n",
                                        "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n名称,信用代码\n"};
    struct register_names names = names_of();
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct source_rows r;
        source_rows_init(&r, NULL, &names);
        assert_int_equal(source_rows_read(&r, span_of(texts[i])), ERR_NOT_FOUND);
        assert_non_null(strstr(problems(&r), "headings"));
        source_rows_free(&r);
    }
    register_names_free(&names);
}

static void a_list_of_units_names_them(void **state)
{
    struct register_names names = names_of();
    struct source_rows r;
    (void)state;
    source_rows_init(&r, NULL, &names);
    assert_int_equal(source_rows_read(&r, SPAN_LIT("信用代码,项目编号,项目名称\n" CODE
                                                   ",XM1,一期\n" CODE ",,二期\n")),
                     ERR_OK);
    assert_string_equal(r.kind->name, "unit");
    assert_string_equal(problems(&r), "3:项目编号 is missing|");
    source_rows_free(&r);
    register_names_free(&names);
}

static void what_a_list_says_by_whose_it_is(void **state)
{
    struct register_names names = names_of();
    (void)state;
    for (long org = 0; org < 3; org++) {
        struct source_rows r;
        source_rows_init(&r, NULL, &names);
        assert_int_equal(source_rows_read(&r, SPAN_LIT("名称,信用代码\n甲," CODE "\n")), ERR_OK);
        source_rows_assume(&r, org);
        const char *division = r.assumed[register_column_of(r.kind, SPAN_LIT("division"))];
        const char *sector = r.assumed[register_column_of(r.kind, SPAN_LIT("sector"))];
        assert_string_equal(division ? division : "", org == 0 ? "410411001" : "");
        assert_string_equal(sector ? sector : "", org == 1 ? "construction" : "");
        source_rows_free(&r);
    }
    register_names_free(&names);
}

static void short_memory_is_an_error_and_leaks_nothing(void **state)
{
    struct register_names names = names_of();
    enum err err = ERR_NOMEM;
    size_t before = mem_live();
    (void)state;
    for (size_t n = 1; err != ERR_OK && n < 10000; n++) {
        struct source_rows r;
        source_rows_init(&r, NULL, &names);
        (void)mem_fail_at(n);
        err = source_rows_read(&r,
                               SPAN_LIT("名称,信用代码,街道\n甲," CODE ",马庄\n乙,1,\"火\n星\"\n"));
        (void)mem_fail_at(0);
        /* A heading that could not be folded is none. */
        assert_true(err == ERR_OK || err == ERR_NOMEM || err == ERR_NOT_FOUND);
        source_rows_free(&r);
        assert_int_equal(mem_live(), before);
    }
    assert_int_equal(err, ERR_OK);
    register_names_free(&names);
}

static int load(void **state)
{
    const char *why = NULL;
    (void)state;
    return schema_load(&schema, &why) == ERR_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    schema_free(schema);
    return mem_live() == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_title_above_and_columns_of_its_own_do_not_matter),
        cmocka_unit_test(bad_rows_are_kept_with_their_problems),
        cmocka_unit_test(what_is_no_list_has_no_headings),
        cmocka_unit_test(a_list_of_units_names_them),
        cmocka_unit_test(what_a_list_says_by_whose_it_is),
        cmocka_unit_test(short_memory_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
