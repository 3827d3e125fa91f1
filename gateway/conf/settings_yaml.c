/* SPDX-License-Identifier: Apache-2.0 */
/* The YAML file by libfyaml: nested maps whose joined keys are the names of the table. Stricter
 * than YAML: no key twice, no aliases, numbers and truth values unquoted. */
#include "conf/settings_load.h"

#include <stdio.h>
#include <string.h>

#include <libfyaml.h>

#define NAME_BYTES 64

static struct place mark_of(const struct load *l, struct fy_node *node)
{
    const struct fy_mark *mark = NULL;
    if (node && fy_node_is_scalar(node)) {
        struct fy_token *token = fy_node_get_scalar_token(node);
        mark = token ? fy_token_start_mark(token) : NULL;
    }
    return mark ? (struct place){l->path, mark->line + 1, mark->column + 1}
                : (struct place){l->path, 0, 0};
}

/* Quoted text is no number; an empty plain value is no value at all. */
static const char *wrong_shape(const struct setting *row, struct fy_node *value)
{
    if (!value || !fy_node_is_scalar(value)) {
        return "must be a single value";
    }
    if (fy_node_is_alias(value)) {
        return "aliases are not allowed here";
    }
    bool text = row->type == SETTING_STRING || row->type == SETTING_PATH;
    bool plain = fy_node_get_style(value) == FYNS_PLAIN;
    if (plain && fy_node_get_scalar_length(value) == 0) {
        return "has no value";
    }
    return text || plain ? NULL : "is quoted, but must be a number or a truth value";
}

static void take_value(struct load *l, const struct setting *row, struct fy_node *key,
                       struct fy_node *value)
{
    struct place at = mark_of(l, value);
    if (at.line == 0) {
        at = mark_of(l, key);
    }
    const char *wrong = wrong_shape(row, value);
    if (wrong) {
        load_complain_text(l, at, row->name, wrong);
        return;
    }
    size_t len;
    const char *bytes = fy_node_get_scalar(value, &len);
    const char *text = fy_node_get_scalar0(value);
    if (!bytes || !text) {
        l->nomem = true;
    } else if (memchr(bytes, '\0', len)) {
        load_complain_text(l, at, row->name, "holds characters that are no text");
    } else {
        load_store(l, row, text, at);
    }
}

static bool is_group(const char *name)
{
    size_t count;
    size_t len = strlen(name);
    const struct setting *table = settings_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(table[i].name, name, len) == 0 && table[i].name[len] == '.') {
            return true;
        }
    }
    return false;
}

/* The pair before `pair` with the same key, or NULL. */
static struct fy_node_pair *earlier(struct fy_node *map, struct fy_node_pair *pair, const char *key)
{
    void *at = NULL;
    struct fy_node_pair *other;
    while ((other = fy_node_mapping_iterate(map, &at)) != NULL && other != pair) {
        const char *text = fy_node_get_scalar0(fy_node_pair_key(other));
        if (text && strcmp(text, key) == 0) {
            return other;
        }
    }
    return NULL;
}

static void take_map(struct load *l, struct fy_node *map, const char *group);

static void take_named(struct load *l, struct fy_node_pair *pair, const char *name)
{
    struct fy_node *key = fy_node_pair_key(pair);
    struct fy_node *value = fy_node_pair_value(pair);
    const struct setting *row = settings_find(name);
    if (row) {
        take_value(l, row, key, value);
    } else if (!is_group(name)) {
        load_complain_text(l, mark_of(l, key), name, "unknown setting");
    } else if (value && fy_node_is_mapping(value)) {
        take_map(l, value, name);
    } else if (value && !(fy_node_is_scalar(value) && fy_node_get_scalar_length(value) == 0)) {
        load_complain_text(l, mark_of(l, key), name, "must be a map of settings");
    }
}

static void take_pair(struct load *l, struct fy_node *map, struct fy_node_pair *pair,
                      const char *group)
{
    struct fy_node *key = fy_node_pair_key(pair);
    const char *text = key && fy_node_is_scalar(key) ? fy_node_get_scalar0(key) : NULL;
    if (!text || strchr(text, '.') || strlen(group) + strlen(text) + 2 > NAME_BYTES) {
        load_complain(l, mark_of(l, key), NULL);
        load_put_value(l->errors, text ? text : "");
        buf_puts(l->errors, " unknown setting\n");
        return;
    }
    char name[NAME_BYTES];
    (void)snprintf(name, sizeof(name), group[0] ? "%s.%s" : "%s%s", group, text);
    struct fy_node_pair *first = earlier(map, pair, text);
    if (first) {
        struct place at = mark_of(l, fy_node_pair_key(first));
        load_complain(l, mark_of(l, key), name);
        buf_printf(l->errors, "stands twice, first in line %d\n", at.line);
        return;
    }
    take_named(l, pair, name);
}

static void take_map(struct load *l, struct fy_node *map, const char *group)
{
    void *at = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(map, &at)) != NULL) {
        take_pair(l, map, pair, group);
    }
}

/* libfyaml also prints what it collects; nobody wants it twice. */
static void print_nothing(struct fy_diag *diag, void *user, const char *text, size_t len)
{
    (void)diag;
    (void)user;
    (void)text;
    (void)len;
}

static enum err tell_syntax(struct load *l, struct fy_diag *diag)
{
    void *at = NULL;
    bool told = false;
    for (struct fy_diag_error *e; (e = fy_diag_errors_iterate(diag, &at)) != NULL; told = true) {
        load_complain_text(l, (struct place){l->path, e->line, e->column}, NULL, e->msg);
    }
    if (!told) {
        load_complain_text(l, (struct place){l->path, 1, 1}, NULL, "is no YAML");
    }
    return ERR_SYNTAX;
}

/* libfyaml makes no document, and no complaint, of a file that holds only comments. */
static bool has_content(struct span text)
{
    while (text.len > 0) {
        struct span line = span_trim(span_cut(&text, '\n'));
        if (line.len > 0 && line.at[0] != '#') {
            return true;
        }
    }
    return false;
}

enum err load_yaml(struct load *l, struct span text)
{
    if (!has_content(text)) {
        return ERR_OK;
    }
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = print_nothing;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (!diag) {
        return ERR_NOMEM;
    }
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_ALLOW_DUPLICATE_KEYS, .diag = diag};
    struct fy_document *doc = fy_document_build_from_string(&cfg, text.at, text.len);
    enum err e = ERR_OK;
    struct fy_node *root = doc ? fy_document_root(doc) : NULL;
    if (!doc) {
        e = tell_syntax(l, diag);
    } else if (root && fy_node_is_mapping(root)) {
        take_map(l, root, "");
    } else if (root && !(fy_node_is_scalar(root) && fy_node_get_scalar_length(root) == 0)) {
        load_complain_text(l, (struct place){l->path, 1, 1}, NULL, "must be a map of settings");
    }
    fy_document_destroy(doc);
    fy_diag_destroy(diag);
    return e;
}
