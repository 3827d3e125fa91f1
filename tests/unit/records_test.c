/* SPDX-License-Identifier: Apache-2.0 */
/* What proto/ holds: all records of the field with their keys, and on every field of every record,
 * however deep, what people and the rules need: labels, limits, masks, words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/schema.h"
#include "unit/with_schema.h"

#define WORDS_BYTES 200

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

/* Every field of every record, and of what is in it. */
static void each_field_of(const struct message_type *m,
                          void (*look)(const struct message_type *m, const struct field_type *f))
{
    for (size_t i = 0; i < m->n_fields; i++) {
        look(m, &m->fields[i]);
        if (m->fields[i].message) {
            each_field_of(m->fields[i].message, look);
        }
    }
}

static void each_field(void (*look)(const struct message_type *m, const struct field_type *f))
{
    for (size_t i = 0; i < schema->n_records; i++) {
        each_field_of(schema->records[i].message, look);
    }
}

/* All records of the field, with what their ids are made of, whom they may be about and who may
 * publish them. */
static const struct {
    const char *name, *key, *subject, *by;
} field_records[] = {
    {"entity", "@uscc ", "", ""},
    {"dossier", "@uscc ", "", ""},
    {"entity_plan", "year ", "", ""},
    {"risk_object", "", "", ""},
    {"risk_unit", "", "", ""},
    {"risk_event", "", "", ""},
    {"measure", "", "", ""},
    {"check_task", "", "", ""},
    {"check_record", "", "", ""},
    {"hazard", "", "", ""},
    {"hazard_transition", "id at to ", "", ""},
    {"major_plan", "hazard_id ", "", ""},
    {"extension", "hazard_id n ", "", ""},
    {"supervision", "hazard_id n ", "", "org "},
    {"withdrawal_decision", "hazard_id n ", "", "org "},
    {"escalation", "hazard_id to_level ", "", "org "},
    {"major_risk_report", "risk_unit_id version ", "", ""},
    {"zero_report", "period kind ", "", ""},
    {"outage", "risk_unit_id start_at ", "", ""},
    {"daily_promise", "date ", "", ""},
    {"four_color_zone", "zone_code ", "", ""},
    {"training_summary", "org period layer ", "unit org ", ""},
    {"incentive_summary", "org period ", "unit org ", ""},
    {"assessment", "org kind assessed_on ", "unit org ", ""},
    {"inspection", "doc_no ", "", "org "},
    {"order", "org doc_no ", "unit org ", "org "},
    {"penalty", "doc_no ", "", "org "},
    {"blacklist", "doc_no ", "", "org "},
    {"exposure_item", "doc_no ", "", "org "},
    {"org_action", "org doc_no ", "org ", "org "},
    {"plan", "org year ", "org ", "org "},
    {"org_report", "org kind period ", "org ", "org "},
    {"inspection_plan", "org year ", "org ", "org "},
    {"embedding", "platform ", "", ""},
    {"suspension", "from_date ", "", ""},
    {"authorisation", "publisher from_date ", "", ""},
    {"major_installation", "code ", "", ""},
    {"hazard_summary", "org period ", "unit org ", ""},
};

/* The words, each with a space behind it. */
static void assert_words(char *const *words, size_t n, const char *expected)
{
    char text[WORDS_BYTES] = "";
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        size_t more = strlen(words[i]);
        assert_true(len + more + 1 < sizeof(text));
        memcpy(text + len, words[i], more);
        text[len + more] = ' ';
        len += more + 1;
    }
    text[len] = '\0';
    assert_string_equal(text, expected);
}

static void every_record_of_the_field_is_there_with_its_key(void **state)
{
    (void)state;
    size_t n = sizeof(field_records) / sizeof(field_records[0]);
    for (size_t i = 0; i < n; i++) {
        const Dualgate__V1__RecordRule *rule = record(field_records[i].name)->rule;
        assert_words(rule->key, rule->n_key, field_records[i].key);
        assert_words(rule->subject, rule->n_subject, field_records[i].subject);
        assert_words(rule->by, rule->n_by, field_records[i].by);
    }
    assert_int_equal(schema->n_records, n);
}

/* A field that is a part of the id is required, but for the organisation of what may be a unit's
 * and the layer of a training. */
static void what_makes_an_id_is_required(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema->n_records; i++) {
        const struct record_type *r = &schema->records[i];
        bool of_units = r->rule->n_subject != 1;
        for (size_t k = 0; k < r->rule->n_key; k++) {
            const char *part = r->rule->key[k];
            bool may_lack = (of_units && strcmp(part, "org") == 0) || strcmp(part, "layer") == 0;
            if (part[0] != '@' && field(r->name, part)->rule->required == may_lack) {
                fail_msg("%s.%s", r->name, part);
            }
        }
    }
}

static void what_moves_a_hazard_names_it(void **state)
{
    (void)state;
    static const char *const moving[] = {"extension", "supervision", "withdrawal_decision"};
    for (size_t i = 0; i < sizeof(moving) / sizeof(moving[0]); i++) {
        const Dualgate__V1__RecordRule *rule = record(moving[i])->rule;
        assert_string_equal(rule->moves, "hazard");
        assert_string_equal(rule->moves_id, "hazard_id");
        assert_string_equal(field(moving[i], "hazard_id")->rule->parent, "hazard");
    }
}

