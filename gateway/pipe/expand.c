/* SPDX-License-Identifier: Apache-2.0 */
#include "pipe/expand.h"

#include <stdio.h>

#include "base/digest.h"
#include "base/utf8.h"

#define NAME_CHARS_MAX 300
#define PATH_MAX_BYTES 160
/* Of a day on which something was done, the gateway knows no hour. */
#define DAY_BEGINS "T00:00:00+08:00"

/* One finding on its way to be a hazard. */
struct making {
    const Dualgate__V1__Inspection *from;
    const Dualgate__V1__InspectionFinding *finding;
    size_t place; /* of the finding */
    const struct report *source;
    struct arena *arena;
};

/* ---- identity ---- */

/* The same finding of the same document of the same unit, whoever sends it. */
static char *derive_uuid(const struct making *k, const char *what)
{
    char no[16];
    char uuid[UUID_TEXT + 1];
    uint8_t digest[DIGEST_BYTES];
    (void)snprintf(no, sizeof no, "%d", k->finding->no);
    char *seed =
        arena_printf(k->arena, "%s\n%s\n%s\n%s", what, k->source->env->uscc, k->source->id, no);
    if (seed == NULL) {
        return NULL;
    }
    digest_of(span_of(seed), digest);
    uuid8_of(digest, uuid);
    return arena_strdup(k->arena, uuid);
}

/* ---- the hazard ---- */

static bool given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static void fill_deadline(const struct making *k, Dualgate__V1__Hazard *h)
{
    const Dualgate__V1__InspectionFinding *f = k->finding;
    h->deadline = given(f->due_on) ? f->due_on : k->from->due_on;
    h->has_manage_type = f->has_manage_type || given(h->deadline);
    h->manage_type =
        f->has_manage_type ? f->manage_type : DUALGATE__V1__MANAGE_TYPE__CODE__DEADLINE;
}

static bool fill_state(const struct making *k, Dualgate__V1__Hazard *h)
{
    bool done = given(k->finding->done_on);
    h->has_state = 1;
    h->state = done ? DUALGATE__V1__HAZARD_STATE__CODE__RECTIFIED
                    : DUALGATE__V1__HAZARD_STATE__CODE__REGISTERED;
    h->rectified_at = done ? arena_printf(k->arena, "%s" DAY_BEGINS, k->finding->done_on) : NULL;
    return !done || h->rectified_at != NULL;
}

static bool fill_texts(const struct making *k, Dualgate__V1__Hazard *h)
{
    struct span name = utf8_clip(span_of(k->finding->text), NAME_CHARS_MAX);
    h->name = arena_strndup(k->arena, name.at, name.len);
    h->description = k->finding->text;
    /* An array of its own: what is done to one record's pictures is not done to the other's. */
    h->n_photo_before = k->finding->n_photo;
    h->photo_before = arena_alloc(k->arena, h->n_photo_before * sizeof(char *));
    if (h->name == NULL || h->photo_before == NULL) {
        return false;
    }
    for (size_t i = 0; i < h->n_photo_before; i++) {
        h->photo_before[i] = k->finding->photo[i];
    }
    return true;
}

static Dualgate__V1__Hazard *make_hazard(const struct making *k)
{
    const Dualgate__V1__InspectionFinding *f = k->finding;
    Dualgate__V1__Hazard *h = arena_alloc(k->arena, sizeof *h);
    if (h == NULL) {
        return NULL;
    }
    dualgate__v1__hazard__init(h);
    h->id = derive_uuid(k, "hazard");
    h->has_level = f->has_level;
    h->level = f->level;
    h->found_at = h->registered_at = k->from->inspected_at;
    h->has_found_by = 1;
    h->found_by = DUALGATE__V1__HAZARD_FINDER__CODE__AUTHORITY;
    h->registrant = k->from->n_inspectors > 0 ? k->from->inspectors[0] : NULL;
    h->enforcement_no = k->from->doc_no;
    h->has_discipline = f->has_discipline;
    h->discipline = f->discipline;
    h->resp_person = f->resp_person;
    h->resp_dept = f->resp_dept;
    h->major_basis = f->major_basis;
    h->place = f->place;
    fill_deadline(k, h);
    return h->id != NULL && fill_texts(k, h) && fill_state(k, h) ? h : NULL;
}

static enum err make_report(const struct rules_context *ctx, const struct making *k,
                            struct report *r)
{
    const Dualgate__V1__Report *said = k->source->env;
    Dualgate__V1__Report *env = arena_alloc(k->arena, sizeof *env);
    Dualgate__V1__Hazard *hazard = make_hazard(k);
    if (env == NULL || hazard == NULL) {
        return ERR_NOMEM;
    }
    dualgate__v1__report__init(env);
    env->msg_id = derive_uuid(k, "report");
    env->uscc = said->uscc;
    env->unit = said->unit;
    env->observed_at = k->from->inspected_at;
    env->content_case = DUALGATE__V1__REPORT__CONTENT_HAZARD;
    env->hazard = hazard;
    *r = (struct report){
        .env = env,
        .type = schema_record(ctx->schema, SPAN_LIT("hazard")),
        .body = &hazard->base,
        .index = k->source->index,
        .raw = k->source->raw,
        .raw_hashed = true, /* the bytes are those of the inspection: they say nothing about it */
    };
    struct rules_context own = *ctx;
    own.by_node = true;
    enum err e = env->msg_id ? rules_judge(&own, r, k->arena) : ERR_NOMEM;
    if (e != ERR_OK || r->problem.reason != REASON_NONE) {
        return e;
    }
    e = report_settle_identity(r, k->arena, ctx->received_us);
    memcpy(r->raw_hash, r->hash, DIGEST_BYTES);
    return e;
}

