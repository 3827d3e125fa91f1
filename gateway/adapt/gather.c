/* SPDX-License-Identifier: Apache-2.0 */
/* Where a target's texts come from: members of the row, a constant, the publisher, or several
 * members made into an id. */
#include "adapt/gather.h"

#include "adapt/source.h"
#include "adapt/steps.h"
#include "adapt/template.h"
#include "base/digest.h"
#include "model/attachments.h"

void gather_reject(struct row *r, enum reason reason, struct span name,
                   const struct field_type *field, struct span value)
{
    if (r->report->problem.reason != REASON_NONE) {
        return;
    }
    report_reject(r->report, r->t->arena, reason,
                  origin_place(r->line, r->place, name, r->t->arena), field, value);
    if (!field) {
        /* The schema has no label for it: the source's own word is what people know. */
        const char *label = arena_strndup(r->t->arena, name.at ? name.at : "", name.len);
        r->report->problem.label_zh = label;
        r->report->problem.label_en = label;
    }
}

void gather_check(struct row *r)
{
    if (r->node->crowded) {
        gather_reject(r, REASON_TOO_MANY, SPAN_NONE, NULL, SPAN_NONE);
    }
    for (const struct node *it = r->node->first; it; it = it->next) {
        if (it->doubled) {
            gather_reject(r, REASON_DUPLICATE_MEMBER, it->name, NULL, SPAN_NONE);
        }
    }
}

struct found {
    struct node *first;
    size_t n;
};

static bool count_found(void *ctx, struct node *node)
{
    struct found *found = ctx;
    found->first = found->n++ == 0 ? node : found->first;
    return true;
}

enum err gather_walk(struct row *r, const struct source *source, bool items,
                     bool (*visit)(void *ctx, struct node *node), void *ctx)
{
    struct source_walk w = {.arena = r->t->arena,
                            .depth_max = r->t->limits->depth_max,
                            .items = items,
                            .visit = visit,
                            .ctx = ctx};
    enum err err = source_walk(source, r->node, &w);
    if (err == ERR_OK && w.broken) {
        gather_reject(r, REASON_BAD_FORMAT, w.broken->name, NULL, w.broken->text);
    }
    return err;
}

enum err gather_find(struct row *r, const struct source *source, struct node **out)
{
    struct found found = {NULL, 0};
    enum err err = gather_walk(r, source, false, count_found, &found);
    if (found.n > 1) {
        gather_reject(r, REASON_DUPLICATE_MEMBER, source->name, NULL, SPAN_NONE);
    }
    *out = found.first;
    return err;
}

static bool holds(const struct texts *texts, struct span text)
{
    for (size_t i = 0; i < texts->n; i++) {
        if (span_eq(texts->at[i], text)) {
            return true;
        }
    }
    return false;
}

/* One text of the source through the target's steps. Adds nothing when it means absent. */
static enum err run_one(struct row *r, const struct target *t, struct span text,
                        struct texts *texts)
{
    struct steps_context ctx = {r->t->registry, r->t->arena};
    struct steps_result result;
    enum err err = steps_run(&ctx, t, text, &result);
    if (err != ERR_OK || result.absent) {
        return err;
    }
    if (result.reason != REASON_NONE) {
        gather_reject(r, result.reason, texts->source->name, target_leaf(t), result.blamed);
        return ERR_OK;
    }
    if (texts->n == GATHER_ITEMS_MAX) {
        gather_reject(r, REASON_TOO_MANY, texts->source->name, target_leaf(t), SPAN_NONE);
        return ERR_OK;
    }
    /* Lists are sets: sources write "1,3,3". */
    if (!holds(texts, result.text)) {
        texts->at[texts->n++] = result.text;
        texts->said = true;
    }
    return ERR_OK;
}

/* The nearest of the separators, or NULL. */
static const char *next_separator(const struct target *t, struct span rest, size_t *len)
{
    const char *nearest = NULL;
    for (size_t i = 0; i < t->separators.n; i++) {
        struct span sep = t->separators.at[i];
        const char *at = memmem(rest.at, rest.len, sep.at, sep.len);
        if (at && (!nearest || at < nearest)) {
            nearest = at;
            *len = sep.len;
        }
    }
    return nearest;
}

static enum err run_parts(struct row *r, const struct target *t, struct span text,
                          struct texts *texts)
{
    struct span rest = text;
    enum err err = ERR_OK;
    while (err == ERR_OK && rest.at && r->report->problem.reason == REASON_NONE) {
        struct span part = rest;
        size_t len = 0;
        const char *end = next_separator(t, rest, &len);
        if (end) {
            part.len = (size_t)(end - rest.at);
            rest.len -= part.len + len;
            rest.at = end + len;
        } else {
            rest.at = NULL;
        }
        err = run_one(r, t, part, texts);
    }
    return err;
}

static enum err run_node(struct row *r, const struct target *t, const struct node *node,
                         struct texts *texts)
{
    if (!node_is_scalar(node)) {
        gather_reject(r, node->grouped ? REASON_DUPLICATE_MEMBER : REASON_WRONG_TYPE,
                      texts->source->name, target_leaf(t), node->raw);
        return ERR_OK;
    }
    /* The separators of lists occur in data URIs. */
    bool parts = t->separators.n > 0 && !attachment_inside(target_leaf(t), node->text);
    return parts ? run_parts(r, t, node->text, texts) : run_one(r, t, node->text, texts);
}

