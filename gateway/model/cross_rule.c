/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cross_rule.h"

#include <stdio.h>

#include "model/field.h"

#define PATH_BYTES 128

void cross_reject(const struct cross *c, enum reason why, const char *field, const char *value)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "body.%s", field);
    report_reject(c->report, c->arena, why, path,
                  message_field(c->report->type->message, span_of(field)),
                  value ? span_of(value) : SPAN_NONE);
}

void cross_find(const struct cross *c, enum finding_code code, const char *field,
                const char *reported, const char *expected)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "body.%s", field);
    report_find(c->report, c->arena, finding_word(code), path, reported, expected);
}

void cross_compare(const struct cross *c, enum finding_code code, const char *field,
                   const char *reported, const char *expected)
{
    if (cross_given(reported) && cross_given(expected) && strcmp(reported, expected) != 0) {
        cross_find(c, code, field, reported, expected);
    }
}

bool cross_given(const char *text)
{
    return text && text[0] != '\0';
}

const char *cross_text(const struct cross *c, const char *field)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(c->report->body->descriptor, field);
    const char *text = f ? field_text(c->report->body, f) : NULL;
    return cross_given(text) ? text : NULL;
}

const char *cross_code_text(const ProtobufCEnumDescriptor *list, int number)
{
    const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(list, number);
    return v ? v->name : "";
}
