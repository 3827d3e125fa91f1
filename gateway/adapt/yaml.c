/* SPDX-License-Identifier: Apache-2.0 */
/* libfyaml keeps the place of every scalar; a container is where its first scalar is. */
#include "adapt/yaml.h"

#include <stdarg.h>

static bool is_scalar(struct fy_node *node)
{
    return node && fy_node_get_type(node) == FYNT_SCALAR && !fy_node_is_alias(node);
}

static struct fy_node *first_scalar(struct fy_node *node)
{
    while (node && fy_node_get_type(node) != FYNT_SCALAR) {
        void *it = NULL;
        if (fy_node_get_type(node) == FYNT_SEQUENCE) {
            node = fy_node_sequence_iterate(node, &it);
        } else {
            struct fy_node_pair *pair = fy_node_mapping_iterate(node, &it);
            node = pair ? fy_node_pair_key(pair) : NULL;
        }
    }
    return node;
}

/* Of what has no place of its own ([], {} or nothing): the name it stands under. */
static struct fy_node *name_of_empty(struct fy_node *node)
{
    struct fy_node *parent = node ? fy_node_get_parent(node) : NULL;
    void *it = NULL;
    if (!parent || fy_node_get_type(parent) != FYNT_MAPPING) {
        return NULL;
    }
    for (struct fy_node_pair *pair; (pair = fy_node_mapping_iterate(parent, &it)) != NULL;) {
        if (fy_node_pair_value(pair) == node) {
            return fy_node_pair_key(pair);
        }
    }
    return NULL;
}

static const struct fy_mark *place_of(struct fy_node *node)
{
    struct fy_node *scalar = first_scalar(node);
    struct fy_token *token = scalar ? fy_node_get_scalar_token(scalar) : NULL;
    return token ? fy_token_start_mark(token) : NULL;
}

void yaml_complain(struct complaints *c, struct fy_node *at, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const struct fy_mark *mark = place_of(at);
    mark = mark ? mark : place_of(name_of_empty(at));
    if (mark) {
        buf_printf(c->out, "%s:%d:%d: %s\n", c->file, mark->line + 1, mark->column + 1, text);
    } else {
        buf_printf(c->out, "%s:1:1: %s\n", c->file, text);
    }
    c->count++;
}

static void complain_of_syntax(struct complaints *c, struct fy_diag *diag)
{
    struct fy_diag_error *error;
    void *it = NULL;
    size_t before = c->count;
    while ((error = fy_diag_errors_iterate(diag, &it)) != NULL) {
        buf_printf(c->out, "%s:%d:%d: %s\n", c->file, error->line, error->column,
                   error->msg ? error->msg : "not YAML");
        c->count++;
    }
    if (c->count == before) {
        yaml_complain(c, NULL, "not YAML; expected a mapping");
    }
}

/* libfyaml never comes back from some broken directives. A mapping needs none, and no NUL. */
static bool can_be_read(struct complaints *c, struct span text)
{
    unsigned line = 0;
    for (struct span rest = text; rest.at;) {
        struct span one = span_cut(&rest, '\n');
        line++;
        if (one.len > 0 && (one.at[0] == '%' || memchr(one.at, '\0', one.len))) {
            buf_printf(c->out, "%s:%u:1: %s\n", c->file, line,
                       one.at[0] == '%' ? "a directive (%); expected name: value"
                                        : "a NUL byte; expected text");
            c->count++;
            return false;
        }
    }
    return true;
}

struct fy_document *yaml_parse(struct complaints *c, struct span text)
{
    struct fy_diag_cfg how;
    if (!can_be_read(c, text)) {
        return NULL;
    }
    fy_diag_cfg_default(&how);
    how.fp = NULL;
    how.colorize = false;
    struct fy_diag *diag = fy_diag_create(&how);
    if (!diag) {
        c->nomem = true;
        return NULL;
    }
    fy_diag_set_collect_errors(diag, true);
    unsigned flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE;
    struct fy_parse_cfg cfg = {.flags = (enum fy_parse_cfg_flags)flags, .diag = diag};
    struct fy_document *doc = NULL;
    if (text.len > 0) {
        doc = fy_document_build_from_string(&cfg, text.at, text.len);
    }
    if (!doc) {
        complain_of_syntax(c, diag);
    }
    fy_diag_destroy(diag);
    return doc;
}

struct span yaml_text(struct complaints *c, struct fy_node *node, const char *expected)
{
    if (!is_scalar(node)) {
        yaml_complain(c, node, "not a plain value; expected %s", expected);
        return SPAN_NONE;
    }
    size_t len = 0;
    const char *text = fy_node_get_scalar(node, &len);
    return (struct span){text ? text : "", text ? len : 0};
}

