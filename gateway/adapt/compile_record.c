/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a mapping file: how rows of each are known, what deletes them, and their fields in
 * the order in which they will run. */
#include "adapt/compile.h"

struct record_build {
    struct compiler *c;
    struct record_map *r;
    struct fy_node *key;
    struct fy_node *report, *fields;
    const struct target *shared; /* of the whole mapping */
    size_t n_shared;
};

static void know(struct compiler *c, struct record_map *r, struct span name)
{
    if (name.at && map_put(&r->known, name, r) != ERR_OK) {
        c->why.nomem = true;
    }
}

static void read_match(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    b->r->match = compile_words(b->c, value, "values by which this record is known");
}

static void read_header(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    b->r->match = compile_words(b->c, value, "columns that are all there");
    if (b->c->m->container != CONTAINER_CSV) {
        yaml_complain(&b->c->why, key, "header is for csv; expected match");
    }
}

static void read_op(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    struct span text = yaml_word(&b->c->why, value, "an operation", &b->c->m->arena);
    const ProtobufCEnumValue *op = text.at ? protobuf_c_enum_descriptor_get_value_by_name(
                                                 &dualgate__v1__op__code__descriptor, text.at)
                                           : NULL;
    if (!op || !b->r->type || (b->r->type->ops & 1u << op->value) == 0) {
        yaml_complain(&b->c->why, value, "“%.*s” is no operation of %s", SPAN_ARG(text),
                      b->r->name);
        return;
    }
    b->r->op = (Dualgate__V1__Op__Code)op->value;
}

static void read_deleted_from(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    struct span name = yaml_word(&b->c->why, value, "a source field", &b->c->m->arena);
    b->r->deleted = compile_source(b->c, name);
    know(b->c, b->r, b->r->deleted.path.n > 0 ? b->r->deleted.path.at[0] : SPAN_NONE);
}

static void read_deleted_yes(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    b->r->deleted_yes = compile_words(b->c, value, "values that mean deleted");
}

static void read_deleted_no(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    b->r->deleted_no = compile_words(b->c, value, "values that mean not deleted");
}

static void read_deleted(void *ctx, struct fy_node *key, struct fy_node *value)
{
    static const struct yaml_member members[] = {
        {"from", read_deleted_from}, {"yes", read_deleted_yes}, {"no", read_deleted_no}};
    struct record_build *b = ctx;
    yaml_members(&b->c->why, value, members, 3, b);
    b->r->deletable = true;
    if (b->r->deleted.name.len == 0 || b->r->deleted_yes.n == 0) {
        yaml_complain(&b->c->why, key, "deleted: expected from: FIELD and yes: VALUE");
    }
}

static void read_report_node(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    b->report = value;
}

static void read_fields_node(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    b->fields = value;
}

static void read_keep(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    b->r->keep = compile_words(b->c, value, "source fields to carry along");
}

static void read_ignore(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    struct words list = compile_words(b->c, value, "source fields to leave out");
    for (size_t i = 0; i < list.n; i++) {
        know(b->c, b->r, list.at[i]);
    }
}

static const struct yaml_member record_members[] = {
    {"match", read_match},     {"header", read_header},      {"op", read_op},
    {"deleted", read_deleted}, {"report", read_report_node}, {"fields", read_fields_node},
    {"keep", read_keep},       {"ignore", read_ignore},
};

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

