/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of one reporting unit when townships, departments and the committee office say this
 * and that of it. */
#include "model/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NAME, DIVISION, SECTOR, SIZE, ADDRESS, FIELDS };

static const struct merge_field fields[FIELDS] = {
    [NAME] = {"name", {MERGE_COMMITTEE, MERGE_LEAD}, 2, true, true, true},
    [DIVISION] = {"division", {MERGE_COMMITTEE, MERGE_TOWNSHIP}, 2, true, true, false},
    [SECTOR] = {"sector", {MERGE_COMMITTEE, MERGE_LEAD}, 2, true, true, false},
    [SIZE] = {"size_class", {MERGE_COMMITTEE, MERGE_LEAD}, 2, true, false, false},
    [ADDRESS] = {"address", {MERGE_TOWNSHIP, MERGE_LEAD, MERGE_CO}, 3, false, false, true},
};
static const struct merge_sector sectors[] = {{"hazchem", "yjglj", ""},
                                              {"trade_commerce", "yjglj", "swj jtysj"},
                                              {"construction", "zjj", ""}};
static const struct merge_rules rules = {
    .fields = fields,
    .n_fields = FIELDS,
    .sector = SECTOR,
    .division = DIVISION,
    .presence = {"presence", {MERGE_COMMITTEE, MERGE_LEAD}, 2, true, false, false},
    .sectors = sectors,
    .n_sectors = 3};

static const struct merge_org yjglj = {"yjglj", "DEPARTMENT", "410411"};
static const struct merge_org zjj = {"zjj", "DEPARTMENT", "410411"};
static const struct merge_org swj = {"swj", "DEPARTMENT", "410411"};
static const struct merge_org awb = {"awb", "COMMITTEE", "410411"};
static const struct merge_org mazhuang = {"mazhuang", "TOWNSHIP", "410411001"};
static const struct merge_org yaomeng = {"yaomeng", "TOWNSHIP", "410411003"};

#define VALUES(...) ((const char *const[FIELDS]){__VA_ARGS__})

static struct merge_verdict decide(const struct merge_claim *claims, size_t n,
                                   const char *const *current)
{
    struct merge_verdict verdict;
    merge_decide(&rules, claims, n, current, &verdict);
    return verdict;
}

static void what_all_lists_say_is_agreed(void **state)
{
    const struct merge_claim claims[] = {
        {&mazhuang, VALUES("甲公司(湛河)", "410411001", "hazchem", "SMALL"), 0},
        {&yjglj, VALUES("甲公司（湛河） ", "410411001", "hazchem"), 0}};
    struct merge_verdict v = decide(claims, 2, NULL);
    (void)state;
    assert_true(v.resolved);
    assert_false(v.alone);
    assert_int_equal(v.fields[NAME].outcome, MERGE_AGREED);
    assert_string_equal(v.fields[NAME].value, "甲公司(湛河)");
    assert_int_equal(v.fields[SIZE].outcome, MERGE_AGREED);
    assert_int_equal(v.fields[ADDRESS].outcome, MERGE_SILENT);
}

static void the_lead_of_the_claimed_sector_decides_the_sector_and_what_follows_from_it(void **state)
{
    const struct merge_claim claims[] = {
        {&mazhuang, VALUES("甲", "410411001", "construction", "SMALL"), 0},
        {&yjglj, VALUES("甲公司", "410411001", "hazchem", "MEDIUM"), 0}};
    struct merge_verdict v = decide(claims, 2, NULL);
    (void)state;
    assert_true(v.resolved);
    assert_string_equal(v.fields[SECTOR].value, "hazchem");
    assert_int_equal(v.fields[SECTOR].outcome, MERGE_DECIDED);
    assert_int_equal(v.fields[SECTOR].role, MERGE_LEAD);
    assert_string_equal(v.fields[SIZE].value, "MEDIUM");
    assert_string_equal(v.fields[NAME].value, "甲公司");
    assert_true(v.fields[SIZE].differs);
}

static void two_leads_that_claim_one_unit_leave_it_open(void **state)
{
    const struct merge_claim claims[] = {{&zjj, VALUES("甲", "410411001", "construction"), 0},
                                         {&yjglj, VALUES("甲", "410411001", "hazchem"), 0},
                                         {&awb, VALUES("甲", NULL, "hazchem"), 0}};
    (void)state;
    struct merge_verdict v = decide(claims, 2, NULL);
    assert_false(v.resolved);
    assert_int_equal(v.fields[SECTOR].outcome, MERGE_OPEN);
    assert_null(v.fields[SECTOR].value);
    v = decide(claims, 3, NULL);
    assert_true(v.resolved);
    assert_int_equal(v.fields[SECTOR].role, MERGE_COMMITTEE);
    assert_string_equal(v.fields[SECTOR].value, "hazchem");
}

