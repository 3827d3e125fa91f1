/* SPDX-License-Identifier: Apache-2.0 */
/* The targets of a row, or of an item of a list in it, into the fields of their message. Between
 * translate.c and gather.c; of no use to anyone else. */
#ifndef ADAPT_FILL_H
#define ADAPT_FILL_H

#include "adapt/gather.h"

struct filling {
    const struct target *targets;
    size_t n;
    ProtobufCMessage *message; /* of the fields that are not the envelope's */

    struct span *values;        /* of each target: the first canonical text, at NULL when absent */
    struct span *names;         /* of each: the source whose value it took */
    struct item_origins *items; /* of each: the items it made */
    bool said;                  /* the row says any of them */
};

/* Room for what fill() notes, in the arena. ERR_NOMEM. */
MUST_CHECK enum err fill_room(const struct row *r, struct filling *f);
/* All targets, on after a problem too. ERR_NOMEM only. */
MUST_CHECK enum err fill(struct row *r, struct filling *f);
/* How often it stands in the text. */
size_t fill_count(struct span text, struct span what);

#endif
