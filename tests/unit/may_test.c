/* SPDX-License-Identifier: Apache-2.0 */
/* What an organisation may publish, by its kind, its sectors and its division. */
#include "model/may.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "model/division.h"

#define FACTORY "91410411MA45ABCD6Y"

static struct registry *registry;

static enum err add_org(const char *code, enum org_kind kind, const char *division,
                        const char *sectors, bool active)
{
    const struct reg_org row = {code, kind, division, sectors, active};
    return registry_add_org(registry, &row);
}

static enum err fill(void)
{
    const struct reg_sector sectors[] = {
        {.code = "hazchem", .profile = "hazchem", .lead_org = "yjglj"},
        {.code = "machinery", .profile = "", .lead_org = "yjglj"},
        {.code = "trade", .profile = "trade", .lead_org = "yjglj", .co_orgs = "swj gaj"},
        {.code = "school", .profile = "core"},
    };
    enum err e = registry_new(&registry);
    for (size_t i = 0; i < sizeof sectors / sizeof sectors[0] && e == ERR_OK; i++) {
        e = registry_add_sector(registry, &sectors[i]);
    }
    e = e != ERR_OK ? e : add_org("awb", ORG_COMMITTEE, "410411", "", true);
    e = e != ERR_OK ? e : add_org("qzf", ORG_GOVERNMENT, "", "", true);
    e = e != ERR_OK ? e : add_org("shi", ORG_UPPER, "410400", "", true);
    e = e != ERR_OK ? e : add_org("yjglj", ORG_DEPARTMENT, "410411", "hazchem machinery", true);
    e = e != ERR_OK ? e : add_org("swj", ORG_DEPARTMENT, "410411", "complex", true);
    e = e != ERR_OK ? e : add_org("xfdd", ORG_DEPARTMENT, "410411", "", true);
    e = e != ERR_OK ? e : add_org("nowhere", ORG_DEPARTMENT, NULL, NULL, true);
    e = e != ERR_OK ? e : add_org("mazhuang", ORG_TOWNSHIP, "410411001", "", true);
    e = e != ERR_OK ? e : add_org("homeless", ORG_TOWNSHIP, "", "", true);
    e = e != ERR_OK ? e : add_org("club", ORG_OTHER, "410411", "", true);
    return e != ERR_OK ? e : add_org("gone", ORG_COMMITTEE, "410411", "", false);
}

static int load(void **state)
{
    (void)state;
    return fill() == ERR_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    registry_free(registry);
    return 0;
}

static bool publishes(const char *org, const struct scope *scope)
{
    const struct principal who = {registry_publisher(registry, span_of(org)),
                                  registry_org(registry, span_of(org))};
    return may(registry, &who, VERB_PUBLISH, scope);
}

static bool about_unit(const char *org, const char *sector, const char *co_sectors,
                       const char *division)
{
    const struct scope scope = {.uscc = SPAN_LIT(FACTORY),
                                .sector = span_of(sector),
                                .co_sectors = co_sectors,
                                .division = span_of(division)};
    return publishes(org, &scope);
}

static bool about_org(const char *org, const char *subject)
{
    const struct scope scope = {
        .org = span_of(subject), .sector = SPAN_LIT("org"), .division = SPAN_LIT("410411")};
    return publishes(org, &scope);
}

static void who_coordinates_reports_about_every_unit(void **state)
{
    (void)state;
    assert_true(about_unit("awb", "hazchem", "", "410411001"));
    assert_true(about_unit("qzf", "school", NULL, "410411200"));
    assert_true(about_unit("shi", "school", "", "410411200"));
    assert_false(about_unit("gone", "hazchem", "", "410411001"));
    assert_false(about_unit("club", "hazchem", "", "410411001"));
}

static void a_department_reports_about_units_of_its_sectors(void **state)
{
    (void)state;
    assert_true(about_unit("yjglj", "hazchem", "", "410411001"));
    assert_true(about_unit("yjglj", "school", "trade machinery", "410411001"));
    assert_false(about_unit("yjglj", "school", "", "410411001"));
    assert_false(about_unit("yjglj", "hazchem", "", "410402001"));
    assert_true(about_unit("xfdd", "school", "", "410411001"));
    assert_false(about_unit("nowhere", "hazchem", "", "410411001"));
}

