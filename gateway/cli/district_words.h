/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the believable district: what entities of each sector are called, what can go wrong
 * there and what is done about it. Data only. Values of code lists stand by their canonical names.
 */
#ifndef CLI_DISTRICT_WORDS_H
#define CLI_DISTRICT_WORDS_H

#include <stddef.h>

#define WORDS_SECTORS 16
#define WORDS_FORMS   3
#define WORDS_RISKS   3
#define WORDS_HAZARDS 5

/* A kind of entity: "…有限公司". */
struct words_form {
    const char *ending;
    const char *kind;     /* EntityKind */
    const char *head;     /* first two characters of its USCC */
    const char *industry; /* GB/T 4754-2017 */
    const char *tier;     /* of those that have no size class, else NULL */
};

/* One branch of the risk chain. */
struct words_risk {
    const char *object, *object_type;
    const char *unit, *level;
    const char *event, *accident;
    const char *measure, *class1, *class2; /* class2: only where the sector has one */
    const char *check;
};

struct words_hazard {
    const char *name, *place, *discipline, *defect, *control;
};

struct words_sector {
    const char *code, *name, *profile;
    const char *criterion; /* by which its major hazards are known */
    const char *adapter;   /* of its larger entities, or NULL */
    const char *unit;      /* what its reporting units are called, or NULL: the entity alone */
    unsigned share;        /* of all entities, in parts of the sum */
    struct words_form forms[WORDS_FORMS];
    struct words_risk risks[WORDS_RISKS];
    struct words_hazard hazards[WORDS_HAZARDS]; /* the first is the typical major one */
};

extern const struct words_sector words_sectors[WORDS_SECTORS];

struct words_township {
    const char *suffix; /* after the node's six digits */
    const char *name;
};

#define WORDS_TOWNSHIPS 10
extern const struct words_township words_townships[WORDS_TOWNSHIPS];
/* Became part of another township. */
extern const struct words_township words_retired_township;
extern const char *const words_retired_into;

struct words_list {
    const char *const *at;
    size_t n;
};

extern const struct words_list words_surnames, words_given_names;
/* Two syllables of a firm's name. */
extern const struct words_list words_brand_first, words_brand_second;
extern const struct words_list words_streets, words_departments;
/* Sentences of people who move a hazard on. */
extern const struct words_list words_reasons, words_acceptances, words_refusals, words_voids;
extern const struct words_list words_statements;

#endif
