/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded schema loads and says what proto/ says; a set that differs from the C descriptors,
 * or options that name nothing, are refused with their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "model/schema.h"

extern const unsigned char descriptor_set_bytes[];
extern const size_t descriptor_set_size;

#define SET_MAX ((size_t)1 << 18)

static char set_copy[SET_MAX];
static struct schema *schema;

static int load(void **state)
{
    (void)state;
    const char *why = NULL;
    enum err e = schema_load(&schema, &why);
    if (e != ERR_OK) {
        (void)fprintf(stderr, "%s\n", why);
    }
    return e == ERR_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    schema_free(schema);
    return 0;
}

static const struct record_type *record(const char *name)
{
    const struct record_type *r = schema_record(schema, span_of(name));
    assert_non_null(r);
    return r;
}

static const struct field_type *field(const char *of, const char *name)
{
    const struct field_type *f = message_field(record(of)->message, span_of(name));
    assert_non_null(f);
    return f;
}

static void every_record_is_found_by_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema->n_records; i++) {
        const struct record_type *r = &schema->records[i];
        assert_ptr_equal(schema_record(schema, span_of(r->name)), r);
        assert_int_equal(r->index, i);
    }
    assert_null(schema_record(schema, SPAN_LIT("hazar")));
    assert_null(schema_record(schema, SPAN_LIT("hazards")));
    assert_null(schema_record(schema, SPAN_LIT("")));
    assert_null(schema_record(schema, SPAN_LIT("uscc")));
    assert_null(schema_record(schema, SPAN_LIT("unknown_members")));
    assert_null(schema_record(schema, SPAN_LIT("hazard\0")));
}

static void no_field_is_found_by_half_its_name(void **state)
{
    (void)state;
    assert_null(message_field(record("hazard")->message, SPAN_LIT("nam")));
    assert_null(message_field(record("hazard")->message, SPAN_LIT("names")));
    assert_null(message_field(record("hazard")->message, SPAN_NONE));
}

static void the_chain_names_its_parents(void **state)
{
    (void)state;
    static const char *const chain[][3] = {
        {"risk_unit", "risk_object_id", "risk_object"},
        {"risk_event", "risk_unit_id", "risk_unit"},
        {"measure", "risk_event_id", "risk_event"},
        {"check_task", "measure_id", "measure"},
        {"check_record", "task_id", "check_task"},
        {"hazard", "measure_id", "measure"},
        {"hazard", "check_record_id", "check_record"},
        {"hazard_transition", "id", "hazard"},
        {"major_plan", "hazard_id", "hazard"},
        {"escalation", "hazard_id", "hazard"},
        {"outage", "risk_unit_id", "risk_unit"},
        {"major_risk_report", "risk_unit_id", "risk_unit"},
    };
    for (size_t i = 0; i < sizeof(chain) / sizeof(chain[0]); i++) {
        assert_string_equal(field(chain[i][0], chain[i][1])->rule->parent, chain[i][2]);
    }
    assert_null(field("risk_unit", "risk_object_code")->rule->parent);
}

static void the_core_of_a_hazard_is_required_of_all_sectors(void **state)
{
    (void)state;
    static const char *const core[] = {"id", "name", "level", "state"};
    for (size_t i = 0; i < sizeof(core) / sizeof(core[0]); i++) {
        assert_true(field("hazard", core[i])->rule->required);
    }
    const Dualgate__V1__FieldRule *rule = field("hazard", "discipline")->rule;
    assert_false(rule->required);
    assert_int_equal(rule->n_required_in, 1);
    assert_string_equal(rule->required_in[0], "hazchem");
}

static void the_body_follows_from_record_and_operation(void **state)
{
    (void)state;
    const struct record_type *hazard = record("hazard");
    const struct record_type *transition = record("hazard_transition");
    const struct record_type *zero = record("zero_report");
    assert_ptr_equal(schema_body_of(schema, hazard, DUALGATE__V1__OP__CODE__UPSERT), hazard);
    assert_ptr_equal(schema_body_of(schema, hazard, DUALGATE__V1__OP__CODE__DELETE), hazard);
    assert_ptr_equal(schema_body_of(schema, hazard, DUALGATE__V1__OP__CODE__TRANSITION),
                     transition);
    assert_null(schema_body_of(schema, hazard, DUALGATE__V1__OP__CODE__ZERO));
    assert_null(schema_body_of(schema, transition, DUALGATE__V1__OP__CODE__TRANSITION));
    assert_null(schema_body_of(schema, zero, DUALGATE__V1__OP__CODE__UPSERT));
    assert_ptr_equal(schema_body_of(schema, zero, DUALGATE__V1__OP__CODE__ZERO), zero);
    assert_ptr_equal(transition->via, hazard);
    assert_null(hazard->via);
}

