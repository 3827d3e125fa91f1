/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled mapping: how one sector's own format becomes canonical reports. Made from
 * adapters/<name>/mapping.yaml by mapping_compile(); immutable; adapt/translate runs it. Every step
 * is a value with what it needs in it, so that it can also be walked from the canonical side to the
 * source's. adapters/README.md describes the language. */
#ifndef ADAPT_MAPPING_H
#define ADAPT_MAPPING_H

#include "adapt/charset.h"
#include "adapt/envelope.h"
#include "adapt/pattern.h"
#include "adapt/quantity.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "model/report.h"
#include "model/schema.h"

struct words {
    const struct span *at;
    size_t n;
};

bool words_hold(struct words words, struct span text);

/* Where a value stands in a row: a member, or a member of a member. */
struct source {
    struct span name; /* as written in the mapping and in problems */
    struct words path;
};

enum step_kind {
    STEP_TRIM,     /* white space off */
    STEP_FOLD,     /* full-width to half-width */
    STEP_ABSENT,   /* these words mean that there is no value */
    STEP_PAD,      /* zeros in front of digits, up to a width */
    STEP_WORDS,    /* source's word to canonical value */
    STEP_CODES,    /* source's code to canonical value by the schema's aliases */
    STEP_MOMENT,   /* date or time to the field's form */
    STEP_QUANTITY, /* number with unit to decimal text */
    STEP_COMPANY,  /* company code to USCC by the register */
    STEP_DIGEST,   /* a data URI to sha256:… ; anything else stays */
};

struct word_pair {
    struct span from, to;
};

struct step {
    enum step_kind kind;
    union {
        struct words absent;
        unsigned width;
        struct {
            const struct word_pair *pairs;
            size_t n;
        } words;
        struct {
            const struct code_list *list;
            struct span system;
        } codes;
        struct {
            const struct pattern *patterns;
            size_t n;
            const struct civil_date *placeholders;
            size_t n_placeholders;
        } moment;
        struct {
            const struct unit *units;
            size_t n;
        } quantity;
    };
};

#define TARGET_STEPS_MAX 10

enum target_from {
    TARGET_SOURCE,    /* a value of the row */
    TARGET_CONSTANT,  /* the same for every row */
    TARGET_PUBLISHER, /* the entity that published */
    TARGET_DERIVED,   /* UUIDv8 of several values of the row */
};

/* One field of the report, and how it comes about. */
struct target {
    const char *path;               /* "level", "principal.name" */
    const struct field_type *field; /* in the envelope or the record */
    const struct field_type *inner; /* in the field's message, or NULL */
    bool of_envelope;
    enum target_from from;

    const struct source *sources; /* the first that has a value counts; all of them, when derived */
    size_t n_sources;
    struct step steps[TARGET_STEPS_MAX];
    size_t n_steps;
    struct span fixed;     /* constant, or default when the source has no value; at may be NULL */
    struct span separator; /* parts of a repeated field's text; empty for none */

    size_t when; /* index of the target asked, or TARGET_ALWAYS */
    struct words when_values;
};

#define TARGET_ALWAYS ((size_t)-1)

/* The field that takes the text. */
static inline const struct field_type *target_leaf(const struct target *t)
{
    return t->inner ? t->inner : t->field;
}

struct record_map {
    const char *name;
    const struct record_type *type; /* of the body */
    Dualgate__V1__Op__Code op;      /* when not deleted */
    struct words match;             /* values or columns by which a row of this record is known */

    struct target *targets; /* in the order in which they are run */
    size_t n_targets;
    struct map known;  /* source names that are used or ignored; a set */
    struct words keep; /* source names carried along as unknown members without a warning */

    bool deletable;
    struct source deleted;
    struct words deleted_yes, deleted_no;
};

enum container_kind { CONTAINER_JSON, CONTAINER_CSV };
enum find_kind { FIND_FIXED, FIND_MEMBER, FIND_FIELD, FIND_HEADER };

/* The answer in the sector's own form: text with holes. */
enum hole {
    HOLE_NONE,
    HOLE_REQUEST,
    HOLE_COUNT,
    HOLE_FAILED,
    HOLE_ITEMS,
    HOLE_ID,
    HOLE_WORD,
    HOLE_TEXT
};

struct piece {
    enum hole hole;
    struct span text; /* when no hole */
};

struct form {
    const struct piece *pieces;
    size_t n;
};

struct mapping {
    struct arena arena; /* holds all below */
    const char *name;
    const char *title;

    enum container_kind container;
    char delimiter;
    enum charset charset;
    enum envelope_kind envelope;
    struct span sealed_member; /* of the outer object, when there is an envelope */
    struct span rows_member;   /* of the object that holds the rows, or empty */

    enum find_kind find;
    struct span find_name; /* of the member or field */
    bool find_last_part;   /* what follows the last '/' of its value */
    struct record_map *records;
    size_t n_records;

    bool answers;
    struct form answer_good, answer_bad, answer_item;
};

/* file is only for the complaints, a line each. ERR_INVALID when there are any; ERR_NOMEM. */
MUST_CHECK enum err mapping_compile(struct span text, const char *file, const char *name,
                                    const struct schema *schema, struct mapping **out,
                                    struct buf *complaints);
void mapping_free(struct mapping *m);
/* The source's name for a field as problems name it ("body.level", "uscc"), or NULL. */
const char *mapping_source_of(const struct record_map *record, const char *field);

#endif