static struct span copied(struct complaints *c, struct span text, struct arena *arena)
{
    char *copy = arena_strndup(arena, text.at ? text.at : "", text.len);
    c->nomem = c->nomem || !copy;
    return copy ? (struct span){copy, text.len} : SPAN_NONE;
}

struct span yaml_word(struct complaints *c, struct fy_node *node, const char *expected,
                      struct arena *arena)
{
    struct span text = yaml_text(c, node, expected);
    if (text.at && text.len == 0) {
        yaml_complain(c, node, "empty; expected %s", expected);
        return SPAN_NONE;
    }
    return text.at ? copied(c, text, arena) : SPAN_NONE;
}

struct span_list yaml_words(struct complaints *c, struct fy_node *node, const char *expected,
                            struct arena *arena)
{
    bool list = node && fy_node_get_type(node) == FYNT_SEQUENCE;
    int count = list ? fy_node_sequence_item_count(node) : 1;
    struct span_list words = {NULL, 0};
    if (count <= 0) {
        yaml_complain(c, node, "an empty list; expected %s", expected);
        return words;
    }
    words.at = arena_zalloc(arena, (size_t)count * sizeof *words.at);
    if (!words.at) {
        c->nomem = true;
        return words;
    }
    if (!list) {
        words.at[words.n++] = copied(c, yaml_text(c, node, expected), arena);
        return words;
    }
    void *it = NULL;
    for (struct fy_node *item; (item = fy_node_sequence_iterate(node, &it)) != NULL;) {
        words.at[words.n++] = copied(c, yaml_text(c, item, expected), arena);
    }
    return words;
}

bool yaml_true(struct complaints *c, struct fy_node *node)
{
    struct span text = yaml_text(c, node, "true or false");
    if (text.at && !span_is(text, "true") && !span_is(text, "false")) {
        yaml_complain(c, node, "“%.*s”; expected true or false", SPAN_ARG(text));
    }
    return span_is(text, "true");
}

size_t yaml_count(struct fy_node *node)
{
    int n = node && fy_node_get_type(node) == FYNT_MAPPING ? fy_node_mapping_item_count(node) : 0;
    return n > 0 ? (size_t)n : 0;
}

void yaml_pairs(struct complaints *c, struct fy_node *node,
                void (*read)(void *ctx, struct fy_node *key, struct fy_node *value), void *ctx)
{
    if (!node || fy_node_get_type(node) != FYNT_MAPPING) {
        struct span text = is_scalar(node) ? yaml_text(c, node, "a mapping") : SPAN_NONE;
        yaml_complain(c, node, "%s%.*s%s; expected a mapping {name: value}", text.at ? "“" : "",
                      SPAN_ARG(text), text.at ? "”" : "not a mapping");
        return;
    }
    void *it = NULL;
    for (struct fy_node_pair *pair; (pair = fy_node_mapping_iterate(node, &it)) != NULL;) {
        struct fy_node *key = fy_node_pair_key(pair);
        struct fy_node *value = fy_node_pair_value(pair);
        if (!is_scalar(key) || !value) {
            yaml_complain(c, key, "expected a plain name and a value");
        } else {
            read(ctx, key, value);
        }
    }
}

struct member_reader {
    struct complaints *c;
    const struct yaml_member *members;
    size_t n;
    void *ctx;
};

static void complain_of_member(const struct member_reader *r, struct fy_node *key, struct span name)
{
    char names[320];
    size_t len = 0;
    for (size_t i = 0; i < r->n; i++) {
        int wrote = snprintf(names + len, sizeof names - len, "%s%s", i > 0 ? ", " : "",
                             r->members[i].name);
        if (wrote < 0 || (size_t)wrote >= sizeof names - len) {
            break;
        }
        len += (size_t)wrote;
    }
    names[len] = '\0';
    yaml_complain(r->c, key, "“%.*s” is unknown here; expected one of %s", SPAN_ARG(name), names);
}

static void read_member(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct member_reader *r = ctx;
    struct span name = yaml_text(r->c, key, "a name");
    for (size_t i = 0; i < r->n; i++) {
        if (span_is(name, r->members[i].name)) {
            r->members[i].read(r->ctx, key, value);
            return;
        }
    }
    complain_of_member(r, key, name);
}

void yaml_members(struct complaints *c, struct fy_node *node, const struct yaml_member *members,
                  size_t n, void *ctx)
{
    struct member_reader r = {c, members, n, ctx};
    yaml_pairs(c, node, read_member, &r);
}