struct list_take {
    struct row *r;
    const struct target *t;
    struct texts *texts;
    enum err err;
};

static bool take_item(void *ctx, struct node *node)
{
    struct list_take *take = ctx;
    take->err = run_node(take->r, take->t, node, take->texts);
    return take->err == ERR_OK;
}

static enum err from_source(struct row *r, const struct target *t, struct texts *texts)
{
    struct node *node = NULL;
    if (target_leaf(t)->desc->label == PROTOBUF_C_LABEL_REPEATED) {
        struct list_take take = {r, t, texts, ERR_OK};
        enum err err = gather_walk(r, texts->source, true, take_item, &take);
        return err != ERR_OK ? err : take.err;
    }
    enum err err = gather_find(r, texts->source, &node);
    return err == ERR_OK && node ? run_node(r, t, node, texts) : err;
}

static enum err from_sources(struct row *r, const struct target *t, struct texts *texts)
{
    for (size_t i = 0; i < t->n_sources; i++) {
        texts->source = &t->sources[i];
        enum err err = from_source(r, t, texts);
        if (err != ERR_OK || texts->n > 0 || r->report->problem.reason != REASON_NONE) {
            return err;
        }
    }
    if (t->fixed.at) {
        texts->at[texts->n++] = t->fixed;
    }
    return ERR_OK;
}

/* The publisher's own entity. */
static void from_publisher(struct row *r, struct texts *texts)
{
    const struct reg_publisher *p = r->t->publisher;
    const struct reg_unit *unit = NULL;
    if (p->company_code && p->company_code[0]) {
        unit = registry_unit_by_company(r->t->registry, span_of(p->company_code));
    }
    texts->at[0] = span_of(unit ? unit->uscc : p->code);
    texts->n = 1;
}

void gather_seed(struct buf *seed, struct span part)
{
    buf_put_span(seed, part);
    buf_putc(seed, '\0');
}

enum err gather_uuid(struct row *r, struct buf *seed, struct span *out)
{
    uint8_t digest[DIGEST_BYTES];
    char uuid[UUID_TEXT + 1];
    bool failed = buf_failed(seed);
    digest_of(buf_span(seed), digest);
    buf_free(seed);
    uuid8_of(digest, uuid);
    char *copy = failed ? NULL : arena_strndup(r->t->arena, uuid, UUID_TEXT);
    *out = (struct span){copy, UUID_TEXT};
    return copy ? ERR_OK : ERR_NOMEM;
}

/* Appends what the sources hold; *found counts them, *lacking is the first without a value. */
static enum err seed_sources(struct row *r, const struct target *t, struct buf *seed, size_t *found,
                             size_t *lacking)
{
    *found = 0;
    *lacking = t->n_sources;
    for (size_t i = 0; i < t->n_sources; i++) {
        struct texts part = {.source = &t->sources[i]};
        enum err err = from_source(r, t, &part);
        if (err != ERR_OK) {
            return err;
        }
        if (part.n > 0) {
            gather_seed(seed, part.at[0]);
            ++*found;
        } else if (*lacking == t->n_sources) {
            *lacking = i;
        }
    }
    return ERR_OK;
}

/* A stable id for sources that have none: the same row of the same entity gives the same id,
 * whoever sends it. A reference gives the id that its parent has got in the same way, or is none
 * where no source has a value. */
static enum err derive(struct row *r, const struct target *t, struct texts *texts)
{
    const char *uscc = r->report->env->uscc;
    const char *parent = target_leaf(t)->rule->parent;
    bool refers = parent && parent[0];
    size_t lacking = 0;
    size_t found = 0;
    struct buf seed;
    buf_init(&seed, 0);
    gather_seed(&seed, span_of(r->t->mapping->name));
    gather_seed(&seed, span_of(refers ? parent : r->record->type->name));
    gather_seed(&seed, span_of(uscc ? uscc : ""));
    enum err err = seed_sources(r, t, &seed, &found, &lacking);
    bool whole = lacking == t->n_sources;
    if (err == ERR_OK && !whole && (found > 0 || !refers)) {
        gather_reject(r, REASON_MISSING_FIELD, t->sources[lacking].name, NULL, SPAN_NONE);
    }
    if (err != ERR_OK || !whole) {
        buf_free(&seed);
        return err;
    }
    texts->n = 1;
    texts->said = true;
    return gather_uuid(r, &seed, &texts->at[0]);
}

static enum err from_template(struct row *r, const struct target *t, struct texts *texts)
{
    struct span text;
    enum err err = template_fill(r, t, &text);
    texts->source = &t->sources[0];
    if (err == ERR_OK && text.at) {
        err = run_one(r, t, text, texts);
    }
    if (err == ERR_OK && texts->n == 0 && t->fixed.at && r->report->problem.reason == REASON_NONE) {
        texts->at[texts->n++] = t->fixed;
    }
    return err;
}

enum err gather(struct row *r, const struct target *t, struct texts *texts)
{
    switch (t->from) {
    case TARGET_CONSTANT:
        texts->at[texts->n++] = t->fixed;
        return ERR_OK;
    case TARGET_PUBLISHER:
        from_publisher(r, texts);
        return ERR_OK;
    case TARGET_DERIVED:
        return derive(r, t, texts);
    case TARGET_TEMPLATE:
        return from_template(r, t, texts);
    case TARGET_ITEMS: /* no texts: adapt/fill makes them */
        return ERR_OK;
    case TARGET_SOURCE:
        break;
    }
    return from_sources(r, t, texts);
}