/* ---- what is wrong with it ---- */

/* Fields that the hazard has under another name than the finding, "." before those of the
 * inspection itself. */
static const struct {
    const char *hazard, *said;
} names[] = {
    {"name", "text"},
    {"description", "text"},
    {"deadline", "due_on"},
    {"rectified_at", "done_on"},
    {"photo_before", "photo"},
    {"found_at", ".inspected_at"},
    {"registered_at", ".inspected_at"},
    {"observed_at", ".inspected_at"},
    {"enforcement_no", ".doc_no"},
    {"registrant", ".inspectors"},
};

static void blame_finding(struct entry *e, const struct making *k, const struct problem *p)
{
    char path[PATH_MAX_BYTES];
    const char *said = NULL;
    struct span rest = span_of(p->field ? p->field : "");
    struct span body = SPAN_LIT("body.");
    if (span_starts(rest, body)) {
        rest = (struct span){rest.at + body.len, rest.len - body.len};
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0] && !said; i++) {
        said = span_is(rest, names[i].hazard) ? names[i].said : NULL;
    }
    rest = said ? span_of(said) : rest;
    if (said && said[0] == '.') {
        (void)snprintf(path, sizeof path, "body%s", said);
    } else {
        (void)snprintf(path, sizeof path, "body.findings[%zu].%.*s", k->place, SPAN_ARG(rest));
    }
    report_reject(&e->report, k->arena, p->reason, path, NULL,
                  p->value ? span_of(p->value) : SPAN_NONE);
    e->report.problem.label_zh = p->label_zh;
    e->report.problem.label_en = p->label_en;
}

/* ---- the inspection ---- */

static bool is_expanded(const struct report *r)
{
    return r->problem.reason == REASON_NONE && r->body != NULL &&
           r->body->descriptor == &dualgate__v1__inspection__descriptor &&
           r->env->op == DUALGATE__V1__OP__CODE__UPSERT;
}

/* Two findings of one number would be one hazard. */
static bool stands_before(const Dualgate__V1__Inspection *from, size_t place)
{
    for (size_t i = 0; i < place; i++) {
        if (from->findings[i]->no == from->findings[place]->no) {
            return true;
        }
    }
    return false;
}

static enum err expand_finding(const struct rules_context *ctx, struct entry *e,
                               const struct making *k)
{
    struct entry *made = &e->wake[e->n_wake];
    if (stands_before(k->from, k->place)) {
        blame_finding(e, k,
                      &(struct problem){REASON_DUPLICATE_MEMBER, "body.no", NULL, NULL, NULL});
        return ERR_OK;
    }
    if (given(k->finding->hazard_id)) {
        return ERR_OK;
    }
    enum err err = make_report(ctx, k, &made->report);
    if (err == ERR_OK && made->report.problem.reason != REASON_NONE) {
        blame_finding(e, k, &made->report.problem);
    }
    made->message = e->message;
    made->only_new = true;
    e->n_wake++;
    return err;
}

enum err expand_entry(const struct rules_context *ctx, struct entry *e, struct arena *arena)
{
    if (!is_expanded(&e->report)) {
        return ERR_OK;
    }
    const Dualgate__V1__Inspection *from =
        (const Dualgate__V1__Inspection *)(const void *)e->report.body;
    e->wake = arena_zalloc(arena, from->n_findings * sizeof *e->wake);
    enum err err = e->wake ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; i < from->n_findings && err == ERR_OK; i++) {
        const struct making k = {from, from->findings[i], i, &e->report, arena};
        err = expand_finding(ctx, e, &k);
        if (e->report.problem.reason != REASON_NONE) {
            e->n_wake = 0;
            break;
        }
    }
    return err;
}

enum err expand_join(struct message *m)
{
    size_t n = m->n_entries;
    for (size_t i = 0; i < m->n_entries; i++) {
        n += m->entries[i].n_wake;
    }
    if (n == m->n_entries) {
        return ERR_OK;
    }
    struct entry *all = arena_alloc(&m->arena, n * sizeof *all);
    if (all == NULL) {
        return ERR_NOMEM;
    }
    size_t at = 0;
    for (size_t i = 0; i < m->n_entries; i++) {
        struct entry *source = &all[at++];
        *source = m->entries[i];
        for (size_t k = 0; k < source->n_wake; k++) {
            all[at] = source->wake[k];
            all[at++].source = source;
        }
    }
    m->entries = all;
    m->n_entries = n;
    return ERR_OK;
}
