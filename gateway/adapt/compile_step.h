/* SPDX-License-Identifier: Apache-2.0 */
/* One field of a mapping while it is compiled: between compile_target.c (where its value comes
 * from) and compile_step.c (what is done to it). Of no use to anyone else. */
#ifndef ADAPT_COMPILE_STEP_H
#define ADAPT_COMPILE_STEP_H

#include "adapt/compile.h"

struct target_build {
    struct compiler *c;
    struct target *t;
    struct fy_node *key;
    const struct field_type *leaf; /* the field that takes the text */
    struct fy_node *when;
    unsigned origins; /* how many of from, derive, constant, publisher, template */
    struct words absent;
    bool fold;

    struct step translate; /* words, codes, moment or quantity */
    unsigned translations;
    bool pads, looks_up, asks_organisation;
    unsigned width;
};

static inline Dualgate__V1__FieldRule__Format__Code field_format_of(const struct field_type *field)
{
    return field->rule->format;
}

static inline bool field_is_enum(const struct field_type *field)
{
    return field->codes != NULL;
}

static inline bool field_is_repeated(const struct field_type *field)
{
    return field->desc->label == PROTOBUF_C_LABEL_REPEATED;
}

static inline bool field_is_whole_number(const struct field_type *field)
{
    switch ((int)field->desc->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
        return true;
    default:
        return false;
    }
}

/* The text as a value of the field: complains of names that its code list lacks. */
struct span compile_canonical(struct target_build *b, struct fy_node *value);
/* Readers of the options that say what is done; ctx is the struct target_build. */
void compile_option_absent(void *ctx, struct fy_node *key, struct fy_node *value);
void compile_option_split(void *ctx, struct fy_node *key, struct fy_node *value);
void compile_option_pad(void *ctx, struct fy_node *key, struct fy_node *value);
void compile_option_company(void *ctx, struct fy_node *key, struct fy_node *value);
void compile_option_organisation(void *ctx, struct fy_node *key, struct fy_node *value);
void compile_option_codes(void *ctx, struct fy_node *key, struct fy_node *value);
void compile_option_words(void *ctx, struct fy_node *key, struct fy_node *value);
void compile_option_time(void *ctx, struct fy_node *key, struct fy_node *value);
void compile_option_number(void *ctx, struct fy_node *key, struct fy_node *value);
/* Items of the list that the target is: blocks, or an array in the row. */
void compile_items(struct target_build *b, struct fy_node *value);
/* Reader of an option that says where the value comes from. */
void compile_option_template(void *ctx, struct fy_node *key, struct fy_node *value);
/* The file's own time patterns, as far as they fit the field and it names none. */
void compile_default_times(struct target_build *b);

#endif
