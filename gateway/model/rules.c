/* SPDX-License-Identifier: Apache-2.0 */
/* The order of judging: what the envelope says of itself, whom it is about, who may say it, then
 * the body under the rules of that unit's sector, then the rules across fields. The first thing
 * wrong ends it. */
#include "model/rules.h"

#include "model/attachments.h"
#include "model/civil_time.h"
#include "model/cross.h"
#include "model/field.h"
#include "model/field_format.h"
#include "model/field_rules.h"
#include "model/finding.h"
#include "model/uscc.h"

#define SCHEMA_NAME     "dualgate.v1"
#define TOWNSHIP_DIGITS 9
#define UUID_DIGITS     32

static bool stopped(const struct judge *j)
{
    return j->e != ERR_OK || j->report->problem.reason != REASON_NONE;
}

static void reject(struct judge *j, enum reason why, const char *field, struct span value)
{
    report_reject(j->report, j->arena, why, field,
                  message_field(j->ctx->schema->report, span_of(field)), value);
}

static char *copy(struct judge *j, const char *text)
{
    char *out = arena_strdup(j->arena, text);
    j->e = out ? j->e : ERR_NOMEM;
    return out;
}

/* ---- the envelope ---- */

/* 8-4-4-4-12, lower case. Shape is asked here because a bad one has a reason of its own. */
static void judge_msg_id(struct judge *j)
{
    Dualgate__V1__Report *env = j->report->env;
    char digits[UUID_DIGITS + 1];
    if (!env->msg_id || env->msg_id[0] == '\0') {
        reject(j, REASON_MISSING_FIELD, "msg_id", SPAN_NONE);
        return;
    }
    if (!uuid_digits(span_of(env->msg_id), digits)) {
        reject(j, REASON_BAD_MSG_ID, "msg_id", span_of(env->msg_id));
        return;
    }
    env->msg_id = arena_printf(j->arena, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8,
                               digits + 12, digits + 16, digits + 20);
    j->e = env->msg_id ? j->e : ERR_NOMEM;
}

static void judge_schema(struct judge *j)
{
    Dualgate__V1__Report *env = j->report->env;
    if (!env->schema) {
        env->schema = copy(j, SCHEMA_NAME);
    } else if (strcmp(env->schema, SCHEMA_NAME) != 0) {
        reject(j, REASON_UNSUPPORTED_SCHEMA, "schema", span_of(env->schema));
    }
}

/* What the sender may leave out, written into the envelope so that the hash does not depend on it.
 */
static void fill_defaults(struct judge *j)
{
    struct report *r = j->report;
    const struct record_type *record = r->type->via ? r->type->via : r->type;
    r->env->op = report_op(r, record);
    r->env->has_op = 1;
    if (!r->env->record) {
        r->env->record = copy(j, record->name);
    }
    j->keys_only = r->env->op == DUALGATE__V1__OP__CODE__DELETE;
    if (r->env->uscc && r->env->uscc[0] == '\0') {
        r->env->uscc = NULL;
    }
    j->about_org = r->type->about_org && !r->env->uscc;
}

static void judge_envelope(struct judge *j)
{
    Dualgate__V1__Report *env = j->report->env;
    judge_msg_id(j);
    if (!stopped(j)) {
        judge_schema(j);
    }
    /* msg_id has its canonical form, with dashes, which is not the one of ids. */
    char *msg_id = env->msg_id;
    bool keys_only = j->keys_only;
    j->keys_only = false;
    if (!stopped(j)) {
        judge_message(j, j->ctx->schema->report, &env->base, NULL);
    }
    env->msg_id = msg_id;
    j->keys_only = keys_only;
}

static void judge_time(struct judge *j)
{
    const char *text = j->report->env->observed_at;
    int64_t observed = 0;
    if (text && time_parse(span_of(text), &observed) &&
        observed > j->ctx->received_us + j->ctx->future_tolerance_us) {
        reject(j, REASON_TIME_IN_FUTURE, "observed_at", span_of(text));
    }
}

/* ---- who says it ---- */

