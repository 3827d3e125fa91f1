/* SPDX-License-Identifier: Apache-2.0 */
/* The records of a mapping file: how rows of each are known, what deletes them, and their fields in
 * the order in which they will run. */
#include "adapt/compile_fields.h"

static void read_match(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    b->r->match = compile_words(b->c, value, "values by which this record is known");
}

static void read_header(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    struct sources keys = compile_sources(b->c, value, "columns that are all there");
    b->r->keys = keys.at;
    b->r->n_keys = keys.n;
    if (b->c->m->find != FIND_HEADER) {
        yaml_complain(&b->c->why, key, "header: expected record: {by: header}");
    }
}

static bool says_each(const struct record_build *b)
{
    return fy_node_mapping_lookup_by_string(b->block, "each", FY_NT) != NULL;
}

static void read_keys(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    struct sources keys = compile_sources(b->c, value, "members that all have a value");
    b->r->keys = keys.at;
    b->r->n_keys = keys.n;
    if (b->c->m->find != FIND_KEYS && !says_each(b)) {
        yaml_complain(&b->c->why, key, "keys: expected record: {by: keys}");
    }
}

/* The key of the block is the record's name, unless it says which record it is. */
static void read_type(void *ctx, struct fy_node *key, struct fy_node *value)
{
    (void)ctx;
    (void)key;
    (void)value;
}

static void read_each(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    b->r->inner = true;
    b->r->each = compile_each(b->c, value);
}

static void read_of(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    b->of = yaml_word(&b->c->why, value, "a record of this mapping", &b->c->m->arena);
}

/* An operation that leaves the body what it is. */
static bool is_op_of(const struct record_build *b, Dualgate__V1__Op__Code op)
{
    const struct record_type *type = b->r->type;
    return (type->ops & 1u << op) != 0 &&
           schema_body_of(b->c->schema, type->via ? type->via : type, op) == type;
}

