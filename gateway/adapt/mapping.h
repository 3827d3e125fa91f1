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

/* Where a value stands: members of the row, one inside the other, maybe from an object around it.
 * adapt/source walks it. */
struct source {
    struct span name; /* as the sender knows it: problems show this */
    unsigned up;      /* so many objects out of the row first */
    struct words path;
    unsigned parsed; /* bit i: what stands before path[i] (or at the end) may be JSON in a text */
};

#define SOURCE_STEPS_MAX 16

enum step_kind {
    STEP_TRIM,         /* white space off */
    STEP_FOLD,         /* full-width to half-width */
    STEP_ABSENT,       /* these words mean that there is no value */
    STEP_PAD,          /* zeros in front of digits, up to a width */
    STEP_WORDS,        /* source's word to canonical value */
    STEP_CODES,        /* source's code to canonical value by the schema's aliases */
    STEP_MOMENT,       /* date or time to the field's form */
    STEP_QUANTITY,     /* number with unit to decimal text */
    STEP_COMPANY,      /* company code to USCC by the register */
    STEP_ORGANISATION, /* old organisation code to USCC by the register; a USCC stays */
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
    TARGET_TEMPLATE,  /* a text with values of the row in it */
    TARGET_ITEMS,     /* messages, each of several values */
};

/* A part of a template: a text, or a source's value. */
struct part {
    struct span text;
    size_t source;  /* index of the target's source; PART_TEXT for the text */
    unsigned width; /* zeros in front of digits up to it */
    bool optional;  /* nothing where it has no value */
};

#define PART_TEXT ((size_t)-1)

struct target;

/* Items of a list of messages: one of each element of an array in the row, or one of the row. */
struct item_map {
    struct source each;           /* the array; without a path the row itself */
    const struct target *targets; /* of the item's fields, in the order in which they are run */
    size_t n_targets;
};

/* One field of the report, and how it comes about. */
struct target {
    const char *path;               /* "level", "principal.name" */
    const struct field_type *field; /* in the envelope or the record */
    const struct field_type *inner; /* in the field's message, or NULL */
    const struct field_type *kind;  /* of a list of messages: the code that tells its items apart */
    int code;                       /* of the item meant */
    bool of_envelope;
    enum target_from from;

    /* The first that has a value counts; all of them, when derived. Of items: what their fields
     * take, as seen from the row. */
    const struct source *sources;
    size_t n_sources;
    const struct item_map *items;
    size_t n_items;
    const struct part *parts; /* of a template */
    size_t n_parts;
    struct step steps[TARGET_STEPS_MAX];
    size_t n_steps;
    struct span fixed;       /* constant, or default when the source has no value; at may be NULL */
    struct words separators; /* between the parts of a repeated field's text; none: it is one */

    bool required; /* the source must have a value, whatever the schema demands */

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
    struct words match;             /* values by which a row of this record is known */
    const struct source *keys;      /* members or columns by which it is, in place of them */
    size_t n_keys;
    bool inner;           /* its rows stand inside rows of another record */
    struct source each;   /* where; without a path they are the very same rows */
    size_t base;          /* index of that other record */
    struct words nothing; /* values that are none, where keys say which rows have any */

    struct target *targets; /* in the order in which they are run */
    size_t n_targets;
    struct map known; /* joined paths of the row's members: what becomes of them, an enum fate */

    bool deletable;
    struct source deleted;
    struct words deleted_yes, deleted_no;
};

/* What becomes of a member of a row. */
enum fate {
    FATE_UNKNOWN, /* kept as an unknown member, with a warning */
    FATE_KEEP,    /* kept without one */
    FATE_INSIDE,  /* a source names something inside it: its members are judged one by one */
    FATE_KNOWN,   /* used or ignored */
};

#define FATE_JOINT '\x1f' /* between the names of a path */

enum container_kind {
    CONTAINER_JSON,
    CONTAINER_NDJSON,
    CONTAINER_CSV,
    CONTAINER_FORM,
    CONTAINER_XML
};
enum find_kind { FIND_FIXED, FIND_MEMBER, FIND_FIELD, FIND_HEADER, FIND_KEYS, FIND_ELEMENT };

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
    const struct schema *schema;

    enum container_kind container;
    char delimiter;
    uint32_t title_rows;  /* of CSV: rows that may stand above the header */
    enum charset charset; /* CHARSET_UNKNOWN: as each message declares it, UTF-8 if it does not */
    struct envelope envelope;
    struct span sealed_member; /* of the outer object, when there is an envelope */
    const struct source *rows; /* where they stand, or none: the payload is the rows */
    size_t n_rows;
    struct span frame_end; /* each frame of the payload ends with it; empty: the payload is one */
    struct words secret;   /* keys whose values are neither kept nor shown */
    struct map keys;       /* of a form: all that any record knows; a set */

    enum find_kind find;
    struct source find_source; /* the member or field */
    bool find_last_part;       /* what follows the last '/' of its value */
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
/* What the record says of the row's member with that joined path. Of a row that is another record's
 * too, what is unknown is the other's to keep. */
enum fate mapping_fate(const struct record_map *record, struct span path);

#endif
