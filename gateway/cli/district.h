/* SPDX-License-Identifier: Apache-2.0 */
/* A district that could be: entities of all sectors in all townships, the same for the same seed.
 * The n-th entity is the same however many there are. Nothing in it is anybody's: codes, names and
 * telephone numbers are made up, and only their shapes and check characters are right. */
#ifndef CLI_DISTRICT_H
#define CLI_DISTRICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "cli/district_words.h"

#define DISTRICT_PERSONS   4
#define DISTRICT_UNITS_MAX 4
#define DISTRICT_USCC      18

struct district_person {
    const char *name, *phone;
};

/* How an entity takes part. */
enum district_habit {
    HABIT_NONE,   /* not built yet: owes nothing and sends nothing */
    HABIT_SILENT, /* owes reports and sends none */
    HABIT_SMALL,  /* only major hazards, and a zero report a month */
    HABIT_FULL,   /* the whole chain */
};

struct district_entity;

struct district_unit {
    const struct district_entity *entity;
    const char *unit; /* "" for the entity itself */
    const char *name, *division;
    struct district_person persons[DISTRICT_PERSONS];
    size_t index; /* over the whole district */
};

struct district_entity {
    size_t index;
    const struct words_sector *sector;
    const struct words_form *form;
    const char *uscc, *name, *division, *address, *lat, *lon;
    const char *size_class; /* NULL for those that have a tier instead */
    const char *build_state, *scope;
    int64_t staff;
    bool above_scale;
    enum district_habit habit;
    const char *company_code; /* of hazchem entities, else NULL */
    const char *adapter, *adapter_key;
    const char *publisher; /* whose credential its reports come by */
    struct district_unit *units;
    size_t n_units;
    size_t reporting_from; /* units before it do not report themselves */
};

struct district {
    struct arena arena;
    uint64_t seed;
    const char *node;
    const char *service_org, *platform; /* publishers that report for others */
    const struct words_sector *platform_sector;
    struct district_entity *entities;
    size_t n_entities;
};

/* count is at least WORDS_SECTORS, so that every sector is there. ERR_NOMEM only. */
MUST_CHECK enum err district_make(struct district *d, uint64_t seed, size_t count,
                                  const char *node);
void district_free(struct district *d);
/* A code with right check characters; the same number and seed give the same code. */
void district_uscc(uint64_t seed, const char head[2], uint64_t number, char out[DISTRICT_USCC + 1]);

#endif
