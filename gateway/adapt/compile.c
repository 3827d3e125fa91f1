/* SPDX-License-Identifier: Apache-2.0 */
/* A mapping file into a mapping. Nothing stops at the first mistake; the mapping is thrown away
 * when there was one. */
#include "adapt/compile.h"

#include <stdlib.h>

#include "adapt/form.h"
#include "adapt/mapping.h"
#include "base/alloc.h"

/* A mapping file is some hundred lines; this bounds what a broken one can take. */
#define MAPPING_BYTES_MAX ((size_t)4 << 20)

void *compile_alloc(struct compiler *c, size_t size)
{
    void *block = arena_zalloc(&c->m->arena, size);
    c->why.nomem = c->why.nomem || !block;
    return block;
}

struct source compile_source(struct compiler *c, struct span name)
{
    struct source source = {.name = name};
    size_t n = 1;
    /* A column's name may hold points; a member's path is parted by them. */
    bool nested = c->m->container == CONTAINER_JSON;
    for (size_t i = 0; nested && i < name.len; i++) {
        n += name.at[i] == '.';
    }
    struct span *path = compile_alloc(c, n * sizeof *path);
    if (!path) {
        return source;
    }
    struct span rest = name;
    for (size_t i = 0; i < n; i++) {
        path[i] = nested ? span_cut(&rest, '.') : name;
    }
    source.path = (struct words){path, n};
    return source;
}

/* ---- the record maps ---- */

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

static struct words read_list(struct compiler *c, struct fy_node *value, const char *expected)
{
    struct span_list list = yaml_words(&c->why, value, expected, &c->m->arena);
    return (struct words){list.at, list.n};
}

static void read_match(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    b->r->match = read_list(b->c, value, "values by which this record is known");
}

static void read_header(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    b->r->match = read_list(b->c, value, "columns that are all there");
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
    b->r->deleted_yes = read_list(b->c, value, "values that mean deleted");
}

static void read_deleted_no(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    b->r->deleted_no = read_list(b->c, value, "values that mean not deleted");
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
    b->r->keep = read_list(b->c, value, "source fields to carry along");
}