static void codes_are_found_by_name_number_and_alias(void **state)
{
    (void)state;
    const struct code_list *states = field("hazard", "state")->codes;
    assert_non_null(states);
    assert_ptr_equal(field("hazard_transition", "to")->codes, states);
    for (size_t i = 0; i < states->n_values; i++) {
        const struct code_value *v = &states->values[i];
        assert_ptr_equal(code_by_name(states, span_of(v->name)), v);
        assert_ptr_equal(code_by_number(states, v->number), v);
        assert_non_null(v->rule);
        for (size_t k = 0; k < v->rule->n_alias; k++) {
            struct span code = span_of(v->rule->alias[k]);
            struct span system = span_cut(&code, ':');
            assert_ptr_equal(code_by_alias(states, system, code), v);
        }
    }
    assert_int_equal(code_by_alias(states, SPAN_LIT("hazchem"), SPAN_LIT("9"))->number, 60);
    assert_null(code_by_alias(states, SPAN_LIT("hazchem"), SPAN_LIT("7")));
    assert_null(code_by_alias(states, SPAN_LIT("hazche"), SPAN_LIT("9")));
    assert_null(code_by_alias(states, SPAN_LIT("hazchem"), SPAN_NONE));
    assert_null(code_by_alias(states, SPAN_NONE, SPAN_LIT("9")));
    assert_null(code_by_name(states, SPAN_LIT("CLOSE")));
    assert_null(code_by_name(states, SPAN_LIT("CLOSED ")));
    assert_null(code_by_name(states, SPAN_LIT("closed")));
    assert_null(code_by_name(states, SPAN_LIT("CLOSED\0")));
    assert_null(code_by_number(states, 65));
}

static void the_numbers_of_states_are_their_rank(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int number;
    } states[] = {
        {"REGISTERED", 10}, {"ASSESSED", 20},     {"RECTIFYING", 30}, {"EXTENSION_REQUESTED", 35},
        {"RECTIFIED", 40},  {"REINSPECTING", 50}, {"REJECTED", 55},   {"ACCEPTED", 60},
        {"CLOSED", 70},     {"VOID", 90}};
    const struct code_list *list = field("hazard", "state")->codes;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        assert_int_equal(code_by_name(list, span_of(states[i].name))->number, states[i].number);
    }
    assert_string_equal(record("hazard")->rule->rank, "state");
}

static void sources_whose_codes_contradict_each_other_are_told_apart(void **state)
{
    (void)state;
    const struct code_list *level = field("hazard", "level")->codes;
    assert_string_equal(code_by_alias(level, SPAN_LIT("hazchem"), SPAN_LIT("0"))->name, "GENERAL");
    assert_string_equal(code_by_alias(level, SPAN_LIT("hazchem"), SPAN_LIT("1"))->name, "MAJOR");
    assert_string_equal(code_by_alias(level, SPAN_LIT("zh"), SPAN_LIT("重大"))->name, "MAJOR");
    const struct code_list *risk = field("risk_unit", "risk_level")->codes;
    static const struct {
        const char *system, *code, *name;
    } risks[] = {
        {"hazchem", "1", "MAJOR"},      {"from0", "0", "MAJOR"},
        {"from0", "1", "CONSIDERABLE"}, {"score10852", "10", "MAJOR"},
        {"score10852", "5", "GENERAL"}, {"score10852", "2", "LOW"},
        {"five", "5", "LOW"},           {"abcde", "E", "LOW"},
        {"abcd", "A", "MAJOR"},
    };
    for (size_t i = 0; i < sizeof(risks) / sizeof(risks[0]); i++) {
        assert_string_equal(
            code_by_alias(risk, span_of(risks[i].system), span_of(risks[i].code))->name,
            risks[i].name);
    }
    assert_null(code_by_alias(risk, SPAN_LIT("abcd"), SPAN_LIT("E")));
    assert_string_equal(code_by_alias(level, SPAN_LIT("unionType"), SPAN_LIT("0"))->name, "MAJOR");
    assert_string_equal(code_by_alias(level, SPAN_LIT("level3456"), SPAN_LIT("3"))->name, "MAJOR");
    assert_string_equal(code_by_alias(level, SPAN_LIT("three"), SPAN_LIT("较大"))->name, "GENERAL");
    const struct code_list *states = field("hazard", "state")->codes;
    assert_string_equal(code_by_alias(states, SPAN_LIT("unionState"), SPAN_LIT("1"))->name,
                        "ACCEPTED");
    const struct code_list *accident = field("risk_event", "accident_types")->codes;
    assert_int_equal(code_by_alias(accident, SPAN_LIT("gb6441-1986"), SPAN_LIT("190"))->number, 19);
    assert_int_equal(accident->n_values, 21);
}

/* --- sets that are wrong ---------------------------------------------------------------------- */

static enum err load_copy(size_t size, char *why, size_t why_size)
{
    struct schema *s = NULL;
    struct buf text;
    buf_init(&text, 0);
    enum err e = schema_load_from((struct span){set_copy, size}, &s, &text);
    (void)snprintf(why, why_size, "%s", buf_text(&text));
    buf_free(&text);
    schema_free(s);
    return e;
}

static void copy_set(void)
{
    assert_true(descriptor_set_size <= SET_MAX);
    memcpy(set_copy, descriptor_set_bytes, descriptor_set_size);
}

