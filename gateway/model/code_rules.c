/* SPDX-License-Identifier: Apache-2.0 */
#include "model/code_rules.h"

#include <stdio.h>

#include "model/civil_time.h"
#include "model/field.h"
#include "model/finding.h"

#define ACCIDENTS         SPAN_LIT("gb6441")
#define ACCIDENTS_OF_1986 SPAN_LIT("1986")

/* A text that should be a code. */
struct claim {
    struct span system;
    struct span version; /* empty: not said */
    struct span text;
    const struct path *path;
    const struct field_type *field;
    int64_t day;
};

static void find(struct judge *j, enum finding_code code, const struct path *path,
                 const char *reported, const char *expected)
{
    char text[PATH_TEXT_MAX];
    report_find(j->report, j->arena, finding_word(code), path_text(path, text), reported, expected);
}

int64_t code_day(const struct rules_context *ctx, const struct report *r)
{
    int64_t us = ctx->received_us;
    if (r->env->observed_at) {
        (void)time_parse(span_of(r->env->observed_at), &us);
    }
    return date_days(date_of_time(us));
}

/* A copy of what was claimed; the finding is lost with it when the arena is exhausted. */
static const char *text_of(struct judge *j, struct span s)
{
    const char *text = arena_strndup(j->arena, s.at ? s.at : "", s.len);
    j->e = text ? j->e : ERR_NOMEM;
    return text ? text : "";
}

/* What it is called in the edition in force, where it is one code. */
static const char *successor(struct judge *j, const struct claim *c, const struct code_row *row)
{
    const struct code_book *book = registry_codes(j->ctx->registry);
    const struct code_edition *now = code_book_edition_on(book, c->system, c->day);
    const struct code_row *target = now ? code_book_map(book, row, now) : NULL;
    return target ? target->code : NULL;
}

static void not_in_edition(struct judge *j, const struct claim *c, const struct code_edition *e)
{
    const struct code_book *book = registry_codes(j->ctx->registry);
    const struct code_row *other =
        c->version.len == 0 ? code_book_find_elsewhere(book, e, c->text) : NULL;
    if (other) {
        find(j, FINDING_EDITION_DIFFERS, c->path, text_of(j, c->text), successor(j, c, other));
    } else if (code_book_may_have(book, e, c->text)) {
        find(j, FINDING_CODE_UNVERIFIED, c->path, text_of(j, c->text), e->version);
    } else {
        char text[PATH_TEXT_MAX];
        report_reject(j->report, j->arena, REASON_UNKNOWN_CODE, path_text(c->path, text), c->field,
                      c->text);
    }
}

static void judge_claim(struct judge *j, const struct claim *c, bool by_name)
{
    const struct code_book *book = registry_codes(j->ctx->registry);
    if (code_book_is_empty(book)) {
        return; /* a register without codes judges none */
    }
    const struct code_edition *e = c->version.len > 0
                                       ? code_book_edition(book, c->system, c->version)
                                       : code_book_edition_on(book, c->system, c->day);
    if (!e) {
        const char *named = arena_printf(j->arena, "%.*s%s%.*s", SPAN_ARG(c->system),
                                         c->version.len > 0 ? " " : "", SPAN_ARG(c->version));
        j->e = named ? j->e : ERR_NOMEM;
        find(j, FINDING_CODE_SYSTEM_UNKNOWN, c->path, named, NULL);
        return;
    }
    const struct code_row *row =
        by_name ? code_book_find_name(book, e, c->text) : code_book_find(book, e, c->text);
    if (!row) {
        not_in_edition(j, c, e);
    } else if (c->version.len > 0 && e->last_day < c->day) {
        find(j, FINDING_CODE_RETIRED, c->path, text_of(j, c->text), successor(j, c, row));
    }
}

/* A text of the message by its field's name; empty where absent. */
static struct span text_by_name(const struct message_type *type, const ProtobufCMessage *message,
                                const char *name)
{
    const struct field_type *field = name ? message_field(type, span_of(name)) : NULL;
    const char *text = field ? field_text(message, field->desc) : NULL;
    return text ? span_trim(span_of(text)) : SPAN_NONE;
}

static void judge_code(struct judge *j, const struct path *path, const struct field_type *field,
                       const struct message_type *type, const ProtobufCMessage *message)
{
    struct path at = *path;
    struct claim c = {.system = span_of(field->rule->code_system),
                      .version = text_by_name(type, message, field->rule->version_field),
                      .path = &at,
                      .field = field,
                      .day = code_day(j->ctx, j->report)};
    size_t n = field_count(message, field->desc);
    at.is_item = field->desc->label == PROTOBUF_C_LABEL_REPEATED;
    for (size_t i = 0; i < n && j->e == ERR_OK && j->report->problem.reason == REASON_NONE; i++) {
        at.index = i;
        c.text = span_of(*(char *const *)field_item(message, field->desc, i));
        if (c.text.len > 0) {
            judge_claim(j, &c, false);
        }
    }
}

static void judge_coded_value(struct judge *j, const struct path *above,
                              const struct message_type *type, const ProtobufCMessage *message)
{
    struct span code = text_by_name(type, message, "code");
    bool by_name = code.len == 0;
    const char *member = by_name ? "name" : "code";
    const struct path path = {.up = above, .name = member};
    const struct claim c = {.system = text_by_name(type, message, "system"),
                            .version = text_by_name(type, message, "version"),
                            .text = by_name ? text_by_name(type, message, "name") : code,
                            .path = &path,
                            .field = message_field(type, span_of(member)),
                            .day = code_day(j->ctx, j->report)};
    if (c.text.len > 0) {
        judge_claim(j, &c, by_name);
    }
}

/* Those that the edition in force no longer has are told. */
static void judge_accident_types(struct judge *j, const struct path *path,
                                 const struct field_type *field, const ProtobufCMessage *message)
{
    const struct code_book *book = registry_codes(j->ctx->registry);
    const struct code_edition *old = code_book_edition(book, ACCIDENTS, ACCIDENTS_OF_1986);
    int64_t day = code_day(j->ctx, j->report);
    if (!old || old->last_day >= day) {
        return;
    }
    const struct code_edition *now = code_book_edition_on(book, ACCIDENTS, day);
    struct path at = *path;
    at.is_item = field->desc->label == PROTOBUF_C_LABEL_REPEATED;
    for (size_t i = 0; i < field_count(message, field->desc); i++) {
        char code[16];
        int number = (int)field_integer(field->desc, field_item(message, field->desc, i));
        (void)snprintf(code, sizeof code, "%02d", number);
        const struct code_row *row = code_book_find(book, old, span_of(code));
        if (row && now != old && !code_book_map(book, row, now)) {
            at.index = i;
            find(j, FINDING_CODE_RETIRED, &at, row->name, NULL);
        }
    }
}

void judge_codes(struct judge *j, const struct message_type *type, const ProtobufCMessage *message,
                 const struct path *above)
{
    if (type->desc == &dualgate__v1__coded_value__descriptor) {
        judge_coded_value(j, above, type, message);
        return;
    }
    for (size_t i = 0; i < type->n_fields; i++) {
        const struct field_type *field = &type->fields[i];
        const struct path path = {.up = above, .name = field->desc->name};
        if (field->rule->code_system && field_present(message, field->desc)) {
            judge_code(j, &path, field, type, message);
        } else if (field->desc->descriptor == &dualgate__v1__accident_type1986__code__descriptor) {
            judge_accident_types(j, &path, field, message);
        }
    }
}