static void read_ignore(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct record_build *b = ctx;
    (void)key;
    struct words list = read_list(b->c, value, "source fields to leave out");
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

static void compile_records(struct compiler *c)
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

/* ---- the file ---- */

static void read_adapter(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    struct span name = yaml_text(&c->why, value, "the adapter's name");
    if (!span_is(name, c->m->name)) {
        yaml_complain(&c->why, value, "“%.*s”; expected “%s”, the name of the folder",
                      SPAN_ARG(name), c->m->name);
    }
}

static void read_title(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->m->title = yaml_word(&c->why, value, "a title", &c->m->arena).at;
}

static void read_container(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    struct span text = yaml_text(&c->why, value, "json or csv");
    if (span_is(text, "csv")) {
        c->m->container = CONTAINER_CSV;
    } else if (span_is(text, "json")) {
        c->m->container = CONTAINER_JSON;
    } else if (text.at) {
        yaml_complain(&c->why, value, "container “%.*s”; expected json or csv", SPAN_ARG(text));
    }
}

static void read_delimiter(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    struct span text = yaml_text(&c->why, value, "one character");
    if (text.len != 1 || text.at[0] == '"' || text.at[0] == '\n' || text.at[0] < 0) {
        yaml_complain(&c->why, value, "“%.*s”; expected one ASCII character", SPAN_ARG(text));
        return;
    }
    c->m->delimiter = text.at[0];
}

static void read_charset(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    struct span text = yaml_text(&c->why, value, "UTF-8 or GB18030");
    c->m->charset = charset_of_name(text);
    if (c->m->charset == CHARSET_UNKNOWN) {
        yaml_complain(&c->why, value, "charset “%.*s”; expected UTF-8 or GB18030", SPAN_ARG(text));
    }
}

static void read_cipher(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    struct span text = yaml_text(&c->why, value, "aes-128-cbc");
    if (span_is(text, "aes-128-cbc")) {
        c->m->envelope = ENVELOPE_AES_128_CBC;
    } else {
        yaml_complain(&c->why, value, "cipher “%.*s”; expected aes-128-cbc", SPAN_ARG(text));
    }
}

static void read_sealed(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->m->sealed_member = yaml_word(&c->why, value, "a member's name", &c->m->arena);
}

static void read_envelope(void *ctx, struct fy_node *key, struct fy_node *value)
{
    static const struct yaml_member members[] = {{"cipher", read_cipher}, {"member", read_sealed}};
    struct compiler *c = ctx;
    yaml_members(&c->why, value, members, 2, c);
    if (c->m->envelope == ENVELOPE_NONE || c->m->sealed_member.len == 0) {
        yaml_complain(&c->why, key, "envelope: expected cipher: aes-128-cbc and member: NAME");
    }
}

static void read_rows(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->m->rows_member = yaml_word(&c->why, value, "a member's name", &c->m->arena);
}

static void read_by(void *ctx, struct fy_node *key, struct fy_node *value)
{
    static const char *const ways[] = {"fixed", "member", "field", "header"};
    struct compiler *c = ctx;
    (void)key;
    struct span text = yaml_text(&c->why, value, "fixed, member, field or header");
    for (size_t i = 0; i < 4; i++) {
        if (span_is(text, ways[i])) {
            c->m->find = (enum find_kind)i;
            return;
        }
    }
    yaml_complain(&c->why, value, "“%.*s”; expected fixed, member, field or header",
                  SPAN_ARG(text));
}

static void read_find_name(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->m->find_name = yaml_word(&c->why, value, "a name", &c->m->arena);
}

static void read_part(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    struct span text = yaml_text(&c->why, value, "all or last");
    c->m->find_last_part = span_is(text, "last");
    if (text.at && !span_is(text, "last") && !span_is(text, "all")) {
        yaml_complain(&c->why, value, "“%.*s”; expected all or last", SPAN_ARG(text));
    }
}

static void read_find(void *ctx, struct fy_node *key, struct fy_node *value)
{
    static const struct yaml_member members[] = {
        {"by", read_by}, {"name", read_find_name}, {"part", read_part}};
    struct compiler *c = ctx;
    yaml_members(&c->why, value, members, 3, c);
    bool named = c->m->find == FIND_MEMBER || c->m->find == FIND_FIELD;
    if (named != (c->m->find_name.len > 0)) {
        yaml_complain(&c->why, key,
                      named ? "record: expected name: NAME" : "record: name is not used");
    }
}

static void read_absent_words(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->absent = read_list(c, value, "words that mean no value");
}

static void read_placeholders(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    struct words list = read_list(c, value, "dates YYYY-MM-DD");
    struct civil_date *dates = compile_alloc(c, (list.n + 1) * sizeof *dates);
    for (size_t i = 0; dates && i < list.n; i++) {
        if (!date_parse(list.at[i], &dates[i])) {
            yaml_complain(&c->why, value, "“%.*s”; expected a date YYYY-MM-DD",
                          SPAN_ARG(list.at[i]));
        }
    }
    c->placeholders = dates;
    c->n_placeholders = dates ? list.n : 0;
}

static void read_times(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->times = compile_patterns(c, value);
}

static void note_report(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->report = value;
}

static void note_records(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->records = value;
}

static void read_form(struct compiler *c, struct fy_node *value, struct form *out)
{
    struct span text = yaml_word(&c->why, value, "text with ${holes}", &c->m->arena);
    struct span wrong = SPAN_NONE;
    if (text.at && !form_compile(text, &c->m->arena, out, &wrong)) {
        c->why.nomem = c->why.nomem || !wrong.at;
        yaml_complain(&c->why, value,
                      "hole “%.*s”; expected request, count, failed, items, id, word or text",
                      SPAN_ARG(wrong));
    }
}

static void read_good(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    read_form(c, value, &c->m->answer_good);
}

static void read_bad(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    read_form(c, value, &c->m->answer_bad);
}

static void read_item(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    read_form(c, value, &c->m->answer_item);
}

static void read_answer(void *ctx, struct fy_node *key, struct fy_node *value)
{
    static const struct yaml_member members[] = {
        {"good", read_good}, {"bad", read_bad}, {"item", read_item}};
    struct compiler *c = ctx;
    yaml_members(&c->why, value, members, 3, c);
    c->m->answers = true;
    if (c->m->answer_good.n == 0 || c->m->answer_bad.n == 0 || c->m->answer_item.n == 0) {
        yaml_complain(&c->why, key, "answer: expected good, bad and item");
    }
}

/* `report` and `records` are only noted: they are compiled when the rest has been read. */
static const struct yaml_member file_members[] = {
    {"adapter", read_adapter},     {"title", read_title},
    {"container", read_container}, {"delimiter", read_delimiter},
    {"charset", read_charset},     {"envelope", read_envelope},
    {"rows", read_rows},           {"record", read_find},
    {"absent", read_absent_words}, {"placeholder_dates", read_placeholders},
    {"times", read_times},         {"report", note_report},
    {"records", note_records},     {"answer", read_answer},
};

static void compile_file(struct compiler *c, struct span text)
{
    struct fy_document *doc = yaml_parse(&c->why, text);
    if (!doc) {
        return;
    }
    struct fy_node *root = fy_document_root(doc);
    yaml_members(&c->why, root, file_members, sizeof file_members / sizeof file_members[0], c);
    if (c->m->charset == CHARSET_UNKNOWN) {
        yaml_complain(&c->why, NULL, "expected charset: UTF-8 or GB18030; it is never guessed");
    }
    if (c->m->find == FIND_MEMBER && c->m->container != CONTAINER_JSON) {
        yaml_complain(&c->why, NULL, "record: {by: member} is for json");
    }
    if (c->m->find == FIND_HEADER && c->m->container != CONTAINER_CSV) {
        yaml_complain(&c->why, NULL, "record: {by: header} is for csv");
    }
    if (c->m->envelope != ENVELOPE_NONE && c->m->container != CONTAINER_JSON) {
        yaml_complain(&c->why, NULL, "envelope is for json");
    }
    compile_records(c);
    fy_document_destroy(doc);
}

enum err mapping_compile(struct span text, const char *file, const char *name,
                         const struct schema *schema, struct mapping **out, struct buf *complaints)
{
    static const struct span nothing = {"", 0};
    *out = NULL;
    struct mapping *m = mem_zalloc(sizeof *m);
    if (!m) {
        return ERR_NOMEM;
    }
    arena_init(&m->arena, MAPPING_BYTES_MAX);
    m->delimiter = ',';
    m->name = arena_strdup(&m->arena, name);
    struct compiler c = {
        .why = {.file = file, .out = complaints},
        .schema = schema,
        .m = m,
        .absent = {&nothing, 1},
    };
    if (m->name) {
        compile_file(&c, text);
    }
    enum err err = !m->name || c.why.nomem ? ERR_NOMEM : c.why.count > 0 ? ERR_INVALID : ERR_OK;
    if (err != ERR_OK) {
        mapping_free(m);
        return err;
    }
    *out = m;
    return ERR_OK;
}
