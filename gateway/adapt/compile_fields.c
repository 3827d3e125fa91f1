/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a record in the order in which they will run, and whether they make a report. */
#include "adapt/compile_fields.h"

/* Targets of one section, appended. */
struct section {
    struct compiler *c;
    const struct message_type *message;
    bool of_envelope;
    struct target *targets;
    struct fy_node **whens;
    size_t n;
};

static void read_target(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct section *s = ctx;
    compile_target(s->c, s->message, s->of_envelope, key, value, &s->targets[s->n],
                   &s->whens[s->n]);
    s->n += s->targets[s->n].path ? 1 : 0;
}

static bool overridden(const struct section *s, const struct target *shared)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->targets[i].of_envelope && strcmp(s->targets[i].path, shared->path) == 0) {
            return true;
        }
    }
    return false;
}

static void add_shared(struct section *s, const struct record_build *b)
{
    for (size_t i = 0; i < b->shared->n; i++) {
        if (!overridden(s, &b->shared->at[i])) {
            s->targets[s->n] = b->shared->at[i];
            s->whens[s->n] = NULL;
            s->n++;
        }
    }
}

/* Whose report it is comes first: derived ids ask it. The rest of the envelope comes after the
 * record's own fields, so that a bad date is called by what it is rather than by "observed at".
 * Those with a condition go last, when what they ask has been mapped. */
static int turn_of(const struct section *s, size_t i)
{
    const struct target *t = &s->targets[i];
    if (s->whens[i]) {
        return 3;
    }
    if (!t->of_envelope) {
        return 1;
    }
    return strcmp(t->path, "uscc") == 0 || strcmp(t->path, "unit") == 0 ? 0 : 2;
}

static struct target *order_targets(struct section *s)
{
    struct target *ordered = compile_alloc(s->c, (s->n + 1) * sizeof *ordered);
    size_t n = 0;
    size_t unconditional = 0;
    for (int turn = 0; ordered && turn <= 3; turn++) {
        for (size_t i = 0; i < s->n; i++) {
            if (turn_of(s, i) != turn) {
                continue;
            }
            ordered[n] = s->targets[i];
            if (turn == 3) {
                compile_condition(s->c, s->whens[i], ordered, unconditional, &ordered[n]);
            }
            n++;
        }
        unconditional = turn < 3 ? n : unconditional;
    }
    return ordered;
}

/* Whose report it is: an entity's, or where the record may be about an organisation, its. */
static void check_identity(struct record_build *b)
{
    bool of_org = b->r->type->about_org;
    bool names = false;
    for (size_t i = 0; i < b->r->n_targets; i++) {
        const struct target *t = &b->r->targets[i];
        names = names || (t->of_envelope ? strcmp(t->path, "uscc") == 0
                                         : of_org && strcmp(t->path, "org") == 0);
    }
    if (!names) {
        yaml_complain(&b->c->why, b->key,
                      "%s does not say whose report it is; expected report: {uscc: …}%s",
                      b->r->name, of_org ? " or fields: {org: …}" : "");
    }
}

static bool is_mapped(const struct target *targets, size_t n, const struct field_type *field)
{
    for (size_t i = 0; i < n; i++) {
        if (targets[i].field == field) {
            return true;
        }
    }
    return false;
}

/* A record that can never pass the rules is a mistake of the mapping, not of every row. */
static void check_required(const struct section *s, struct fy_node *at, const char *name)
{
    for (size_t i = 0; i < s->message->n_fields; i++) {
        const struct field_type *field = &s->message->fields[i];
        if (field->rule->required && !is_mapped(s->targets, s->n, field)) {
            yaml_complain(&s->c->why, at, "%s: expected its required field “%s” to be mapped", name,
                          field->desc->name);
        }
    }
}

/* A list is either told field by field, by the codes of its items, or whole. */
static void check_lists(const struct section *s, struct fy_node *at)
{
    for (size_t i = 0; i < s->n; i++) {
        for (size_t k = 0; k < s->n && s->targets[i].from == TARGET_ITEMS; k++) {
            if (s->targets[k].field == s->targets[i].field && s->targets[k].kind) {
                yaml_complain(&s->c->why, at, "“%s” and “%s”: expected one or the other",
                              s->targets[i].path, s->targets[k].path);
            }
        }
    }
}

void compile_fields(struct record_build *b)
{
    struct compiler *c = b->c;
    size_t most = yaml_count(b->report) + yaml_count(b->fields) + b->shared->n + 1;
    struct section s = {.c = c, .message = c->schema->report, .of_envelope = true};
    s.targets = compile_alloc(c, most * sizeof *s.targets);
    s.whens = compile_alloc(c, most * sizeof *s.whens);
    if (!s.targets || !s.whens) {
        return;
    }
    if (b->report) {
        yaml_pairs(&c->why, b->report, read_target, &s);
    }
    add_shared(&s, b);
    s.message = b->r->type->message;
    s.of_envelope = false;
    if (b->fields) {
        yaml_pairs(&c->why, b->fields, read_target, &s);
    } else {
        yaml_complain(&c->why, b->key, "%s: expected fields: {…}", b->r->name);
    }
    b->r->targets = order_targets(&s);
    b->r->n_targets = b->r->targets ? s.n : 0;
    check_identity(b);
    check_lists(&s, b->key);
    if (b->r->op != DUALGATE__V1__OP__CODE__DELETE) {
        check_required(&s, b->key, b->r->name);
    }
}

void compile_item(struct compiler *c, const struct target *list, struct fy_node *fields,
                  struct item_map *out)
{
    size_t most = yaml_count(fields) + 1;
    struct section s = {.c = c, .message = list->field->message};
    s.targets = compile_alloc(c, most * sizeof *s.targets);
    s.whens = compile_alloc(c, most * sizeof *s.whens);
    if (!s.targets || !s.whens) {
        return;
    }
    yaml_pairs(&c->why, fields, read_target, &s);
    out->targets = order_targets(&s);
    out->n_targets = out->targets ? s.n : 0;
    check_required(&s, fields, list->path);
}

bool compile_shared(struct compiler *c, struct shared_targets *out)
{
    struct section s = {.c = c, .message = c->schema->report, .of_envelope = true};
    size_t most = yaml_count(c->report) + 1;
    s.targets = compile_alloc(c, most * sizeof *s.targets);
    s.whens = compile_alloc(c, most * sizeof *s.whens);
    if (!s.targets || !s.whens) {
        return false;
    }
    if (c->report) {
        yaml_pairs(&c->why, c->report, read_target, &s);
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.whens[i]) {
            yaml_complain(&c->why, s.whens[i], "when: expected inside a record");
        }
    }
    *out = (struct shared_targets){s.targets, s.n};
    return true;
}
