/* SPDX-License-Identifier: Apache-2.0 */
/* Heads of records that have a life, as they are in force, and what stands beside them. For:
 * filling those rows. Not for: versions as they were reported (pg/versions.h), deciding what is in
 * force (pg/lives.h). Promises: heads stand sorted by key; a head that changed since it was asked
 * for fails the transaction, so that no life is ever computed from half of what is stored. */
#ifndef PG_LIFE_WRITES_H
#define PG_LIFE_WRITES_H

#include "pg/steps.h"

#define LIFE_STEPS 3

struct life_writes {
    struct rows place; /* new heads that show something else than their version */
    struct rows move;  /* heads that are there, with all their fields */
    struct rows touch; /* heads that are there, with what is the life's alone */
    struct buf move_tokens, touch_tokens;
};

void life_writes_init(struct life_writes *w, size_t max_bytes);
void life_writes_free(struct life_writes *w);
/* A new head that shows just its one version, with nothing beside it: versions write it. */
bool life_is_plain(const struct plan_life *l);
MUST_CHECK enum err life_writes_make(struct life_writes *w, struct steps *s,
                                     const struct write_context *c);

#endif