static void a_sector_names_its_departments_too(void **state)
{
    (void)state;
    assert_true(about_unit("yjglj", "trade", "", "410411001"));
    assert_true(about_unit("swj", "trade", "", "410411001"));
    assert_false(about_unit("swj", "hazchem", "", "410411001"));
}

static void a_township_reports_about_units_that_lie_in_it(void **state)
{
    (void)state;
    assert_true(about_unit("mazhuang", "school", "", "410411001"));
    assert_true(about_unit("mazhuang", "hazchem", "", "410411001003"));
    assert_false(about_unit("mazhuang", "school", "", "410411002"));
    assert_false(about_unit("mazhuang", "school", "", "410411"));
    assert_false(about_unit("homeless", "school", "", "410411001"));
}

static void every_organisation_reports_about_itself_and_some_about_others(void **state)
{
    (void)state;
    assert_true(about_org("yjglj", "yjglj"));
    assert_true(about_org("mazhuang", "mazhuang"));
    assert_true(about_org("club", "club"));
    assert_true(about_org("awb", "mazhuang"));
    assert_true(about_org("shi", "awb"));
    assert_false(about_org("yjglj", "mazhuang"));
    assert_false(about_org("mazhuang", "awb"));
    assert_false(about_org("gone", "gone"));
}

static void who_is_no_organisation_reports_about_none(void **state)
{
    (void)state;
    const struct reg_publisher platform = {.code = "all", .kind = "PLATFORM", .active = true};
    const struct principal who = {.publisher = &platform};
    const struct scope scope = {.org = SPAN_LIT("awb"), .sector = SPAN_LIT("org")};
    assert_int_equal(registry_add_authorisation(registry, "all", "*", ""), ERR_OK);
    assert_false(may(registry, &who, VERB_PUBLISH, &scope));
}

static void an_organisation_publishes_under_its_code_without_a_row(void **state)
{
    (void)state;
    assert_string_equal(registry_publisher(registry, SPAN_LIT("awb"))->kind, "ORG");
    assert_true(registry_publisher(registry, SPAN_LIT("awb"))->active);
    assert_false(registry_publisher(registry, SPAN_LIT("gone"))->active);
    assert_null(registry_org(registry, SPAN_LIT("nobody")));
    assert_int_equal(org_kind_of(SPAN_LIT("TOWNSHIP")), ORG_TOWNSHIP);
    assert_int_equal(org_kind_of(SPAN_LIT("CLUB")), ORG_OTHER);
}

static void divisions_lie_in_each_other_by_their_digits(void **state)
{
    (void)state;
    assert_true(division_within(SPAN_LIT("410411001"), SPAN_LIT("410411")));
    assert_true(division_within(SPAN_LIT("410411001"), SPAN_LIT("410400")));
    assert_true(division_within(SPAN_LIT("410411001"), SPAN_LIT("410000")));
    assert_false(division_within(SPAN_LIT("410411001"), SPAN_LIT("410402")));
    /* Zeros that end a township's code belong to it. */
    assert_true(division_within(SPAN_LIT("410411100"), SPAN_LIT("410411100")));
    assert_false(division_within(SPAN_LIT("410411101"), SPAN_LIT("410411100")));
    assert_false(division_within(SPAN_LIT("410411101"), SPAN_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_coordinates_reports_about_every_unit),
        cmocka_unit_test(a_department_reports_about_units_of_its_sectors),
        cmocka_unit_test(a_sector_names_its_departments_too),
        cmocka_unit_test(a_township_reports_about_units_that_lie_in_it),
        cmocka_unit_test(every_organisation_reports_about_itself_and_some_about_others),
        cmocka_unit_test(who_is_no_organisation_reports_about_none),
        cmocka_unit_test(an_organisation_publishes_under_its_code_without_a_row),
        cmocka_unit_test(divisions_lie_in_each_other_by_their_digits),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
