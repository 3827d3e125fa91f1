/* SPDX-License-Identifier: Apache-2.0 */
/* What the register should say of one reporting unit, out of what several organisations' lists say
 * of it. Where they agree that is it; where they differ a table says whose word counts; where
 * nobody's does it stays open. Decides only: reads no list, writes nothing, allocates nothing. */
#ifndef MODEL_MERGE_H
#define MODEL_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

#define MERGE_FIELDS_MAX 64

/* What an organisation is to a reporting unit. */
enum merge_role {
    MERGE_COMMITTEE, /* the committee office: everything is its business */
    MERGE_LEAD,      /* leads the unit's sector */
    MERGE_CO,        /* has a hand in it */
    MERGE_TOWNSHIP,  /* the unit lies in it */
    MERGE_ROLES,
};

struct merge_field {
    const char *name;
    enum merge_role deciders[MERGE_ROLES]; /* the first first */
    size_t n_deciders;
    bool blocking; /* while it is open the unit is unresolved */
    bool required; /* somebody has to say it */
    bool prose;    /* spaces and the width of characters make no difference */
};

struct merge_org {
    const char *code, *kind, *division;
};

struct merge_sector {
    const char *code, *lead;
    const char *co; /* separated by spaces */
};

struct merge_rules {
    const struct merge_field *fields;
    size_t n_fields;
    size_t sector, division; /* which of the fields these are: they make the roles */
    struct merge_field presence;
    const struct merge_sector *sectors;
    size_t n_sectors;
};

/* One row of one list. */
struct merge_claim {
    const struct merge_org *org;
    const char *const *values; /* per field; NULL says nothing */
    uint64_t bad;              /* bit per field: says something that cannot be read */
};

enum merge_outcome {
    MERGE_SILENT, /* no list says anything: the register's word stays */
    MERGE_AGREED,
    MERGE_DECIDED,
    MERGE_OPEN,
};

struct merge_decision {
    enum merge_outcome outcome;
    enum merge_role role; /* of MERGE_DECIDED */
    const char *value;    /* of MERGE_AGREED and MERGE_DECIDED */
    bool differs;         /* lists say different things, or what cannot be read */
};

struct merge_verdict {
    struct merge_decision fields[MERGE_FIELDS_MAX];
    bool alone;         /* only one organisation lists it */
    bool presence_open; /* and its word alone does not count */
    bool missing;       /* nobody says what is required */
    bool resolved;
};

/* current: what the register says, per field; NULL when it does not know the unit. n > 0. */
void merge_decide(const struct merge_rules *rules, const struct merge_claim *claims, size_t n,
                  const char *const *current, struct merge_verdict *out);
/* The value that the register will have: a decision's, else its own; NULL for none. */
const char *merge_value(const struct merge_verdict *verdict, size_t field,
                        const char *const *current);
bool merge_same(const struct merge_field *field, const char *a, const char *b);
/* "COMMITTEE", …; MERGE_ROLES when it is none. */
enum merge_role merge_role_of(struct span name);
const char *merge_role_name(enum merge_role role);

#endif
