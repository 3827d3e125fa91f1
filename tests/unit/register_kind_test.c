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
        {"plan_doc_no,indicator,scope,numerator,denominator,valid_from", "target"},
        {"方案文号,节点编号,节点名称,完成期限,责任主体", "milestone"},
        {"field,deciders,blocking", "precedence"},
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

#define NAMED_COLUMNS 5

/* A result as the database gives it. */
static PGresult *names_of(const char *const rows[][NAMED_COLUMNS], int n)
{
    static char name[] = "c";
    PGresAttDesc attributes[NAMED_COLUMNS] = {{.name = name, .typid = 25},
                                              {.name = name, .typid = 25},
                                              {.name = name, .typid = 25},
                                              {.name = name, .typid = 25},
                                              {.name = name, .typid = 25}};
    PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    assert_int_equal(PQsetResultAttrs(r, NAMED_COLUMNS, attributes), 1);
    for (int i = 0; i < n; i++) {
        for (int c = 0; c < NAMED_COLUMNS; c++) {
            char text[64];
            (void)snprintf(text, sizeof text, "%s", rows[i][c] ? rows[i][c] : "");
            assert_int_equal(PQsetvalue(r, i, c, text, (int)strlen(text)), 1);
        }
    }
    return r;
}

/* column; cell; the value it becomes, NULL when it is refused */
static const char *const values[][3] = {
    {"uscc", "91410411MA45ABCD6Y", "91410411MA45ABCD6Y"},
    {"uscc", "91410411MA45ABCD6Z", NULL},
    {"uscc", "91410411ma45abcd6y", "91410411MA45ABCD6Y"},
    {"uscc",
     "９１４１０４１１MA45\xc2\xa0"
     "ABCD6Y　",
     "91410411MA45ABCD6Y"},
    {"uscc", "9.1410411E+17", NULL},
    {"division", "410411001", "410411001"},
    {"division", "马庄街道", "410411001"},
    {"division", "同名街道", NULL},
    {"division", "马庄街道办事处", "410411001"},
    {"division", "湛河区马庄街道", "410411001"},
    {"division", "马庄", "410411001"},
    {"division", "马庄乡", NULL},
    {"division", "４１０４１１００１", "410411001"},
    {"division", "410411001000", "410411001"},
    {"division", "410411001003", NULL},
    {"division", "北渡镇", "410411007"},
    {"division", "北渡街道", "410411007"},
    {"division", "北渡", "410411007"},
    {"division", "曹镇乡人民政府", "410411200"},
    {"division", "曹镇", "410411200"},
    {"division", "老曹", "410411200"},
    {"division", "410411999", NULL},
    {"sector", "危险化学品", "hazchem"},
    {"sector", "hazchem", "hazchem"},
    {"sector", "危化品", "hazchem"},
    {"sector", "火箭", NULL},
    {"co_sectors", "危化品；hazchem", "{\"hazchem\",\"hazchem\"}"},
    {"co_sectors", "危化品；火箭", NULL},
    {"phone", "１３８００００００００", "13800000000"},
    {"size_class", "小", "SMALL"},
    {"size_class", "MEDIUM", "MEDIUM"},
    {"size_class", "未知", ""},
    {"size_class", "小型企业", "SMALL"},
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
    {"valid_from", "2020年4月7日", "2020-04-07"},
    {"valid_from", "2020.4.7", "2020-04-07"},
    {"valid_from", "43928", NULL},
    {"valid_from", "2020-04-07-01", NULL},
    {"valid_from", "2020-04", NULL},
    {"valid_to", "长期", ""},
    {"valid_to", "9999-12-31", ""},
    {"valid_from", "9999999999", NULL},
    {"company_code", "041100001", "041100001"},
    {"company_code", "41100001", NULL},
    {"tags", "a；b、c\"d", "{\"a\",\"b\",\"c\\\"d\"}"},
    {"tags", ";;", "{}"},
    {"name", "a\x01", NULL},
};

