/* SPDX-License-Identifier: Apache-2.0 */
/* Between compile.c (the file), compile_record.c, compile_target.c (one field) and compile_step.c:
 * what a compilation knows. Of no use to anyone else. */
#ifndef ADAPT_COMPILE_H
#define ADAPT_COMPILE_H

#include "adapt/mapping.h"
#include "adapt/yaml.h"

struct patterns {
    const struct pattern *at;
    size_t n;
};

struct compiler {
    struct complaints why;
    const struct schema *schema;
    struct mapping *m;
    struct patterns times; /* of fields that are dates or times and name no pattern */
    struct words absent;   /* words that mean no value, where a field names none of its own */
    const struct civil_date *placeholders;
    size_t n_placeholders;
    bool declared;                    /* charset: declared */
    bool in_item;                     /* of a list of messages, whose fields are read */
    struct fy_node *report;           /* fields of the envelope that all records share, or NULL */
    struct fy_node *records;          /* or NULL */
    struct fy_node *rows, *find_name; /* read when the container is known, or NULL */
};

/* Zeroed memory of the mapping's arena; NULL notes the shortage. */
void *compile_alloc(struct compiler *c, size_t size);
/* A scalar or list of scalars. */
struct words compile_words(struct compiler *c, struct fy_node *value, const char *expected);
/* The file as a whole, when its members have been read. */
void compile_check_file(struct compiler *c, struct fy_node *root);
/* The records beside one another; keys: where each stands. */
void compile_check_records(struct compiler *c, struct fy_node *const *keys);
/* Readers of members of the file; ctx is the struct compiler. */
void compile_envelope(void *ctx, struct fy_node *key, struct fy_node *value);
void compile_frame(void *ctx, struct fy_node *key, struct fy_node *value);
void compile_answer(void *ctx, struct fy_node *key, struct fy_node *value);
/* What becomes of a member of the record's rows; the stronger word holds. */
void fate_set(struct compiler *c, struct record_map *r, struct words path, enum fate fate);
/* All that the records' sources name, once all records are known. */
void fates_compile(struct compiler *c);
/* All of c->records, into the mapping. */
void compile_records(struct compiler *c);
struct patterns compile_patterns(struct compiler *c, struct fy_node *value);
/* Where something stands, as a path: complains of what is none. In a container whose names may hold
 * points a name is one step. */
struct source compile_source(struct compiler *c, struct fy_node *at, struct span name);
struct sources {
    const struct source *at;
    size_t n;
};
/* Where rows or items stand inside a row; of “.” a source without a path. */
struct source compile_each(struct compiler *c, struct fy_node *value);
/* A scalar or list of scalars. */
struct sources compile_sources(struct compiler *c, struct fy_node *value, const char *expected);
/* One entry of `fields` or `report`. What is wrong is complained of; the target is usable all the
 * same, and *when keeps the node of its condition for compile_condition(). */
void compile_target(struct compiler *c, const struct message_type *message, bool of_envelope,
                    struct fy_node *key, struct fy_node *value, struct target *out,
                    struct fy_node **when);
/* The fields of one item of that list. */
void compile_item(struct compiler *c, const struct target *list, struct fy_node *fields,
                  struct item_map *out);
/* Binds a target's condition to another target of the same record. */
void compile_condition(struct compiler *c, struct fy_node *when, const struct target *targets,
                       size_t n, struct target *out);

#endif
