/* SPDX-License-Identifier: Apache-2.0 */
/* The believable district and what it tells: the same for the same seed, right where it means to be
 * right, and wrong for exactly the reason it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapt/adapt.h"
#include "base/alloc.h"
#include "base/map.h"
#include "cli/simulate_story.h"
#include "model/uscc.h"
#include "pipe/intake.h"

#define NODE     "410411"
#define ENTITIES 400
/* 2020-04-08 and thirty days. */
#define FIRST_DAY 18360
#define RECEIVED  INT64_C(1609430400000000) /* 2021-01-01 */

static const struct sim_days days = {FIRST_DAY, 30};
static struct sim_native *native;
static struct schema *schema;
static struct adapters *adapters;

static int given_adapters(void **state)
{
    static const struct read_limits limits = {
        .reports_max = 500, .report_bytes_max = 262144, .depth_max = 16};
    const char *why = NULL;
    struct buf errors;
    buf_init(&errors, 0);
    bool ok = schema_load(&schema, &why) == ERR_OK &&
              adapters_load("adapters", schema, &limits, &adapters, &errors) == ERR_OK &&
              sim_native_open(&native, "adapters", &errors) == ERR_OK;
    print_error("%s", buf_text(&errors));
    buf_free(&errors);
    return ok ? 0 : -1;
}

static int and_no_leak(void **state)
{
    sim_native_close(native);
    adapters_free(adapters);
    schema_free(schema);
    return mem_live() == 0 ? 0 : -1;
}

static void given_district(struct district *d, uint64_t seed, size_t n)
{
    assert_int_equal(district_make(d, seed, n, NODE), ERR_OK);
}

static void given_story(struct story *s, const struct district *d)
{
    story_init(s, d, native);
    assert_int_equal(story_tell(s, days), ERR_OK);
}

/* ---- the district as a register ---- */

static enum err add_entity(struct registry *r, const struct district_entity *e)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < e->n_units && err == ERR_OK; i++) {
        const struct reg_unit row = {
            .uscc = e->uscc,
            .unit = e->units[i].unit,
            .division = e->units[i].division,
            .company_code = i == 0 && e->company_code ? e->company_code : "",
            .name = e->units[i].name,
        };
        err = registry_add_unit(r, &row, e->sector->code);
    }
    const struct reg_publisher row = {
        .code = e->uscc,
        .kind = "ENTITY",
        .adapters = e->adapter ? e->adapter : "",
        .charset = "",
        .key = e->adapter_key ? e->adapter_key : "",
        .company_code = e->company_code ? e->company_code : "",
        .active = true,
    };
    if (err == ERR_OK && e->adapter != NULL) {
        err = registry_add_publisher(r, &row);
    }
    if (err == ERR_OK && strcmp(e->publisher, e->uscc) != 0) {
        err = registry_add_authorisation(r, e->publisher, e->uscc, "");
    }
    return err;
}

static struct registry *registry_of(const struct district *d)
{
    struct registry *r = NULL;
    assert_int_equal(registry_new(&r), ERR_OK);
    for (size_t i = 0; i < WORDS_SECTORS; i++) {
        const struct reg_sector row = {.code = words_sectors[i].code,
                                       .profile = words_sectors[i].profile};
        assert_int_equal(registry_add_sector(r, &row), ERR_OK);
    }
    for (size_t i = 0; i < WORDS_TOWNSHIPS; i++) {
        char code[16];
        snprintf(code, sizeof code, NODE "%s", words_townships[i].suffix);
        assert_int_equal(registry_add_division(r, &(struct reg_division){code, NULL, false}),
                         ERR_OK);
    }
    const char *const others[] = {d->service_org, d->platform};
    for (size_t i = 0; i < 2; i++) {
        const struct reg_publisher row = {.code = others[i], .kind = "PLATFORM", .active = true};
        assert_int_equal(registry_add_publisher(r, &row), ERR_OK);
    }
    for (size_t i = 0; i < d->n_entities; i++) {
        assert_int_equal(add_entity(r, &d->entities[i]), ERR_OK);
    }
    return r;
}

