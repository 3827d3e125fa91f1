/* SPDX-License-Identifier: Apache-2.0 */
/* Which table a file is for, by its headings; words and their Chinese forms; values that pass and
 * fail. */
#include "cli/register_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "base/alloc.h"
#include "cli/register_value.h"

static const char *guess(const char *header)
{
    struct span headings[16];
    struct span rest = span_of(header);
    size_t n = 0;
    while (rest.at) {
        headings[n++] = span_cut(&rest, ',');
    }
    const struct register_kind *kind = register_kind_guess(headings, n);
    return kind ? kind->name : "none";
}

static void the_headings_tell_the_kind(void **state)
{
    static const char *const cases[][2] = {
        {"uscc,name,division,sector", "entity"},
        {"uscc,name,division,sector,size_class,above_scale,staff", "entity"},
        {"统一社会信用代码,企业名称,行业,行政区划,规模,规模以上,建设状态", "entity"},
        {"uscc,unit,name,division,sector", "unit"},
        {"publisher,uscc", "authorisation"},
        {"报送方代码,统一社会信用代码,行业", "authorisation"},
        {"code,kind,name,adapters,charset", "publisher"},
        {"code,name,kind,division,sectors", "org"},
        {"code,name,parent,valid_to,mapped_to", "division"},
        {"code,name,profile,high_risk", "sector"},
        {"code,name,parent,self", "node"},
        {"uscc,name", "none"},
        {"uscc,name,division,sector,colour", "none"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(guess(cases[i][0]), cases[i][1]);
    }
}

static void a_word_is_found_by_its_name_in_any_case_and_by_its_chinese_forms(void **state)
{
    static const char words[] = "true=是,1|false=否,0";
    char out[16];
    (void)state;
    assert_string_equal(register_word(words, SPAN_LIT("TRUE"), out, sizeof out), "true");
    assert_string_equal(register_word(words, SPAN_LIT("否"), out, sizeof out), "false");
    assert_null(register_word(words, SPAN_LIT(""), out, sizeof out));
    assert_null(register_word(words, SPAN_LIT("是,1"), out, sizeof out));
    assert_null(register_word(words, SPAN_LIT("tru"), out, sizeof out));
}

/* A (code, name) result as the database gives it. */
static PGresult *names_of(const char *const rows[][2], int n)
{
    static char name[] = "c";
    PGresAttDesc attributes[2] = {{.name = name, .typid = 25}, {.name = name, .typid = 25}};
    PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    assert_int_equal(PQsetResultAttrs(r, 2, attributes), 1);
    for (int i = 0; i < n; i++) {
        for (int c = 0; c < 2; c++) {
            char text[64];
            (void)strncpy(text, rows[i][c], sizeof text - 1);
            text[sizeof text - 1] = '\0';
            assert_int_equal(PQsetvalue(r, i, c, text, (int)strlen(text)), 1);
        }
    }
    return r;
}

/* column; cell; the value it becomes, NULL when it is refused */
static const char *const values[][3] = {
    {"uscc", "91410411MA45ABCD6Y", "91410411MA45ABCD6Y"},
    {"uscc", "91410411MA45ABCD6Z", NULL},
    {"uscc", "91410411ma45abcd6y", NULL},
    {"uscc", "9.1410411E+17", NULL},
    {"division", "410411001", "410411001"},
    {"division", "马庄街道", "410411001"},
    {"division", "同名街道", NULL},
    {"division", "410411999", NULL},
    {"sector", "危险化学品", "hazchem"},
    {"sector", "hazchem", "hazchem"},
    {"sector", "火箭", NULL},
    {"size_class", "小", "SMALL"},
    {"size_class", "MEDIUM", "MEDIUM"},
    {"size_class", "未知", ""},
    {"size_class", "巨大", NULL},
    {"build_state", "建成运行", "RUNNING"},
    {"above_scale", "是", "true"},
    {"above_scale", "也许", NULL},
    {"staff", "12", "12"},
    {"staff", "-1", NULL},
    {"staff", "1.5", NULL},
    {"lat", "33.5", "33.5"},
    {"lat", "33,5", NULL},
    {"valid_from", "2020/4/7", "2020-04-07"},
    {"valid_from", "2020-02-30", NULL},
    {"valid_from", "20200407", NULL},
    {"valid_from", "9999999999", NULL},
    {"company_code", "041100001", "041100001"},
    {"company_code", "41100001", NULL},
    {"tags", "a；b、c\"d", "{\"a\",\"b\",\"c\\\"d\"}"},
    {"tags", ";;", "{}"},
    {"name", "a\x01", NULL},
};

static void cells_become_values_or_a_reason(void **state)
{
    static const char *const divisions[][2] = {
        {"410411001", "马庄街道"}, {"410411002", "同名街道"}, {"410411003", "同名街道"}};
    static const char *const sectors[][2] = {{"hazchem", "危险化学品"}};
    struct schema *schema = NULL;
    const char *why_not = NULL;
    (void)state;
    assert_int_equal(schema_load(&schema, &why_not), ERR_OK);
    struct register_names names = {
        .schema = schema, .divisions = names_of(divisions, 3), .sectors = names_of(sectors, 1)};
    const struct register_kind *kind = register_kind_of("entity");
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct buf out;
        struct buf why;
        buf_init(&out, 0);
        buf_init(&why, 0);
        int column = register_column_of(kind, span_of(values[i][0]));
        bool taken =
            register_value(&names, &kind->columns[column], span_of(values[i][1]), &out, &why);
        assert_int_equal(taken, values[i][2] != NULL);
        if (taken) {
            assert_string_equal(buf_text(&out), values[i][2]);
        } else {
            assert_true(why.len > 0);
        }
        buf_free(&out);
        buf_free(&why);
    }
    register_names_free(&names);
    schema_free(schema);
    assert_int_equal(mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_headings_tell_the_kind),
        cmocka_unit_test(a_word_is_found_by_its_name_in_any_case_and_by_its_chinese_forms),
        cmocka_unit_test(cells_become_values_or_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