static void replace(const char *old, const char *new)
{
    size_t n = strlen(old);
    assert_int_equal(n, strlen(new));
    size_t found = 0;
    for (size_t i = 0; i + n <= descriptor_set_size; i++) {
        if (memcmp(set_copy + i, old, n) == 0) {
            memcpy(set_copy + i, new, n);
            found++;
        }
    }
    assert_true(found > 0);
}

static void options_that_name_nothing_are_refused_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *said;
    } cases[] = {
        {"\x6a\x0c"
         "check_record",
         "\x6a\x0c"
         "check_recorx",
         "hazard.check_record_id"},
        {"zh:作废", "zh:撤销", "dualgate.v1.HazardState.Code: alias \"zh:撤销\" stands twice"},
        {"zh:误报", "zh.误报", "names no system"},
        {"\x22\x0a"
         "TRANSITION",
         "\x22\x0a"
         "TRANSITIOM",
         "no operation TRANSITIOM"},
        {"\x32\x0a"
         "TRANSITION",
         "\x32\x0a"
         "TRANSITIOM",
         "via"},
        {"\x4a\x05"
         "state",
         "\x4a\x05"
         "stata",
         "hazard: rank names no field: stata"},
        {"@uscc", "@uscd", "entity: key names no field: @uscd"},
        {"\x62\x03org", "\x62\x03orx", "orx is no word of subject"},
        {"\x62\x04unit", "\x62\x04unix", "unix is no word of subject"},
        {"\x6a\x03org", "\x6a\x03orx", "orx is no word of by"},
        {"\x72\x06hazard", "\x72\x06hazarx", "moves or moves_id is wrong"},
        {"\xaa\x01\x10"
         "industry_version",
         "\xaa\x01\x10"
         "industry_versiox",
         "version_field names no text: industry_versiox"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char why[300];
        copy_set();
        replace(cases[i].old, cases[i].new);
        assert_int_equal(load_copy(descriptor_set_size, why, sizeof(why)), ERR_INVALID);
        if (!strstr(why, cases[i].said)) {
            fail_msg("expected \"%s\", got \"%s\"", cases[i].said, why);
        }
    }
}

static void a_set_of_another_version_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new;
    } cases[] = {
        {"manage_type", "manage_kind"},
        {"HazardLevel", "HazardLevem"},
        {"MajorBasis", "MajorBasit"},
        {"RECTIFYING", "RECTIFYINH"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char why[300];
        copy_set();
        replace(cases[i].old, cases[i].new);
        assert_int_equal(load_copy(descriptor_set_size, why, sizeof(why)), ERR_INVALID);
        assert_non_null(strstr(why, "descriptor set"));
    }
}

static void a_set_cut_short_never_loads(void **state)
{
    (void)state;
    char why[300];
    copy_set();
    for (size_t size = 0; size < descriptor_set_size; size += 97) {
        enum err e = load_copy(size, why, sizeof(why));
        assert_true(e == ERR_SYNTAX || e == ERR_INVALID);
        assert_true(why[0] != '\0');
    }
}

static void a_damaged_set_does_no_harm(void **state)
{
    (void)state;
    char why[300];
    for (size_t at = 0; at < descriptor_set_size; at += 211) {
        copy_set();
        set_copy[at] = (char)(set_copy[at] ^ 0x41);
        enum err e = load_copy(descriptor_set_size, why, sizeof(why));
        assert_true(e == ERR_OK || e == ERR_SYNTAX || e == ERR_INVALID || e == ERR_NOMEM);
    }
}

static void loading_survives_every_failed_allocation(void **state)
{
    (void)state;
    size_t before = mem_live();
    for (size_t n = 1;; n++) {
        struct schema *s = NULL;
        struct buf why;
        buf_init(&why, 0);
        mem_fail_at(n);
        enum err e = schema_load_from(
            (struct span){(const char *)descriptor_set_bytes, descriptor_set_size}, &s, &why);
        size_t asked = mem_fail_at(0);
        buf_free(&why);
        schema_free(s);
        assert_int_equal(mem_live(), before);
        if (asked < n) {
            assert_int_equal(e, ERR_OK);
            break;
        }
        assert_int_equal(e, ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_is_found_by_its_name),
        cmocka_unit_test(no_field_is_found_by_half_its_name),
        cmocka_unit_test(the_chain_names_its_parents),
        cmocka_unit_test(the_core_of_a_hazard_is_required_of_all_sectors),
        cmocka_unit_test(the_body_follows_from_record_and_operation),
        cmocka_unit_test(codes_are_found_by_name_number_and_alias),
        cmocka_unit_test(the_numbers_of_states_are_their_rank),
        cmocka_unit_test(sources_whose_codes_contradict_each_other_are_told_apart),
        cmocka_unit_test(options_that_name_nothing_are_refused_with_their_place),
        cmocka_unit_test(a_set_of_another_version_is_refused),
        cmocka_unit_test(a_set_cut_short_never_loads),
        cmocka_unit_test(a_damaged_set_does_no_harm),
        cmocka_unit_test(loading_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