static void has_labels(const struct message_type *m, const struct field_type *f)
{
    assert_ptr_equal(message_field(m, span_of(f->desc->name)), f);
    if (!f->rule->zh || !f->rule->en) {
        fail_msg("%s.%s has no label", m->name, f->desc->name);
    }
}

static void every_field_is_found_by_its_name_and_has_labels(void **state)
{
    (void)state;
    each_field(has_labels);
    for (size_t i = 0; i < schema->n_records; i++) {
        assert_non_null(schema->records[i].rule->zh);
        assert_non_null(schema->records[i].rule->en);
    }
}

static void is_limited(const struct message_type *m, const struct field_type *f)
{
    const Dualgate__V1__FieldRule *rule = f->rule;
    bool text = f->desc->type == PROTOBUF_C_TYPE_STRING;
    bool fine = !text || rule->format != DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TEXT ||
                rule->max_chars > 0;
    if (rule->format == DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DECIMAL) {
        fine &= text && rule->precision > rule->scale;
    }
    if (f->desc->label == PROTOBUF_C_LABEL_REPEATED) {
        fine &= rule->max_items > 0;
    }
    if (f->desc->type == PROTOBUF_C_TYPE_INT32) {
        fine &= rule->has_min && rule->has_max;
    }
    if (!fine) {
        fail_msg("%s.%s has no limit", m->name, f->desc->name);
    }
}

static void text_fields_have_a_limit_and_decimals_a_precision(void **state)
{
    (void)state;
    each_field(is_limited);
}

static bool is_one_of(const char *name, const char *const *words)
{
    for (; *words; words++) {
        size_t n = strlen(name);
        size_t end = strlen(*words);
        if (n >= end && strcmp(name + n - end, *words) == 0) {
            return true;
        }
    }
    return false;
}

static void is_masked_as_personal(const struct message_type *m, const struct field_type *f)
{
    static const char *const persons[] = {"person",  "signer",     "assessor", "registrant",
                                          "checker", "inspectors", "_by",      NULL};
    static const char *const phones[] = {"phone", "mobile", NULL};
    const Dualgate__V1__FieldRule *rule = f->rule;
    if (f->desc->type != PROTOBUF_C_TYPE_STRING ||
        rule->format != DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TEXT) {
        return;
    }
    bool of_person = strcmp(m->name, "person") == 0 || strcmp(m->name, "patron") == 0;
    bool name =
        is_one_of(f->desc->name, persons) || (of_person && strcmp(f->desc->name, "name") == 0);
    if ((name && rule->mask != DUALGATE__V1__FIELD_RULE__MASK__CODE__NAME) ||
        (is_one_of(f->desc->name, phones) &&
         rule->mask != DUALGATE__V1__FIELD_RULE__MASK__CODE__PHONE)) {
        fail_msg("%s.%s is not masked", m->name, f->desc->name);
    }
}

static void names_and_phones_of_persons_are_masked(void **state)
{
    (void)state;
    each_field(is_masked_as_personal);
}

static void takes_a_photo(const struct message_type *m, const struct field_type *f)
{
    static const char *const files[] = {
        "attachment", "photo", "photo_before", "photo_after", "link", "report", NULL};
    if (f->desc->type == PROTOBUF_C_TYPE_STRING && is_one_of(f->desc->name, files) &&
        !f->rule->attachment) {
        fail_msg("%s.%s takes no attachment", m->name, f->desc->name);
    }
    assert_true(!f->rule->attachment || f->desc->type == PROTOBUF_C_TYPE_STRING);
}

static void every_field_of_files_takes_attachments(void **state)
{
    (void)state;
    each_field(takes_a_photo);
}

static void has_words(const struct message_type *m, const struct field_type *f)
{
    for (size_t i = 0; f->codes && i < f->codes->n_values; i++) {
        const struct code_value *v = &f->codes->values[i];
        assert_non_null(v->rule);
        if (code_by_alias(f->codes, SPAN_LIT("zh"), span_of(v->rule->zh)) != v) {
            fail_msg("%s.%s: %s is not found by its word", m->name, f->desc->name, v->name);
        }
    }
}

static void every_code_is_found_by_its_chinese_word(void **state)
{
    (void)state;
    each_field(has_words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_of_the_field_is_there_with_its_key),
        cmocka_unit_test(what_makes_an_id_is_required),
        cmocka_unit_test(what_moves_a_hazard_names_it),
        cmocka_unit_test(every_field_is_found_by_its_name_and_has_labels),
        cmocka_unit_test(text_fields_have_a_limit_and_decimals_a_precision),
        cmocka_unit_test(names_and_phones_of_persons_are_masked),
        cmocka_unit_test(every_field_of_files_takes_attachments),
        cmocka_unit_test(every_code_is_found_by_its_chinese_word),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
