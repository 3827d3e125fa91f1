/* SPDX-License-Identifier: Apache-2.0 */
/* One record of a mapping while it is compiled: between compile_record.c (how its rows are known)
 * and compile_fields.c (what is in them). Of no use to anyone else. */
#ifndef ADAPT_COMPILE_FIELDS_H
#define ADAPT_COMPILE_FIELDS_H

#include "adapt/compile.h"

/* Fields of the envelope that all records share. */
struct shared_targets {
    const struct target *at;
    size_t n;
};

struct record_build {
    struct compiler *c;
    struct record_map *r;
    struct fy_node *key, *block;
    struct fy_node *report, *fields;
    struct fy_node *deleted;
    struct span of;                      /* the record inside whose rows these stand, when said */
    const struct shared_targets *shared; /* of the whole mapping */
};

/* c->report; false when out of memory. */
bool compile_shared(struct compiler *c, struct shared_targets *out);
/* b->report and b->fields into the record. */
void compile_fields(struct record_build *b);

#endif