static void read_op(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    struct span text = yaml_word(&b->c->why, value, "an operation", &b->c->m->arena);
    const ProtobufCEnumValue *op = text.at ? protobuf_c_enum_descriptor_get_value_by_name(
                                                 &dualgate__v1__op__code__descriptor, text.at)
                                           : NULL;
    if (!op || !is_op_of(b, (Dualgate__V1__Op__Code)op->value)) {
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
    struct sources from = compile_sources(b->c, value, "a source field");
    b->r->deleted = from.n > 0 ? from.at[0] : b->r->deleted;
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
    struct sources list = compile_sources(b->c, value, "source fields to carry along");
    for (size_t i = 0; i < list.n; i++) {
        fate_set(b->c, b->r, list.at[i].path, FATE_KEEP);
    }
}

static void read_ignore(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    struct sources list = compile_sources(b->c, value, "source fields to leave out");
    for (size_t i = 0; i < list.n; i++) {
        fate_set(b->c, b->r, list.at[i].path, FATE_KNOWN);
    }
}

static const struct yaml_member record_members[] = {
    {"match", read_match},     {"header", read_header},      {"op", read_op},
    {"deleted", read_deleted}, {"report", read_report_node}, {"fields", read_fields_node},
    {"keep", read_keep},       {"ignore", read_ignore},      {"keys", read_keys},
    {"record", read_type},     {"each", read_each},          {"of", read_of},
};

struct records_build {
    struct compiler *c;
    const struct shared_targets *shared;
    struct fy_node **keys;
    struct span *of;
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

/* Where the record type is named: in the block, else by its key. */
static struct fy_node *said_type(struct fy_node *key, struct fy_node *block)
{
    struct fy_node *said = fy_node_get_type(block) == FYNT_MAPPING
                               ? fy_node_mapping_lookup_by_string(block, "record", FY_NT)
                               : NULL;
    return said ? said : key;
}

static void check_found(struct record_build *b)
{
    struct compiler *c = b->c;
    bool inner = b->r->inner;
    bool same_rows = inner && b->r->each.path.n == 0;
    bool by_keys = c->m->find == FIND_HEADER || c->m->find == FIND_KEYS;
    bool named = same_rows ? b->r->match.n > 0 : by_keys ? b->r->n_keys > 0 : b->r->match.n > 0;
    if (by_keys && b->r->match.n > 0) {
        yaml_complain(&c->why, b->key, "%s: match is not asked; expected header or keys",
                      b->r->name);
    }
    if (c->m->find == FIND_FIXED ? b->r->match.n > 0 : named == inner) {
        const char *what = c->m->find == FIND_HEADER ? "header: […]"
                           : c->m->find == FIND_KEYS ? "keys: […]"
                                                     : "match: […]";
        yaml_complain(&c->why, b->key,
                      named ? "%s: expected no %s: nothing asks it" : "%s: expected %s", b->r->name,
                      what);
    }
    if (inner && !same_rows && !by_keys && b->r->n_keys > 0) {
        yaml_complain(&c->why, b->key, "%s: keys choose among the same rows; expected each: .",
                      b->r->name);
    }
    if (b->of.at && !inner) {
        yaml_complain(&c->why, b->key, "%s: has of; expected each: PATH", b->r->name);
    }
}

static void read_record(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct records_build *all = ctx;
    struct compiler *c = all->c;
    struct record_map *r = &c->m->records[c->m->n_records];
    struct span name = yaml_word(&c->why, key, "a record", &c->m->arena);
    struct span type = yaml_word(&c->why, said_type(key, value), "a record", &c->m->arena);
    r->name = name.at;
    r->type = type.at ? schema_record(c->schema, type) : NULL;
    if (!r->type || !name.at) {
        yaml_complain(&c->why, said_type(key, value), "there is no record “%.*s”", SPAN_ARG(type));
        return;
    }
    all->keys[c->m->n_records] = key;
    map_init(&r->known);
    r->op = op_of(r->type);
    struct record_build b = {.c = c, .r = r, .key = key, .block = value, .shared = all->shared};
    r->nothing = c->absent;
    c->m->n_records++;
    yaml_members(&c->why, value, record_members, sizeof record_members / sizeof record_members[0],
                 &b);
    compile_fields(&b);
    check_found(&b);
    all->of[c->m->n_records - 1] = b.of;
}

/* The record inside whose rows those of record i stand: the one it names, else the only one that
 * stands in no other. */
static void bind_inner(struct records_build *all, size_t i)
{
    struct mapping *m = all->c->m;
    struct record_map *r = &m->records[i];
    size_t fitting = 0;
    for (size_t k = 0; k < m->n_records && r->inner; k++) {
        bool named = all->of[i].at != NULL && span_is(all->of[i], m->records[k].name);
        if (!m->records[k].inner && (named || !all->of[i].at)) {
            r->base = k;
            fitting++;
        }
    }
    if (r->inner && fitting != 1) {
        yaml_complain(&all->c->why, all->keys[i],
                      "%s: %s%s%sexpected of: RECORD, one whose rows stand in no other", r->name,
                      all->of[i].at ? "“" : "", all->of[i].at ? all->of[i].at : "",
                      all->of[i].at ? "” is none here; " : "");
    }
}

static size_t outer_records(const struct mapping *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_records; i++) {
        n += !m->records[i].inner;
    }
    return n;
}

void compile_records(struct compiler *c)
{
    size_t n = yaml_count(c->records);
    if (n == 0) {
        yaml_complain(&c->why, c->records, "expected records: {…}");
        return;
    }
    struct shared_targets shared;
    c->m->records = compile_alloc(c, n * sizeof *c->m->records);
    if (!c->m->records || !compile_shared(c, &shared)) {
        return;
    }
    struct records_build all = {.c = c,
                                .shared = &shared,
                                .keys = compile_alloc(c, n * sizeof(struct fy_node *)),
                                .of = compile_alloc(c, n * sizeof(struct span))};
    if (!all.keys || !all.of) {
        return;
    }
    yaml_pairs(&c->why, c->records, read_record, &all);
    for (size_t i = 0; i < c->m->n_records; i++) {
        bind_inner(&all, i);
    }
    if (c->m->find == FIND_FIXED && outer_records(c->m) > 1) {
        yaml_complain(&c->why, c->records,
                      "record: {by: fixed} expects exactly one record beside those with each");
    }
    compile_check_records(c, all.keys);
    fates_compile(c);
}
