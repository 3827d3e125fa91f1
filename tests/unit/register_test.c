/* SPDX-License-Identifier: Apache-2.0 */
/* The register in memory, and the one question of permission asked of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "model/may.h"
#include "model/register.h"

#define FACTORY "91410411MA45ABCD6Y"
#define SCHOOL  "12410411417060017A"

static enum err add_unit(struct registry *r, const char *uscc, const char *unit, const char *sector,
                         const char *company)
{
    struct reg_unit row = {
        .uscc = uscc, .unit = unit, .division = "410411001", .company_code = company, .name = "x"};
    return registry_add_unit(r, &row, sector);
}

static enum err add_publisher(struct registry *r, const char *code, const char *kind, bool active)
{
    struct reg_publisher row = {.code = code, .kind = kind, .active = active};
    return registry_add_publisher(r, &row);
}

/* A factory with a shop, a school, a platform that may report for every school, a service
 * organisation for the factory, and a publisher that was switched off. */
static enum err fill(struct registry *r)
{
    struct reg_sector hazchem = {.code = "hazchem", .profile = "hazchem"};
    struct reg_sector education = {.code = "education", .profile = "core"};
    struct reg_division town = {"410411001", NULL, false};
    struct reg_division retired = {"410411100", "410411007", true};
    enum err e = registry_add_sector(r, &hazchem);
    e = e != ERR_OK ? e : registry_add_sector(r, &education);
    e = e != ERR_OK ? e : registry_add_division(r, &town);
    e = e != ERR_OK ? e : registry_add_division(r, &retired);
    e = e != ERR_OK ? e : add_unit(r, FACTORY, "", "hazchem", "012345678");
    e = e != ERR_OK ? e : add_unit(r, FACTORY, "shop", "hazchem", "");
    e = e != ERR_OK ? e : add_unit(r, SCHOOL, "", "education", "");
    e = e != ERR_OK ? e : add_publisher(r, "edu-platform", "PLATFORM", true);
    e = e != ERR_OK ? e : add_publisher(r, "helpers", "SERVICE_ORG", true);
    e = e != ERR_OK ? e : add_publisher(r, "gone", "PLATFORM", false);
    e = e != ERR_OK ? e : registry_add_authorisation(r, "edu-platform", "*", "education");
    e = e != ERR_OK ? e : registry_add_authorisation(r, "helpers", FACTORY, "");
    return e != ERR_OK ? e : registry_add_authorisation(r, "gone", "*", "");
}

static struct registry *sample(void)
{
    struct registry *r = NULL;
    assert_int_equal(registry_new(&r), ERR_OK);
    assert_int_equal(fill(r), ERR_OK);
    return r;
}

static void rows_are_found_by_their_keys(void **state)
{
    (void)state;
    struct registry *r = sample();
    assert_string_equal(registry_sector(r, span_of("education"))->profile, "core");
    assert_null(registry_sector(r, span_of("mining")));
    assert_true(registry_division(r, span_of("410411100"))->retired);
    assert_string_equal(registry_division(r, span_of("410411100"))->mapped_to, "410411007");
    assert_null(registry_division(r, span_of("410411001"))->mapped_to);
    const struct reg_unit *shop = registry_unit(r, span_of(FACTORY), span_of("shop"));
    assert_string_equal(shop->unit, "shop");
    assert_string_equal(shop->sector->code, "hazchem");
    assert_string_equal(registry_unit(r, span_of(FACTORY), SPAN_NONE)->unit, "");
    assert_null(registry_unit(r, span_of(FACTORY), span_of("other")));
    assert_null(registry_unit(r, span_of("nobody"), SPAN_NONE));
    assert_true(registry_has_entity(r, span_of(SCHOOL)));
    assert_false(registry_has_entity(r, span_of("nobody")));
    assert_string_equal(registry_unit_by_company(r, span_of("012345678"))->uscc, FACTORY);
    assert_null(registry_unit_by_company(r, SPAN_NONE));
    assert_int_equal(registry_unit_count(r), 3);
    registry_free(r);
}

static void a_key_longer_than_any_row_is_simply_not_there(void **state)
{
    (void)state;
    struct registry *r = sample();
    char unit[2000];
    memset(unit, 'x', sizeof unit);
    struct span endless = {unit, sizeof unit};
    assert_null(registry_unit(r, span_of(FACTORY), endless));
    assert_null(registry_unit(r, endless, SPAN_NONE));
    assert_false(registry_authorised(r, endless, span_of(FACTORY), span_of("hazchem")));
    registry_free(r);
}

static void a_unit_of_an_unknown_sector_is_refused(void **state)
{
    (void)state;
    struct registry *r = sample();
    assert_int_equal(add_unit(r, SCHOOL, "campus", "mining", ""), ERR_NOT_FOUND);
    registry_free(r);
}

