/* SPDX-License-Identifier: Apache-2.0 */
/* For every record, in every profile, a right report; and for every field of it, however deep, one
 * that is wrong there alone in each way the field can be: refused for exactly that, at exactly that
 * place. All of it from the descriptors: a record or a field that is new is asked the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/civil_time.h"
#include "model/json_read.h"
#include "model/rules.h"
#include "unit/any_report.h"

#define NOW          "2020-11-02T09:00:00+08:00"
#define PROFILES_MAX 16
#define REPORT_MAX   ((size_t)64 << 20)
#define SHOWN_MAX    20

static struct schema *schema;
static struct registry *registry;
static const char *profiles[PROFILES_MAX] = {"core"};
static size_t n_profiles = 1;

/* What is being asked, and how often it was answered wrongly. */
struct asking {
    struct any any;
    size_t asked;
    size_t wrong;
    size_t of_spoil[SPOIL_COUNT];
};

/* ---- the register: a unit in each profile that any field names ---- */

static bool is_profile(const char *name)
{
    for (size_t i = 0; i < n_profiles; i++) {
        if (strcmp(profiles[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void collect_profiles(const struct message_type *m)
{
    for (size_t i = 0; i < m->n_fields; i++) {
        const struct field_type *f = &m->fields[i];
        for (size_t k = 0; k < f->rule->n_required_in; k++) {
            if (!is_profile(f->rule->required_in[k])) {
                assert_true(n_profiles < PROFILES_MAX);
                profiles[n_profiles++] = f->rule->required_in[k];
            }
        }
        if (f->message) {
            collect_profiles(f->message);
        }
    }
}

static enum err add_profile(const char *name)
{
    const struct reg_sector sector = {.code = name, .profile = name};
    const struct reg_unit unit = {.uscc = ANY_USCC,
                                  .unit = name,
                                  .division = ANY_DIVISION,
                                  .company_code = "",
                                  .name = "registered"};
    enum err e = registry_add_sector(registry, &sector);
    return e != ERR_OK ? e : registry_add_unit(registry, &unit, name);
}

static int load(void **state)
{
    const char *why = NULL;
    const struct reg_division divisions[] = {{"410411", NULL, false}, {ANY_DIVISION, NULL, false}};
    const struct reg_org office = {ANY_ORG, ORG_COMMITTEE, "410411", "", true};
    const struct reg_unit entity = {
        .uscc = ANY_USCC, .unit = "", .division = ANY_DIVISION, .company_code = "", .name = "n"};
    enum err e = schema_load(&schema, &why);
    e = e != ERR_OK ? e : registry_new(&registry);
    if (e != ERR_OK) {
        return -1;
    }
    collect_profiles(schema->report);
    for (size_t i = 0; i < n_profiles && e == ERR_OK; i++) {
        e = add_profile(profiles[i]);
    }
    for (size_t i = 0; i < 2 && e == ERR_OK; i++) {
        e = registry_add_division(registry, &divisions[i]);
    }
    e = e != ERR_OK ? e : registry_add_unit(registry, &entity, "core");
    e = e != ERR_OK ? e : registry_add_org(registry, &office);
    return e == ERR_OK ? 0 : -1;
}

static int unload(void **state)
{
    registry_free(registry);
    schema_free(schema);
    return 0;
}

/* ---- asking ---- */

static void judge(const struct any *g, struct report *r, struct arena *arena)
{
    static const struct attachment_limits files = {.bytes_max = 1 << 20, .count_max = 20};
    const struct principal unit = {.publisher = registry_publisher(registry, span_of(ANY_USCC))};
    const struct principal office = {.publisher = registry_publisher(registry, span_of(ANY_ORG)),
                                     .org = registry_org(registry, span_of(ANY_ORG))};
    bool by_org = g->record->by_org;
    struct rules_context ctx = {.schema = schema,
                                .registry = registry,
                                .node = "410411",
                                .publisher = by_org ? &office : &unit,
                                .topic_sector = span_of(by_org ? "org" : g->profile),
                                .future_tolerance_us = INT64_C(600) * 1000000,
                                .attachments = files};
    assert_true(time_parse(span_of(NOW), &ctx.received_us));
    assert_int_equal(rules_judge(&ctx, r, arena), ERR_OK);
}

static void answer_is(struct asking *a, enum reason reason, const char *field)
{
    static const struct read_limits limits = {
        .reports_max = 1, .report_bytes_max = REPORT_MAX, .depth_max = 16};
    struct arena arena;
    struct report_set set;
    struct buf text;
    buf_init(&text, 0);
    arena_init(&arena, REPORT_MAX);
    a->any.out = &text;
    any_report(&a->any);
    assert_int_equal(json_read(schema, buf_span(&text), NULL, &limits, &arena, &set), ERR_OK);
    assert_int_equal(set.count, 1);
    struct report *r = &set.items[0];
    if (r->problem.reason == REASON_NONE) {
        judge(&a->any, r, &arena);
    }
    const char *got = r->problem.field ? r->problem.field : "";
    a->asked++;
    a->of_spoil[a->any.spoil]++;
    if (r->problem.reason != reason || strcmp(got, field) != 0) {
        if (a->wrong++ < SHOWN_MAX) {
            print_error("%s in %s, %d at %s: '%s' at '%s' (%s), wanted '%s' at '%s'\n%.600s\n",
                        a->any.record->name, a->any.profile, (int)a->any.spoil,
                        a->any.at ? a->any.at : "", reason_word(r->problem.reason), got,
                        r->problem.value ? r->problem.value : "", reason_word(reason), field,
                        buf_text(&text));
        }
    }
    buf_free(&text);
    arena_free(&arena);
}

/* ---- what can be wrong with a field ---- */

static bool is_required(const struct asking *a, const struct field_type *f)
{
    return f->rule->required || any_in_profile(f, a->any.profile);
}

static bool has_format(const struct field_type *f)
{
    int format = (int)f->rule->format;
    return format != ANY_FORMAT(TEXT) && format != ANY_FORMAT(DOC_NO) && format != ANY_FORMAT(JSON);
}

static bool can_be(const struct asking *a, const struct field_type *f, enum any_spoil spoil)
{
    const Dualgate__V1__FieldRule *r = f->rule;
    bool text = any_is_text(f);
    switch (spoil) {
    case SPOIL_MISSING:
        return is_required(a, f);
    case SPOIL_EMPTY:
        return is_required(a, f) && text && !any_repeated(f);
    case SPOIL_CODE_NAME:
    case SPOIL_CODE_NUMBER:
        return f->codes != NULL;
    case SPOIL_LONG:
        return text && r->max_chars > 0 && !r->attachment;
    case SPOIL_SHORT:
        return text && r->min_chars > 1;
    case SPOIL_CONTROL:
        return text && r->format != ANY_FORMAT(JSON);
    case SPOIL_LOW:
        return any_is_number(f) || (any_is_decimal(f) && r->decimal_min);
    case SPOIL_HIGH:
        return any_is_number(f) || any_is_decimal(f);
    case SPOIL_FINE:
        return any_is_decimal(f);
    case SPOIL_FORMAT:
        return text && (has_format(f) || r->attachment);
    case SPOIL_TYPE:
        return true;
    case SPOIL_LIST:
        return any_repeated(f);
    case SPOIL_MANY:
    case SPOIL_FULL:
        return any_repeated(f) && r->max_items > 0;
    case SPOIL_NOTHING:
    case SPOIL_COUNT:
        break;
    }
    return false;
}

static enum reason reason_of_format(const Dualgate__V1__FieldRule *rule)
{
    if (rule->attachment) {
        return REASON_ATTACHMENT_BROKEN;
    }
    switch ((int)rule->format) {
    case ANY_FORMAT(TIMESTAMP):
    case ANY_FORMAT(DATE):
    case ANY_FORMAT(TIME_OF_DAY):
    case ANY_FORMAT(PERIOD):
        return REASON_BAD_DATE;
    case ANY_FORMAT(USCC):
        return REASON_BAD_USCC;
    case ANY_FORMAT(SECTOR):
        return REASON_UNKNOWN_CODE;
    case ANY_FORMAT(ORG):
        return REASON_UNKNOWN_ORG;
    default:
        return rule->min_chars > 1 ? REASON_TOO_SHORT : REASON_BAD_FORMAT;
    }
}

static enum reason reason_of(const struct field_type *f, enum any_spoil spoil)
{
    static const enum reason reasons[SPOIL_COUNT] = {
        [SPOIL_MISSING] = REASON_MISSING_FIELD,
        [SPOIL_EMPTY] = REASON_MISSING_FIELD,
        [SPOIL_CODE_NAME] = REASON_UNKNOWN_CODE,
        [SPOIL_CODE_NUMBER] = REASON_UNKNOWN_CODE,
        [SPOIL_LONG] = REASON_TOO_LONG,
        [SPOIL_SHORT] = REASON_TOO_SHORT,
        [SPOIL_CONTROL] = REASON_CONTROL_CHARACTER,
        [SPOIL_LOW] = REASON_OUT_OF_RANGE,
        [SPOIL_HIGH] = REASON_OUT_OF_RANGE,
        [SPOIL_FINE] = REASON_OUT_OF_RANGE,
        [SPOIL_TYPE] = REASON_WRONG_TYPE,
        [SPOIL_LIST] = REASON_WRONG_TYPE,
        [SPOIL_MANY] = REASON_TOO_MANY,
        [SPOIL_FULL] = REASON_NONE,
    };
    return spoil == SPOIL_FORMAT ? reason_of_format(f->rule) : reasons[spoil];
}

/* Whom a report is about is asked before its fields are. */
static enum reason reason_of_subject(const struct asking *a, enum any_spoil spoil,
                                     enum reason otherwise)
{
    if (spoil == SPOIL_MISSING || spoil == SPOIL_EMPTY) {
        return REASON_SUBJECT_MISSING;
    }
    bool is_read = spoil != SPOIL_TYPE;
    return a->any.about_org && is_read ? REASON_UNKNOWN_ORG : otherwise;
}

/* The item of a list, where it is not the list that is wrong. */
static bool of_list(enum any_spoil spoil)
{
    return spoil == SPOIL_MISSING || spoil == SPOIL_LIST || spoil == SPOIL_MANY ||
           spoil == SPOIL_FULL;
}

static void ask_spoil(struct asking *a, const struct message_type *m, const struct field_type *f,
                      struct path path, enum any_spoil spoil)
{
    char at[PATH_TEXT_MAX];
    enum reason reason = reason_of(f, spoil);
    path.is_item = any_repeated(f) && !of_list(spoil);
    a->any.spoil = spoil;
    a->any.at = path_text(&path, at);
    if (m == a->any.record->message && f->desc == a->any.record->org) {
        if (!a->any.about_org) {
            return; /* a unit's report does not name one */
        }
        reason = reason_of_subject(a, spoil, reason);
    }
    answer_is(a, reason, reason == REASON_NONE ? "" : at);
}

static void ask_fields(struct asking *a, const struct message_type *m, const struct path *above)
{
    for (size_t i = 0; i < m->n_fields; i++) {
        const struct field_type *f = &m->fields[i];
        struct path path = {.up = above, .name = f->desc->name};
        if (f->rule->node_sets) {
            continue;
        }
        for (int spoil = SPOIL_NOTHING + 1; spoil < SPOIL_COUNT; spoil++) {
            if (can_be(a, f, (enum any_spoil)spoil)) {
                ask_spoil(a, m, f, path, (enum any_spoil)spoil);
            }
        }
        path.is_item = any_repeated(f);
        if (f->message) {
            ask_fields(a, f->message, &path);
        }
    }
}

/* ---- every record, in every profile, about whom it may be ---- */

static size_t codes_max(const struct message_type *m)
{
    size_t most = 1;
    for (size_t i = 0; i < m->n_fields; i++) {
        const struct field_type *f = &m->fields[i];
        size_t n = f->codes ? f->codes->n_values : f->message ? codes_max(f->message) : 0;
        most = n > most ? n : most;
    }
    return most;
}

static void each_subject(struct asking *a, void (*ask)(struct asking *a))
{
    for (int org = 0; org < 2; org++) {
        a->any.about_org = org;
        if (org ? a->any.record->about_org : a->any.record->about_unit) {
            ask(a);
        }
    }
}

static void each_record(struct asking *a, void (*ask)(struct asking *a))
{
    for (size_t p = 0; p < n_profiles; p++) {
        a->any.profile = a->any.unit = profiles[p];
        for (size_t i = 0; i < schema->n_records; i++) {
            a->any.record = &schema->records[i];
            each_subject(a, ask);
        }
    }
    assert_true(a->asked > 0);
    if (a->wrong > 0) {
        fail_msg("%zu of %zu answers are wrong", a->wrong, a->asked);
    }
}

static void ask_right_ones(struct asking *a)
{
    static const enum any_fill fills[] = {ANY_REQUIRED, ANY_EVERY, ANY_LIMITS};
    size_t turns = codes_max(a->any.record->message);
    for (size_t i = 0; i < sizeof fills / sizeof fills[0]; i++) {
        a->any.fill = fills[i];
        for (a->any.turn = 0; a->any.turn < turns; a->any.turn++) {
            answer_is(a, REASON_NONE, "");
        }
    }
}

static void every_record_has_a_right_example_of_every_code(void **state)
{
    struct asking a = {.any = {.turn = 0}};
    each_record(&a, ask_right_ones);
}

static void ask_spoilt_ones(struct asking *a)
{
    const struct path body = {.name = "body"};
    size_t before = a->asked;
    ask_fields(a, a->any.record->message, &body);
    if (a->asked == before) {
        fail_msg("nothing of %s can be wrong", a->any.record->name);
    }
}

static void what_is_wrong_is_refused_for_exactly_that(void **state)
{
    struct asking a = {.any = {.fill = ANY_EVERY}};
    each_record(&a, ask_spoilt_ones);
    for (int spoil = SPOIL_NOTHING + 1; spoil < SPOIL_COUNT; spoil++) {
        assert_true(a.of_spoil[spoil] > 0);
    }
    print_message("%zu wrong in one place each\n", a.asked);
}

/* The same with nothing but what must be there: a rule that only holds beside other fields shows.
 */
static void it_is_refused_also_where_nothing_else_is_said(void **state)
{
    struct asking a = {.any = {.fill = ANY_REQUIRED}};
    each_record(&a, ask_spoilt_ones);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_has_a_right_example_of_every_code),
        cmocka_unit_test(what_is_wrong_is_refused_for_exactly_that),
        cmocka_unit_test(it_is_refused_also_where_nothing_else_is_said),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
