/* SPDX-License-Identifier: Apache-2.0 */
/* How far a receiver of feeds has come: per topic the last feed_seq it delivered, and the client id
 * under which the broker keeps what arrives while it is away. Kept in a file, replaced whole. */
#ifndef CLI_FEED_STATE_H
#define CLI_FEED_STATE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"

struct feed_position {
    const char *topic;
    int64_t last;
};

enum feed_step {
    FEED_NEXT,   /* follows on what was delivered: deliver it */
    FEED_REPEAT, /* delivered before: leave it out */
    FEED_GAP,    /* something before it is missing: deliver it, and say so */
};

struct feed_state {
    struct arena arena;
    struct map positions; /* struct feed_position by topic */
    const char *path;     /* NULL: not kept */
    char client_id[33];
    int64_t since; /* items up to here are not wanted */
};

/* path NULL: starts empty. A file that is not of this form is ERR_SYNTAX. */
MUST_CHECK enum err feed_state_open(struct feed_state *s, const char *path, int64_t since);
/* Judges an item and takes note of it. */
MUST_CHECK enum err feed_state_take(struct feed_state *s, struct span topic, int64_t seq,
                                    int64_t prev, enum feed_step *out);
MUST_CHECK enum err feed_state_save(const struct feed_state *s);
void feed_state_close(struct feed_state *s);

#endif