static void the_township_in_which_it_lies_decides_the_place(void **state)
{
    const struct merge_claim claims[] = {
        {&yjglj, VALUES("甲", "410411003", "hazchem", NULL, "南路1号"), 0},
        {&mazhuang, VALUES("甲", "410411001", "hazchem", NULL, "北路2号"), 0},
        {&yaomeng, VALUES("甲", "410411003", "hazchem"), 0}};
    (void)state;
    struct merge_verdict v = decide(claims, 2, NULL);
    assert_true(v.resolved);
    assert_string_equal(v.fields[DIVISION].value, "410411001");
    assert_string_equal(v.fields[ADDRESS].value, "北路2号");
    assert_int_equal(v.fields[ADDRESS].role, MERGE_TOWNSHIP);
    v = decide(claims, 3, NULL);
    assert_false(v.resolved);
    assert_int_equal(v.fields[DIVISION].outcome, MERGE_OPEN);
}

static void one_list_alone_counts_only_when_it_is_the_leads(void **state)
{
    const struct merge_claim lead = {&yjglj, VALUES("甲", "410411001", "hazchem"), 0};
    const struct merge_claim other = {&mazhuang, VALUES("甲", "410411001", "hazchem"), 0};
    const struct merge_claim twice[] = {other, other};
    (void)state;
    assert_true(decide(&lead, 1, NULL).resolved);
    struct merge_verdict v = decide(&other, 1, NULL);
    assert_true(v.alone && v.presence_open && !v.resolved);
    assert_false(decide(twice, 2, NULL).resolved);
    assert_true(decide(&other, 1, VALUES("甲", "410411001", "hazchem", "SMALL")).resolved);
    assert_false(decide(&other, 1, VALUES("甲", "410411001", "construction")).resolved);
}

static void a_cell_that_cannot_be_read_agrees_with_nothing(void **state)
{
    const struct merge_claim claims[] = {
        {&mazhuang, VALUES("甲", "410411001", "hazchem"), 1u << SIZE},
        {&yjglj, VALUES("甲", "410411001", "hazchem", "SMALL"), 0}};
    const struct merge_claim unread[] = {
        {&mazhuang, VALUES("甲", "410411001", "hazchem", "SMALL"), 0},
        {&yjglj, VALUES("甲", "410411001", "hazchem"), 1u << SIZE}};
    (void)state;
    struct merge_verdict v = decide(claims, 2, NULL);
    assert_true(v.resolved && v.fields[SIZE].differs);
    assert_string_equal(v.fields[SIZE].value, "SMALL");
    v = decide(unread, 2, NULL);
    assert_false(v.resolved);
    assert_int_equal(v.fields[SIZE].outcome, MERGE_OPEN);
}

static void doubled_rows_of_one_list_with_different_data_are_open(void **state)
{
    const struct merge_claim claims[] = {
        {&yjglj, VALUES("甲", "410411001", "hazchem", "SMALL"), 0},
        {&yjglj, VALUES("甲", "410411001", "hazchem", "MEDIUM"), 0}};
    (void)state;
    assert_false(decide(claims, 2, NULL).resolved);
}

static void what_does_not_block_stays_as_the_register_has_it(void **state)
{
    const struct merge_claim claims[] = {
        {&awb, VALUES("甲", "410411001", "trade_commerce", NULL, "一"), 0},
        {&zjj, VALUES("甲", "410411001", "trade_commerce", NULL, "二"), 0},
        {&swj, VALUES("甲", "410411001", "trade_commerce", NULL, "三"), 0}};
    const char *const *current = VALUES("甲", "410411001", "trade_commerce", "SMALL", "旧");
    (void)state;
    struct merge_verdict v = decide(claims, 2, current);
    assert_true(v.resolved);
    assert_int_equal(v.fields[ADDRESS].outcome, MERGE_OPEN);
    assert_string_equal(merge_value(&v, ADDRESS, current), "旧");
    assert_string_equal(merge_value(&v, SIZE, current), "SMALL");
    v = decide(claims, 3, current);
    assert_string_equal(merge_value(&v, ADDRESS, current), "三");
    assert_int_equal(v.fields[ADDRESS].role, MERGE_CO);
}

static void what_is_required_must_be_said_by_somebody(void **state)
{
    const struct merge_claim claim = {&awb, VALUES("甲", "410411001", NULL), 0};
    (void)state;
    struct merge_verdict v = decide(&claim, 1, NULL);
    assert_true(v.missing && !v.resolved);
    assert_true(decide(&claim, 1, VALUES("甲", "410411001", "hazchem")).resolved);
}

static void roles_have_names(void **state)
{
    (void)state;
    for (int role = 0; role < MERGE_ROLES; role++) {
        assert_int_equal(merge_role_of(span_of(merge_role_name((enum merge_role)role))), role);
    }
    assert_int_equal(merge_role_of(SPAN_LIT("NOBODY")), MERGE_ROLES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_all_lists_say_is_agreed),
        cmocka_unit_test(
            the_lead_of_the_claimed_sector_decides_the_sector_and_what_follows_from_it),
        cmocka_unit_test(two_leads_that_claim_one_unit_leave_it_open),
        cmocka_unit_test(the_township_in_which_it_lies_decides_the_place),
        cmocka_unit_test(one_list_alone_counts_only_when_it_is_the_leads),
        cmocka_unit_test(a_cell_that_cannot_be_read_agrees_with_nothing),
        cmocka_unit_test(doubled_rows_of_one_list_with_different_data_are_open),
        cmocka_unit_test(what_does_not_block_stays_as_the_register_has_it),
        cmocka_unit_test(what_is_required_must_be_said_by_somebody),
        cmocka_unit_test(roles_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