static bool on_organisations_topic(const struct judge *j)
{
    return span_is(j->ctx->topic_sector, SECTOR_OF_ORGANISATIONS);
}

/* On its own topic an organisation acts as what it is; on a sector's it is a publisher among
 * others, and needs their authorisation. */
static void judge_publisher(struct judge *j)
{
    struct report *r = j->report;
    const struct principal *who = j->ctx->publisher;
    const struct reg_publisher *p = who ? who->publisher : NULL;
    r->by_org = on_organisations_topic(j);
    if (r->by_org ? !r->type->by_org : !r->type->by_publisher) {
        reject(j, REASON_WRONG_PUBLISHER, "record", span_of(r->env->record));
    } else if (r->by_org && (!who || !who->org)) {
        report_reject(r, j->arena, REASON_UNKNOWN_ORG, NULL, NULL, span_of(p ? p->code : ""));
    }
}

/* ---- whom it is about ---- */

static void reject_org(struct judge *j, enum reason why, struct span code)
{
    const struct record_type *type = j->report->type;
    report_reject(j->report, j->arena, why, "body.org",
                  message_field(type->message, span_of(type->org->name)), code);
}

static void find_org(struct judge *j)
{
    const struct report *r = j->report;
    const char *code = r->body ? field_text(r->body, r->type->org) : NULL;
    if (!r->body) {
        report_reject(j->report, j->arena, REASON_MISSING_FIELD, "body", NULL, SPAN_NONE);
    } else if (!code || code[0] == '\0') {
        if (r->type->about_unit) {
            reject(j, REASON_SUBJECT_MISSING, "uscc", SPAN_NONE);
        } else {
            reject_org(j, REASON_SUBJECT_MISSING, SPAN_NONE);
        }
    } else if (r->env->unit && r->env->unit[0]) {
        reject(j, REASON_SUBJECT_AMBIGUOUS, "unit", span_of(r->env->unit));
    } else {
        j->org = registry_org(j->ctx->registry, span_of(code));
        if (!j->org || !j->org->active) {
            reject_org(j, REASON_UNKNOWN_ORG, span_of(code));
            return;
        }
        j->division = j->org->division[0] ? j->org->division : j->ctx->node;
    }
}

static void find_unit(struct judge *j)
{
    const struct report *r = j->report;
    const Dualgate__V1__Report *env = r->env;
    struct span unit = span_of(env->unit ? env->unit : "");
    const char *org = r->type->about_org && r->body ? field_text(r->body, r->type->org) : NULL;
    if (!r->type->about_unit) {
        reject(j, REASON_SUBJECT_AMBIGUOUS, "uscc", span_of(env->uscc));
        return;
    }
    if (org && org[0]) {
        reject_org(j, REASON_SUBJECT_AMBIGUOUS, span_of(org));
        return;
    }
    if (!registry_has_entity(j->ctx->registry, span_of(env->uscc))) {
        reject(j, REASON_UNKNOWN_ENTITY, "uscc", span_of(env->uscc));
        return;
    }
    j->unit = registry_unit(j->ctx->registry, span_of(env->uscc), unit);
    if (!j->unit) {
        reject(j, REASON_UNKNOWN_UNIT, "unit", unit);
        return;
    }
    j->division = j->unit->division;
    j->profile = j->ctx->by_node ? "" : j->unit->profile;
}

static void find_subject(struct judge *j)
{
    if (j->about_org) {
        find_org(j);
    } else if (!j->report->env->uscc) {
        reject(j, REASON_MISSING_FIELD, "uscc", SPAN_NONE);
    } else {
        find_unit(j);
    }
}

static void judge_sector(struct judge *j)
{
    Dualgate__V1__Report *env = j->report->env;
    struct span topic = j->ctx->topic_sector;
    const char *registered = j->org ? SECTOR_OF_ORGANISATIONS : j->unit->sector->code;
    if (env->sector && strcmp(env->sector, registered) != 0) {
        reject(j, REASON_WRONG_SECTOR, "sector", span_of(env->sector));
    } else if (topic.len > 0 && !j->report->by_org && !j->org && !span_is(topic, registered)) {
        reject(j, REASON_WRONG_SECTOR, "sector", topic);
    } else if (!env->sector) {
        env->sector = copy(j, registered);
    }
}

