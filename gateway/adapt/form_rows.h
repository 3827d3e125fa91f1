/* SPDX-License-Identifier: Apache-2.0 */
/* application/x-www-form-urlencoded into a tree: an object with a member for each key, and where
 * rows are numbered (rows[0].name, rows[1][name]) a member that is the array of them.
 *
 * There are senders who write key=value&key=value without percent-encoding. An '&' in a text then
 * tears it apart, and what is left would be a text silently cut short. So nothing is passed over: a
 * piece without '=', an empty piece, and a key that the mapping does not know spoil the row. */
#ifndef ADAPT_FORM_ROWS_H
#define ADAPT_FORM_ROWS_H

#include "adapt/charset.h"
#include "adapt/mapping.h"
#include "adapt/node.h"

struct form_reading {
    enum charset charset;    /* of the bytes, once percent-decoded */
    const struct map *known; /* keys, those of numbered rows without the number in front */
    struct words secret;     /* keys whose values are dropped at once and never shown */
    struct span rows;        /* name of the numbered rows; empty: there are none */
    size_t rows_max;
    struct arena *arena;
};

/* A spoilt row has `bad` set: the whole object, unless what is wrong stands in a numbered row.
 * ERR_SYNTAX with *problem set when the bytes are not of the encoding or hold too many keys;
 * ERR_NOMEM. */
MUST_CHECK enum err form_rows(struct span bytes, const struct form_reading *how, struct node **out,
                              struct problem *problem);

/* The bytes with "***" in place of the values of secret keys, and of what may be torn pieces of
 * them: the bytes themselves where there are none. ERR_NOMEM only. */
MUST_CHECK enum err form_redact(struct span bytes, struct words secret, const struct map *known,
                                struct arena *arena, struct span *out);

#endif
