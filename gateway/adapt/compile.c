/* SPDX-License-Identifier: Apache-2.0 */
/* A mapping file into a mapping. Nothing stops at the first mistake; the mapping is thrown away
 * when there was one. */
#include "adapt/compile.h"

#include <stdlib.h>

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

struct words compile_words(struct compiler *c, struct fy_node *value, const char *expected)
{
    struct span_list list = yaml_words(&c->why, value, expected, &c->m->arena);
    return (struct words){list.at, list.n};
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

#define CONTAINERS "json, ndjson, csv, form or xml"

static void read_container(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    static const char *const kinds[] = {"json", "ndjson", "csv", "form", "xml"};
    struct span text = yaml_text(&c->why, value, CONTAINERS);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (span_is(text, kinds[i])) {
            c->m->container = (enum container_kind)i;
            return;
        }
    }
    yaml_complain(&c->why, value, "container “%.*s”; expected " CONTAINERS, SPAN_ARG(text));
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

static void read_title_rows(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    struct span text = yaml_text(&c->why, value, "a number of rows");
    bool digit = text.len == 1 && text.at[0] >= '1' && text.at[0] <= '9';
    c->m->title_rows = digit ? (uint32_t)(text.at[0] - '0') : 0;
    if (!digit) {
        yaml_complain(&c->why, value, "“%.*s”; expected 1 to 9 rows", SPAN_ARG(text));
    }
}

#define CHARSETS "UTF-8, GB18030 or (of xml) declared"

static void read_charset(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    struct span text = yaml_text(&c->why, value, CHARSETS);
    c->m->charset = charset_of_name(text);
    c->declared = span_is(text, "declared");
    if (c->m->charset == CHARSET_UNKNOWN && !c->declared) {
        yaml_complain(&c->why, value, "charset “%.*s”; expected " CHARSETS, SPAN_ARG(text));
    }
}

static void read_rows(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->rows = value;
}

#define WAYS "fixed, member, field, header, keys or element"

static void read_by(void *ctx, struct fy_node *key, struct fy_node *value)
{
    static const char *const ways[] = {"fixed", "member", "field", "header", "keys", "element"};
    struct compiler *c = ctx;
    (void)key;
    struct span text = yaml_text(&c->why, value, WAYS);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (span_is(text, ways[i])) {
            c->m->find = (enum find_kind)i;
            return;
        }
    }
    yaml_complain(&c->why, value, "“%.*s”; expected " WAYS, SPAN_ARG(text));
}

static void read_find_name(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->find_name = value;
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
    if (named != (c->find_name != NULL)) {
        yaml_complain(&c->why, key,
                      named ? "record: expected name: NAME" : "record: name is not used");
    }
}

static void read_secret(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->m->secret = compile_words(c, value, "names whose values are neither kept nor shown");
}

static void read_absent_words(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->absent = compile_words(c, value, "words that mean no value");
}

static void read_placeholders(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    struct words list = compile_words(c, value, "dates YYYY-MM-DD");
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

/* `report` and `records` are only noted: they are compiled when the rest has been read. */
static const struct yaml_member file_members[] = {
    {"adapter", read_adapter},
    {"title", read_title},
    {"container", read_container},
    {"delimiter", read_delimiter},
    {"charset", read_charset},
    {"envelope", compile_envelope},
    {"rows", read_rows},
    {"record", read_find},
    {"absent", read_absent_words},
    {"placeholder_dates", read_placeholders},
    {"times", read_times},
    {"report", note_report},
    {"records", note_records},
    {"answer", compile_answer},
    {"secret", read_secret},
    {"frame", compile_frame},
    {"title_rows", read_title_rows},
};

static void compile_rows(struct compiler *c)
{
    struct sources rows = compile_sources(c, c->rows, "where the rows stand");
    c->m->rows = rows.at;
    c->m->n_rows = rows.n;
    if (c->m->container == CONTAINER_CSV || c->m->container == CONTAINER_NDJSON) {
        yaml_complain(&c->why, c->rows, "rows: the lines of this container are the rows");
    }
    if (c->m->container == CONTAINER_FORM && rows.n > 1) {
        yaml_complain(&c->why, c->rows, "rows: expected one name, of keys such as rows[0].name");
    }
}

/* What asks the container, which may stand further down in the file. */
static void compile_places(struct compiler *c)
{
    if (c->rows) {
        compile_rows(c);
    }
    if (c->find_name) {
        struct sources found = compile_sources(c, c->find_name, "a member's or field's name");
        c->m->find_source = found.n > 0 ? found.at[0] : c->m->find_source;
    }
}

static void compile_file(struct compiler *c, struct span text)
{
    struct fy_document *doc = yaml_parse(&c->why, text);
    if (!doc) {
        return;
    }
    struct fy_node *root = fy_document_root(doc);
    yaml_members(&c->why, root, file_members, sizeof file_members / sizeof file_members[0], c);
    compile_places(c);
    compile_check_file(c, root);
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
    m->schema = schema;
    map_init(&m->keys);
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