static size_t pair_count(struct fy_node *node)
{
    int n = node && fy_node_get_type(node) == FYNT_MAPPING ? fy_node_mapping_item_count(node) : 0;
    return n > 0 ? (size_t)n : 0;
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
    for (size_t i = 0; i < b->n_shared; i++) {
        if (!overridden(s, &b->shared[i])) {
            s->targets[s->n] = b->shared[i];
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

static void order_targets(struct section *s, struct record_map *r)
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
    r->targets = ordered;
    r->n_targets = n;
}

static void know_sources(struct compiler *c, struct record_map *r)
{
    for (size_t i = 0; i < r->n_targets; i++) {
        for (size_t k = 0; k < r->targets[i].n_sources; k++) {
            struct words path = r->targets[i].sources[k].path;
            know(c, r, path.n > 0 ? path.at[0] : SPAN_NONE);
        }
    }
}

static void check_identity(struct record_build *b)
{
    bool names_entity = false;
    for (size_t i = 0; i < b->r->n_targets; i++) {
        names_entity = names_entity ||
                       (b->r->targets[i].of_envelope && strcmp(b->r->targets[i].path, "uscc") == 0);
    }
    if (!names_entity) {
        yaml_complain(&b->c->why, b->key,
                      "%s does not say whose report it is; expected report: {uscc: …}", b->r->name);
    }
}

static bool is_mapped(const struct record_map *r, const struct field_type *field)
{
    for (size_t i = 0; i < r->n_targets; i++) {
        if (r->targets[i].field == field) {
            return true;
        }
    }
    return false;
}

/* A record that can never pass the rules is a mistake of the mapping, not of every row. */
static void check_required(struct record_build *b)
{
    const struct message_type *message = b->r->type->message;
    for (size_t i = 0; i < message->n_fields && b->r->op != DUALGATE__V1__OP__CODE__DELETE; i++) {
        const struct field_type *field = &message->fields[i];
        if (field->rule->required && !is_mapped(b->r, field)) {
            yaml_complain(&b->c->why, b->key, "%s: expected its required field “%s” to be mapped",
                          b->r->name, field->desc->name);
        }
    }
}

static void compile_fields(struct record_build *b)
{
    struct compiler *c = b->c;
    size_t most = pair_count(b->report) + pair_count(b->fields) + b->n_shared + 1;
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
    order_targets(&s, b->r);
    know_sources(c, b->r);
    check_identity(b);
    check_required(b);
}

struct records_build {
    struct compiler *c;
    const struct target *shared;
    size_t n_shared;
};

static Dualgate__V1__Op__Code op_of(const struct record_type *type)
{
    const ProtobufCEnumValue *via =
        type->via && type->rule->via_op
            ? protobuf_c_enum_descriptor_get_value_by_name(&dualgate__v1__op__code__descriptor,
                                                           type->rule->via_op)
            : NULL;
    return via ? (Dualgate__V1__Op__Code)via->value : report_default_op(type);
}

static void read_record(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct records_build *all = ctx;
    struct compiler *c = all->c;
    struct record_map *r = &c->m->records[c->m->n_records];
    struct span name = yaml_word(&c->why, key, "a record", &c->m->arena);
    r->name = name.at;
    r->type = name.at ? schema_record(c->schema, name) : NULL;
    if (!r->type) {
        yaml_complain(&c->why, key, "there is no record “%.*s”", SPAN_ARG(name));
        return;
    }
    c->m->n_records++;
    map_init(&r->known);
    r->op = op_of(r->type);
    struct record_build b = {
        .c = c, .r = r, .key = key, .shared = all->shared, .n_shared = all->n_shared};
    yaml_members(&c->why, value, record_members, sizeof record_members / sizeof record_members[0],
                 &b);
    compile_fields(&b);
    if (r->match.n == 0 && c->m->find != FIND_FIXED) {
        yaml_complain(&c->why, key, "%s: expected %s", r->name,
                      c->m->find == FIND_HEADER ? "header: […]" : "match: […]");
    }
}

void compile_records(struct compiler *c)
{
    size_t n = pair_count(c->records);
    if (n == 0) {
        yaml_complain(&c->why, c->records, "expected records: {…}");
        return;
    }
    struct section shared = {.c = c, .message = c->schema->report, .of_envelope = true};
    size_t most = pair_count(c->report) + 1;
    shared.targets = compile_alloc(c, most * sizeof *shared.targets);
    shared.whens = compile_alloc(c, most * sizeof *shared.whens);
    c->m->records = compile_alloc(c, n * sizeof *c->m->records);
    if (!shared.targets || !shared.whens || !c->m->records) {
        return;
    }
    if (c->report) {
        yaml_pairs(&c->why, c->report, read_target, &shared);
    }
    for (size_t i = 0; i < shared.n; i++) {
        if (shared.whens[i]) {
            yaml_complain(&c->why, shared.whens[i], "when: expected inside a record");
        }
    }
    struct records_build all = {c, shared.targets, shared.n};
    yaml_pairs(&c->why, c->records, read_record, &all);
    if (c->m->find == FIND_FIXED && c->m->n_records > 1) {
        yaml_complain(&c->why, c->records, "record: {by: fixed} expects exactly one record");
    }
}
