/* SPDX-License-Identifier: Apache-2.0 */
/* What is right by itself and wrong together: said at its place as well. */
#include "adapt/compile.h"

/* The value of a member of the file, or NULL. */
static struct fy_node *at(struct fy_node *root, const char *name)
{
    return root && fy_node_get_type(root) == FYNT_MAPPING
               ? fy_node_mapping_lookup_by_string(root, name, FY_NT)
               : NULL;
}

static void check_container(struct compiler *c, struct fy_node *root)
{
    struct complaints *why = &c->why;
    enum container_kind kind = c->m->container;
    if (c->m->charset == CHARSET_UNKNOWN && !at(root, "charset")) {
        yaml_complain(why, NULL, "expected charset: UTF-8 or GB18030; it is never guessed");
    }
    if (c->declared && kind != CONTAINER_XML) {
        yaml_complain(why, at(root, "charset"),
                      "charset: declared is for xml; expected UTF-8 or GB18030");
    }
    if (at(root, "delimiter") && kind != CONTAINER_CSV) {
        yaml_complain(why, at(root, "delimiter"), "delimiter is for csv; expected container: csv");
    }
    if (at(root, "title_rows") && c->m->find != FIND_HEADER) {
        yaml_complain(why, at(root, "title_rows"),
                      "title_rows: the columns find the header; expected record: {by: header}");
    }
    if (at(root, "frame") && kind != CONTAINER_JSON) {
        yaml_complain(why, at(root, "frame"), "frame is for json; expected container: json");
    }
    if (at(root, "envelope") && kind != CONTAINER_JSON) {
        yaml_complain(why, at(root, "envelope"), "envelope is for json; expected container: json");
    }
}

static void check_find(struct compiler *c, struct fy_node *root)
{
    enum container_kind kind = c->m->container;
    bool flat = kind == CONTAINER_CSV || kind == CONTAINER_NDJSON;
    if (c->m->find == FIND_MEMBER && flat) {
        yaml_complain(&c->why, at(root, "record"),
                      "record: {by: member}: nothing stands around the rows; expected by: field");
    }
    if (c->m->find == FIND_HEADER && kind != CONTAINER_CSV) {
        yaml_complain(&c->why, at(root, "record"),
                      "record: {by: header} is for csv; expected by: keys");
    }
    if (c->m->find == FIND_ELEMENT && (c->m->n_rows == 0 || flat)) {
        yaml_complain(&c->why, at(root, "record"),
                      "record: {by: element} asks where the rows stand; expected rows: PATH");
    }
}

void compile_check_file(struct compiler *c, struct fy_node *root)
{
    if (!at(root, "adapter")) {
        yaml_complain(&c->why, NULL, "expected adapter: %s, the name of the folder", c->m->name);
    }
    check_container(c, root);
    check_find(c, root);
}

/* ---- records ---- */

static bool has_key(const struct record_map *r, const struct source *key)
{
    for (size_t i = 0; i < r->n_keys; i++) {
        if (r->keys[i].up == key->up && span_eq(r->keys[i].name, key->name)) {
            return true;
        }
    }
    return false;
}

/* True when each row that is known as `later` is known as `first` before. */
static bool hides(const struct record_map *first, const struct record_map *later)
{
    for (size_t i = 0; i < first->n_keys; i++) {
        if (!has_key(later, &first->keys[i])) {
            return false;
        }
    }
    return first->n_keys > 0 && later->n_keys > 0 && !first->inner && !later->inner;
}

static void check_apart(struct compiler *c, struct fy_node *key, const struct record_map *first,
                        const struct record_map *later)
{
    for (size_t i = 0; i < later->match.n; i++) {
        if (words_hold(first->match, later->match.at[i])) {
            yaml_complain(&c->why, key, "%s: “%.*s” matches %s too; expected one record for it",
                          later->name, SPAN_ARG(later->match.at[i]), first->name);
        }
    }
    if (hides(first, later)) {
        yaml_complain(&c->why, key,
                      "%s is never found: all that has its keys is %s; expected it "
                      "before that",
                      later->name, first->name);
    }
}

static void check_around(struct compiler *c, struct fy_node *key, const struct record_map *r)
{
    bool around = c->m->n_rows > 0 || c->m->envelope.kind != ENVELOPE_NONE;
    for (size_t i = 0; i < r->n_targets && !around; i++) {
        for (size_t k = 0; k < r->targets[i].n_sources; k++) {
            const struct source *s = &r->targets[i].sources[k];
            if (s->up > r->each.path.n) {
                yaml_complain(&c->why, key,
                              "%s: “%s”: nothing stands around the rows; expected rows: PATH, or "
                              "fewer ^",
                              r->name, s->name.at);
            }
        }
    }
}

void compile_check_records(struct compiler *c, struct fy_node *const *keys)
{
    for (size_t i = 0; i < c->m->n_records; i++) {
        for (size_t k = 0; k < i; k++) {
            check_apart(c, keys[i], &c->m->records[k], &c->m->records[i]);
        }
        check_around(c, keys[i], &c->m->records[i]);
    }
}