/* ---- tests ---- */

static void every_entity_has_a_valid_code_of_its_own(void **state)
{
    struct district d;
    struct map seen, companies;
    map_init(&seen);
    map_init(&companies);
    given_district(&d, 7, 2000);
    for (size_t i = 0; i < d.n_entities; i++) {
        struct district_entity *e = &d.entities[i];
        assert_true(uscc_valid(span_of(e->uscc)));
        assert_null(map_get(&seen, span_of(e->uscc)));
        assert_int_equal(map_put(&seen, span_of(e->uscc), e), ERR_OK);
        if (e->company_code != NULL) {
            assert_int_equal(strlen(e->company_code), 9);
            assert_null(map_get(&companies, span_of(e->company_code)));
            assert_int_equal(map_put(&companies, span_of(e->company_code), e), ERR_OK);
        }
    }
    map_free(&seen);
    map_free(&companies);
    district_free(&d);
}

static void the_smallest_district_has_every_sector_and_township(void **state)
{
    struct district d;
    bool sector[WORDS_SECTORS] = {false}, township[WORDS_TOWNSHIPS] = {false};
    size_t sectors = 0, townships = 0;
    given_district(&d, 3, WORDS_SECTORS);
    for (size_t i = 0; i < d.n_entities; i++) {
        sector[d.entities[i].sector - words_sectors] = true;
        for (size_t t = 0; t < WORDS_TOWNSHIPS; t++) {
            township[t] |= strcmp(d.entities[i].division + 6, words_townships[t].suffix) == 0;
        }
    }
    for (size_t i = 0; i < WORDS_SECTORS; i++) {
        sectors += sector[i];
    }
    for (size_t i = 0; i < WORDS_TOWNSHIPS; i++) {
        townships += township[i];
    }
    assert_int_equal(sectors, 16);
    assert_int_equal(townships, 10);
    district_free(&d);
}

static void the_nth_entity_is_the_same_in_a_larger_district(void **state)
{
    struct district small, large;
    given_district(&small, 7, 40);
    given_district(&large, 7, 400);
    for (size_t i = 0; i < small.n_entities; i++) {
        assert_string_equal(small.entities[i].uscc, large.entities[i].uscc);
        assert_string_equal(small.entities[i].name, large.entities[i].name);
        assert_string_equal(small.entities[i].build_state, large.entities[i].build_state);
    }
    district_free(&small);
    district_free(&large);
}

static void the_same_seed_tells_the_same(void **state)
{
    struct district d[2];
    struct story s[2];
    for (size_t i = 0; i < 2; i++) {
        given_district(&d[i], 11, 60);
        given_story(&s[i], &d[i]);
    }
    assert_int_equal(s[0].count, s[1].count);
    for (size_t i = 0; i < s[0].count; i++) {
        assert_string_equal(s[0].messages[i].topic, s[1].messages[i].topic);
        assert_true(span_eq(s[0].messages[i].payload, s[1].messages[i].payload));
    }
    for (size_t i = 0; i < 2; i++) {
        story_free(&s[i]);
        district_free(&d[i]);
    }
}

static const char *word(enum reason reason)
{
    return reason == REASON_NONE ? "taken" : reason_word(reason);
}

static size_t compare(const struct sim_message *told, const struct message *m)
{
    size_t bad = 0;
    if (m->n_entries != told->reports) {
        print_error("%s: %zu reports instead of %zu\n", told->topic, m->n_entries, told->reports);
        return 1;
    }
    for (size_t i = 0; i < m->n_entries; i++) {
        const struct problem *p = &m->entries[i].report.problem;
        enum reason expected = i == told->wrong ? told->reason : REASON_NONE;
        if (p->reason != expected) {
            print_error("%s[%zu]: %s instead of %s: %s %s\n", told->topic, i, word(p->reason),
                        word(expected), p->field ? p->field : "", p->value ? p->value : "");
            bad++;
        }
    }
    return bad;
}

static void blame(void *ctx, struct span adapter, struct report *r, struct arena *arena)
{
    adapt_blame(ctx, adapter, r, arena);
}

