/* SPDX-License-Identifier: Apache-2.0 */
/* Field rules by descriptor. Adding a rule to a field is a line in proto/, nothing here. */
#include "model/field_rules.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/utf8.h"
#include "model/code_rules.h"
#include "model/division.h"
#include "model/field.h"
#include "model/field_format.h"
#include "model/finding.h"

static bool stopped(const struct judge *j)
{
    return j->e != ERR_OK || j->report->problem.reason != REASON_NONE;
}

static void reject(struct judge *j, enum reason why, const struct path *path,
                   const struct field_type *field, struct span value)
{
    char text[PATH_TEXT_MAX];
    report_reject(j->report, j->arena, why, path_text(path, text), field, value);
}

static void find(struct judge *j, enum finding_code code, const struct path *path,
                 const char *reported, const char *expected)
{
    char text[PATH_TEXT_MAX];
    report_find(j->report, j->arena, finding_word(code), path_text(path, text), reported, expected);
}

/* ---- presence ---- */

static bool is_key(const struct judge *j, const struct field_type *field)
{
    const Dualgate__V1__RecordRule *rule = j->report->type->rule;
    if (rule->n_key == 0) {
        return strcmp(field->desc->name, "id") == 0;
    }
    for (size_t i = 0; i < rule->n_key; i++) {
        if (strcmp(rule->key[i], field->desc->name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_required(const struct judge *j, const struct field_type *field)
{
    const Dualgate__V1__FieldRule *rule = field->rule;
    if (j->keys_only) {
        return rule->required && is_key(j, field);
    }
    for (size_t i = 0; i < rule->n_required_in; i++) {
        if (strcmp(rule->required_in[i], j->profile) == 0) {
            return true;
        }
    }
    return rule->required;
}

/* A required text that is empty says as little as one that is not there. */
static bool says_nothing(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    const char *text = field_text(m, f);
    return !field_present(m, f) || (text && text[0] == '\0');
}

/* ---- divisions ---- */

static bool division_shaped(struct span text)
{
    if (text.len != 6 && text.len != 9 && text.len != 12) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
    }
    return true;
}

/* A village of twelve digits need not be in the register as long as its township is. */
static const struct reg_division *known_division(const struct registry *r, struct span code)
{
    const struct reg_division *d = registry_division(r, code);
    if (!d && code.len == 12) {
        d = registry_division(r, (struct span){code.at, 9});
    }
    return d;
}

static void take_division(struct judge *j, const struct path *path, char **text,
                          enum finding_code code, const char *instead)
{
    find(j, code, path, *text, instead);
    char *copy = arena_strdup(j->arena, instead);
    *text = copy;
    j->e = copy ? j->e : ERR_NOMEM;
}

void judge_division(struct judge *j, const struct path *path, const struct field_type *field,
                    char **text)
{
    struct span code = span_of(*text);
    if (!division_shaped(code)) {
        reject(j, REASON_BAD_FORMAT, path, field, code);
        return;
    }
    if (!division_within(code, span_of(j->ctx->node))) {
        reject(j, REASON_WRONG_DIVISION, path, field, code);
        return;
    }
    const struct reg_division *d = known_division(j->ctx->registry, code);
    if (d && d->retired && d->mapped_to) {
        take_division(j, path, text, FINDING_DIVISION_MAPPED, d->mapped_to);
    } else if (!d && j->division) {
        take_division(j, path, text, FINDING_DIVISION_UNKNOWN, j->division);
    }
}

/* ---- values ---- */

/* The envelope of a report about an organisation says "org" where a sector would stand. */
static void judge_sector_code(struct judge *j, const struct path *path,
                              const struct field_type *field, struct span code)
{
    bool reserved = j->about_org && !j->division && span_is(code, SECTOR_OF_ORGANISATIONS);
    if (!reserved && !registry_sector(j->ctx->registry, code)) {
        reject(j, REASON_UNKNOWN_CODE, path, field, code);
    }
}

static void judge_format(struct judge *j, const struct path *path, const struct field_type *field,
                         char **text)
{
    enum reason why = REASON_NONE;
    const char *as_sent = *text;
    switch (field->rule->format) {
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DIVISION:
        /* The envelope's is judged once it is known whom the report is about. */
        if (j->division) {
            judge_division(j, path, field, text);
        }
        return;
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__SECTOR:
        judge_sector_code(j, path, field, span_of(*text));
        return;
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__ORG:
        if (!registry_org(j->ctx->registry, span_of(*text))) {
            reject(j, REASON_UNKNOWN_ORG, path, field, span_of(*text));
        }
        return;
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TEXT:
        return;
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__UUID:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIMESTAMP:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DATE:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIME_OF_DAY:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DECIMAL:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__USCC:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__PERIOD:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__JSON:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DIGITS:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DOC_NO:
    case _DUALGATE__V1__FIELD_RULE__FORMAT__CODE_IS_INT_SIZE:
        break;
    }
    enum err e = field_format(field->rule, j->arena, text, &why);
    if (e != ERR_OK) {
        j->e = e;
    } else if (why != REASON_NONE) {
        reject(j, why, path, field, span_of(as_sent));
    }
}

static bool is_date(const struct field_type *field)
{
    return field->rule->format == DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DATE ||
           field->rule->format == DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIMESTAMP;
}

static void judge_text(struct judge *j, const struct path *path, const struct field_type *field,
                       char **text)
{
    const Dualgate__V1__FieldRule *rule = field->rule;
    struct span s = span_of(*text);
    size_t chars = utf8_length(s);
    if (utf8_text_prefix(s) < s.len) {
        reject(j, REASON_CONTROL_CHARACTER, path, field, s);
    } else if (rule->has_max_chars && chars > rule->max_chars) {
        reject(j, REASON_TOO_LONG, path, field, s);
    } else if (rule->has_min_chars && chars < rule->min_chars) {
        reject(j, REASON_TOO_SHORT, path, field, s);
    } else {
        judge_format(j, path, field, text);
    }
    if (!stopped(j) && is_date(field) && date_is_placeholder(*text)) {
        find(j, FINDING_DATE_PLACEHOLDER, path, *text, NULL);
    }
}

static void judge_integer(struct judge *j, const struct path *path, const struct field_type *field,
                          const void *item)
{
    const Dualgate__V1__FieldRule *rule = field->rule;
    int64_t value = field_integer(field->desc, item);
    if ((rule->has_min && value < rule->min) || (rule->has_max && value > rule->max)) {
        char text[24];
        int len = snprintf(text, sizeof text, "%" PRId64, value);
        reject(j, REASON_OUT_OF_RANGE, path, field, (struct span){text, (size_t)len});
    }
}

static void judge_item(struct judge *j, const struct path *path, const struct field_type *field,
                       void *item)
{
    if (field->desc->type == PROTOBUF_C_TYPE_STRING) {
        judge_text(j, path, field, item);
    } else if (field->message) {
        judge_message(j, field->message, *(ProtobufCMessage **)item, path);
    } else if (!field->codes) {
        judge_integer(j, path, field, item);
    }
}

static void judge_items(struct judge *j, struct path *path, const struct field_type *field,
                        const ProtobufCMessage *m)
{
    size_t n = field_count(m, field->desc);
    bool repeated = field->desc->label == PROTOBUF_C_LABEL_REPEATED;
    if (repeated && field->rule->has_max_items && n > field->rule->max_items) {
        char text[24];
        int len = snprintf(text, sizeof text, "%zu", n);
        reject(j, REASON_TOO_MANY, path, field, (struct span){text, (size_t)len});
        return;
    }
    path->is_item = repeated;
    for (size_t i = 0; i < n && !stopped(j); i++) {
        path->index = i;
        judge_item(j, path, field, field_item(m, field->desc, i));
    }
}

/* What the node alone says: a sender that says it is told that nobody listens. */
static bool is_taken_out(struct judge *j, const struct path *path, const struct field_type *field,
                         ProtobufCMessage *message)
{
    if (!field->rule->node_sets || j->ctx->by_node || !field_present(message, field->desc)) {
        return false;
    }
    char text[PATH_TEXT_MAX];
    field_clear(message, field->desc);
    report_warn(j->report, j->arena, path_text(path, text));
    return true;
}

/* In the envelope, what is a message is judged on its own: the body, and what is kept unknown. */
static bool has_own_judge(const struct judge *j, const struct message_type *type,
                          const struct field_type *field)
{
    return type == j->ctx->schema->report && field->message;
}

void judge_message(struct judge *j, const struct message_type *type, ProtobufCMessage *message,
                   const struct path *above)
{
    for (size_t i = 0; i < type->n_fields && !stopped(j); i++) {
        const struct field_type *field = &type->fields[i];
        struct path path = {.up = above, .name = field->desc->name};
        if (has_own_judge(j, type, field) || is_taken_out(j, &path, field, message)) {
            continue;
        }
        if (says_nothing(message, field->desc) && is_required(j, field)) {
            reject(j, REASON_MISSING_FIELD, &path, field, SPAN_NONE);
        } else if (field_present(message, field->desc)) {
            judge_items(j, &path, field, message);
        }
    }
    if (!stopped(j) && !j->keys_only) {
        judge_codes(j, type, message, above);
    }
}