static void judge_permission(struct judge *j)
{
    const Dualgate__V1__Report *env = j->report->env;
    const struct scope scope = {
        .uscc = span_of(env->uscc),
        .org = span_of(j->org ? j->org->code : NULL),
        .sector = span_of(env->sector),
        .co_sectors = j->unit ? j->unit->co_sectors : NULL,
        .division = span_of(j->division),
        .record = span_of(env->record),
    };
    if (may(j->ctx->registry, j->ctx->publisher, VERB_PUBLISH, &scope)) {
        return;
    }
    if (j->org) {
        reject_org(j, REASON_NOT_AUTHORISED, span_of(j->org->code));
    } else {
        reject(j, REASON_NOT_AUTHORISED, "uscc", span_of(env->uscc));
    }
}

/* The township that counts is the registered one; what was reported stands beside it. */
static void judge_place(struct judge *j)
{
    Dualgate__V1__Report *env = j->report->env;
    const char *registered = j->division;
    size_t len = strlen(registered);
    j->report->township =
        arena_strndup(j->arena, registered, len < TOWNSHIP_DIGITS ? len : TOWNSHIP_DIGITS);
    j->e = j->report->township ? j->e : ERR_NOMEM;
    if (!env->division) {
        env->division = copy(j, registered);
        return;
    }
    const struct path path = {.name = "division"};
    judge_division(j, &path, message_field(j->ctx->schema->report, SPAN_LIT("division")),
                   &env->division);
    if (!stopped(j) && strncmp(env->division, registered, strlen(env->division)) != 0 &&
        strncmp(env->division, registered, len) != 0) {
        report_find(j->report, j->arena, finding_word(FINDING_DIVISION_DIFFERS), "division",
                    env->division, registered);
    }
}

/* ---- the body ---- */

/* Before the body's own rules: they judge the link. After the permission: a stranger's photos are
 * not decoded. */
static void judge_attachments(struct judge *j)
{
    enum err e = attachments_settle(j->report, &j->ctx->attachments, j->arena);
    j->e = e == ERR_OK ? j->e : e;
}

static void judge_key(struct judge *j)
{
    struct report *r = j->report;
    const struct field_type *id = message_field(r->type->message, SPAN_LIT("id"));
    const char *own = id ? field_text(r->body, id->desc) : NULL;
    for (size_t i = 0; i < r->type->rule->n_key; i++) {
        if (strcmp(r->type->rule->key[i], "id") == 0) {
            return; /* the field is a part of the key, not the whole */
        }
    }
    const char *key = report_key(r, j->arena);
    if (!key) {
        j->e = ERR_NOMEM;
    } else if (own && r->type->rule->n_key > 0 && strcmp(own, key) != 0) {
        report_reject(r, j->arena, REASON_KEY_MISMATCH, "body.id", id, span_of(own));
    }
}

static void judge_body(struct judge *j)
{
    struct report *r = j->report;
    if (!r->body) {
        report_reject(r, j->arena, REASON_MISSING_FIELD, "body", NULL, SPAN_NONE);
        return;
    }
    const struct path body = {.name = "body"};
    judge_message(j, r->type->message, r->body, &body);
    if (!stopped(j)) {
        judge_key(j);
    }
    if (!stopped(j)) {
        cross_judge(j->ctx, j->unit, r, j->arena);
    }
}

enum err rules_judge(const struct rules_context *ctx, struct report *r, struct arena *arena)
{
    static void (*const steps[])(struct judge *) = {
        fill_defaults, judge_envelope,   judge_time,  judge_publisher,   find_subject,
        judge_sector,  judge_permission, judge_place, judge_attachments, judge_body,
    };
    struct judge j = {.ctx = ctx, .report = r, .arena = arena, .profile = ""};
    report_name(r);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && !stopped(&j); i++) {
        steps[i](&j);
    }
    return r->starved ? ERR_NOMEM : j.e;
}