/* Most findings mean that the district contradicts itself. */
static size_t unbelievable(const struct message *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_entries; i++) {
        for (const struct finding *f = m->entries[i].report.findings; f; f = f->next) {
            bool usual = strcmp(f->code, "major_without_basis") == 0;
            if (!usual) {
                print_error("%.*s: finding %s %s %s\n", SPAN_ARG(m->topic), f->code, f->field,
                            f->reported ? f->reported : "");
                n++;
            }
        }
        for (const struct warning *w = m->entries[i].report.warnings; w; w = w->next) {
            print_error("%.*s: warning %s\n", SPAN_ARG(m->topic), w->text);
            n++;
        }
    }
    return n;
}

static void every_report_is_taken_or_refused_as_told(void **state)
{
    struct district d;
    struct story s;
    struct clock_fake now;
    static const struct native_ops ops = {adapt_redact, adapt_read, blame};
    given_district(&d, 7, ENTITIES);
    given_story(&s, &d);
    clock_fake_init(&now, RECEIVED);
    struct registry *registry = registry_of(&d);
    const struct intake intake = {
        .schema = schema,
        .registry = registry,
        .clock = &now.clock,
        .node = NODE,
        .limits = {.reports_max = 500, .report_bytes_max = 262144, .depth_max = 16},
        .message_bytes_max = 1 << 20,
        .arena_bytes_max = 16 << 20,
        .correlation_bytes_max = 256,
        .response_topic_bytes_max = 256,
        .future_tolerance_us = 600000000,
        .rules = {33, 35, 112, 115, true},
        .native = &ops,
        .native_ctx = adapters,
    };
    size_t bad = 0, reasons = 0, hazchem = 0, gongmao = 0;
    bool seen[REASON_COUNT] = {false};
    for (size_t i = 0; i < s.count && bad < 20; i++) {
        const struct sim_message *told = &s.messages[i];
        const struct incoming in = {.topic = span_of(told->topic),
                                    .payload = told->payload,
                                    .content_type = span_of(told->content_type)};
        struct message *m = intake_take(&intake, &in);
        assert_non_null(m);
        bad += compare(told, m) + (told->reason == REASON_NONE ? unbelievable(m) : 0);
        seen[told->reason] = true;
        hazchem += told->adapter && strcmp(told->adapter, "hazchem") == 0;
        gongmao += told->adapter && strcmp(told->adapter, "gongmao") == 0;
        message_free(m);
    }
    for (size_t i = 1; i < REASON_COUNT; i++) {
        reasons += seen[i];
    }
    print_message("%zu messages, %zu reasons, %zu hazchem, %zu gongmao\n", s.count, reasons,
                  hazchem, gongmao);
    assert_int_equal(bad, 0);
    assert_true(reasons >= 10);
    assert_true(hazchem > 20);
    assert_true(gongmao > 20);
    registry_free(registry);
    story_free(&s);
    district_free(&d);
}

static void memory_running_out_is_said_and_leaves_nothing(void **state)
{
    size_t live = mem_live();
    bool done = false;
    for (size_t n = 1; !done; n += n / 8 + 1) {
        struct district d;
        struct story s;
        mem_fail_at(n);
        enum err e = district_make(&d, 5, WORDS_SECTORS, NODE);
        story_init(&s, &d, native);
        if (e == ERR_OK) {
            e = story_tell(&s, (struct sim_days){FIRST_DAY, 2});
        }
        done = mem_fail_at(0) < n;
        assert_true(e == ERR_NOMEM || e == ERR_OK);
        assert_true(!done || e == ERR_OK);
        story_free(&s);
        district_free(&d);
        assert_int_equal(mem_live(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entity_has_a_valid_code_of_its_own),
        cmocka_unit_test(the_smallest_district_has_every_sector_and_township),
        cmocka_unit_test(the_nth_entity_is_the_same_in_a_larger_district),
        cmocka_unit_test(the_same_seed_tells_the_same),
        cmocka_unit_test(every_report_is_taken_or_refused_as_told),
        cmocka_unit_test(memory_running_out_is_said_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, given_adapters, and_no_leak);
}