static void cells_become_values_or_a_reason(void **state)
{
    static const char *const divisions[][NAMED_COLUMNS] = {
        {"410411", "湛河区"},           {"410411001", "马庄街道"},
        {"410411002", "同名街道"},      {"410411003", "同名街道"},
        {"410411007", "北渡街道"},      {"410411100", "北渡镇", "", "410411007"},
        {"410411200", "曹镇乡", "老曹"}};
    static const char *const sectors[][NAMED_COLUMNS] = {{"hazchem", "危险化学品", "危化|危化品"}};
    struct schema *schema = NULL;
    const char *why_not = NULL;
    (void)state;
    assert_int_equal(schema_load(&schema, &why_not), ERR_OK);
    struct register_names names = {
        .schema = schema, .divisions = names_of(divisions, 7), .sectors = names_of(sectors, 1)};
    const struct register_kind *kind = register_kind_of("entity");
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct buf out;
        struct buf why;
        buf_init(&out, 0);
        buf_init(&why, 0);
        int column = register_column_of(kind, span_of(values[i][0]));
        bool taken =
            register_value(&names, &kind->columns[column], span_of(values[i][1]), &out, &why);
        if (taken != (values[i][2] != NULL)) {
            fail_msg("%s \"%s\": %s", values[i][0], values[i][1], buf_text(&why));
        }
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

/* What people write above a column, and which column it is. */
static void headings_are_found_under_the_words_that_people_use(void **state)
{
    static const char *const cases[][2] = {
        {"统一社会信用代码", "uscc"},
        {"统一社会信用代码（18位）", "uscc"},
        {"*信用代码:", "uscc"},
        {"社会信用代码", "uscc"},
        {"企 业 名 称", "name"},
        {"单位名称", "name"},
        {"企业（单位）名称", "name"},
        {"所属乡镇", "division"},
        {"乡镇（街道）", "division"},
        {"乡镇/街道", "division"},
        {"所在街道", "division"},
        {"行业\n类别", "sector"},
        {"所属行业", "sector"},
        {"行业代码", "industry"},
        {"企业规模", "size_class"},
        {"是否规上", "above_scale"},
        {"是否规模以上（是/否）", "above_scale"},
        {"主要负责人", "principal"},
        {"负责人", "principal"},
        {"法定代表人", "principal"},
        {"联系电话", "phone"},
        {"经营地址", "address"},
        {"size_class", "size_class"},
        {"序号", NULL},
        {"备注", NULL},
        {"（备注）", NULL},
        {"", NULL},
    };
    const struct register_kind *kind = register_kind_of("entity");
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int column = register_column_of(kind, span_of(cases[i][0]));
        assert_string_equal(column < 0 ? "none" : kind->columns[column].name,
                            cases[i][1] ? cases[i][1] : "none");
    }
}

/* No heading may stand for two columns of a kind. */
static void a_heading_means_one_column(void **state)
{
    (void)state;
    for (size_t k = 0; k < register_kinds_count; k++) {
        const struct register_kind *kind = &register_kinds[k];
        for (size_t i = 0; i < kind->n_columns; i++) {
            struct span rest = span_of(kind->columns[i].headings);
            while (rest.at) {
                assert_int_equal(register_column_of(kind, span_cut(&rest, '|')), i);
            }
        }
    }
}

static void a_document_number_has_its_brackets(void **state)
{
    static const char *const cases[] = {"平湛安〔2020〕3号", "平湛安[2020]3号",
                                        "平湛安（2020）3 号", "平湛安﹝２０２０﹞3号",
                                        "平湛安【2020】3号"};
    const struct register_column *column = &register_kind_of("target")->columns[0];
    struct register_names names = {.schema = NULL};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out;
        struct buf why;
        buf_init(&out, 0);
        buf_init(&why, 0);
        assert_true(register_value(&names, column, span_of(cases[i]), &out, &why));
        assert_string_equal(buf_text(&out), cases[0]);
        buf_free(&out);
        buf_free(&why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_headings_tell_the_kind),
        cmocka_unit_test(a_word_is_found_by_its_name_in_any_case_and_by_its_chinese_forms),
        cmocka_unit_test(cells_become_values_or_a_reason),
        cmocka_unit_test(headings_are_found_under_the_words_that_people_use),
        cmocka_unit_test(a_heading_means_one_column),
        cmocka_unit_test(a_document_number_has_its_brackets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