static void an_entity_publishes_for_itself_without_a_row(void **state)
{
    (void)state;
    struct registry *r = sample();
    const struct reg_publisher *self = registry_publisher(r, span_of(FACTORY));
    assert_string_equal(self->kind, "ENTITY");
    assert_string_equal(self->company_code, "012345678");
    assert_true(self->active);
    assert_string_equal(registry_publisher(r, span_of("helpers"))->kind, "SERVICE_ORG");
    assert_null(registry_publisher(r, span_of("nobody")));
    registry_free(r);
}

static bool publishes(const struct registry *r, const char *publisher, const char *uscc,
                      const char *sector)
{
    struct principal who = {.publisher = registry_publisher(r, span_of(publisher))};
    struct scope scope = {.uscc = span_of(uscc), .sector = span_of(sector)};
    return may(r, &who, VERB_PUBLISH, &scope);
}

static void only_authorised_publishers_report_for_others(void **state)
{
    (void)state;
    struct registry *r = sample();
    assert_true(publishes(r, FACTORY, FACTORY, "hazchem"));
    assert_false(publishes(r, FACTORY, SCHOOL, "education"));
    assert_true(publishes(r, "edu-platform", SCHOOL, "education"));
    assert_false(publishes(r, "edu-platform", FACTORY, "hazchem"));
    assert_true(publishes(r, "helpers", FACTORY, "hazchem"));
    assert_false(publishes(r, "helpers", SCHOOL, "education"));
    assert_false(publishes(r, "gone", SCHOOL, "education"));
    assert_false(publishes(r, "nobody", SCHOOL, "education"));
    registry_free(r);
}

static void receipts_go_only_below_the_publishers_own_down(void **state)
{
    (void)state;
    struct registry *r = sample();
    struct principal who = {.publisher = registry_publisher(r, span_of(FACTORY))};
    char endless[300];
    memset(endless, 'x', sizeof endless);
    memcpy(endless, "a/b/down/", 9);
    const struct {
        struct span topic;
        bool allowed;
    } cases[] = {
        {SPAN_LIT("a/b/down/receipt"), true},
        {SPAN_LIT("a/b/down/my/own"), true},
        {SPAN_LIT("a/b/down/"), false},
        {SPAN_LIT("a/b/up/hazard"), false},
        {SPAN_LIT("a/c/down/receipt"), false},
        {SPAN_LIT("a/b/down/+"), false},
        {SPAN_LIT("a/b/down/#"), false},
        {SPAN_LIT("a/b/down/\0x"), false},
        {SPAN_LIT(""), false},
        {{endless, 256}, true},
        {{endless, 257}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scope scope = {.topic = cases[i].topic, .own_topic_prefix = SPAN_LIT("a/b/down/")};
        assert_int_equal(may(r, &who, VERB_RECEIVE, &scope), cases[i].allowed);
    }
    registry_free(r);
}

static void a_hundred_thousand_units_are_found(void **state)
{
    (void)state;
    struct registry *r = sample();
    char uscc[32];
    for (int i = 0; i < 100000; i++) {
        snprintf(uscc, sizeof uscc, "U%017d", i);
        assert_int_equal(add_unit(r, uscc, "", "education", ""), ERR_OK);
    }
    assert_int_equal(registry_unit_count(r), 100003);
    for (int i = 0; i < 100000; i += 997) {
        snprintf(uscc, sizeof uscc, "U%017d", i);
        assert_string_equal(registry_unit(r, span_of(uscc), SPAN_NONE)->uscc, uscc);
    }
    registry_free(r);
}

static void every_failed_allocation_is_told_and_nothing_leaks(void **state)
{
    (void)state;
    size_t live = mem_live();
    enum err e = ERR_NOMEM;
    for (size_t n = 1; e == ERR_NOMEM; n++) {
        struct registry *r = NULL;
        (void)mem_fail_at(n);
        e = registry_new(&r);
        if (e == ERR_OK) {
            e = fill(r);
        }
        (void)mem_fail_at(0);
        registry_free(r);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(e, ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found_by_their_keys),
        cmocka_unit_test(a_key_longer_than_any_row_is_simply_not_there),
        cmocka_unit_test(a_unit_of_an_unknown_sector_is_refused),
        cmocka_unit_test(an_entity_publishes_for_itself_without_a_row),
        cmocka_unit_test(only_authorised_publishers_report_for_others),
        cmocka_unit_test(receipts_go_only_below_the_publishers_own_down),
        cmocka_unit_test(a_hundred_thousand_units_are_found),
        cmocka_unit_test(every_failed_allocation_is_told_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
