/* SPDX-License-Identifier: Apache-2.0 */
/* The durable outbox of `dualgate report`: what is to be sent, under which msg_id, and what has
 * been receipted, in two files beside the input, so that a killed sender goes on where it was and
 * every report keeps its msg_id.
 *
 *   FILE.outbox    one line a report: msg_id TAB topic TAB payload; written whole, then renamed
 *   FILE.receipts  one line a receipt item, appended as they come */
#ifndef CLI_SPOOL_H
#define CLI_SPOOL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"

struct spool_item {
    const char *msg_id;
    const char *topic;
    struct span payload;
    int64_t sent_ms;     /* steady time of the last try; 0: never */
    const char *outcome; /* verdict word of the last receipt, or NULL */
};

struct spool {
    struct arena arena;
    struct spool_item *items;
    size_t count;
    struct map by_msg_id;
    FILE *journal;
    size_t settled; /* items with an outcome that ends them */
    bool resumed;   /* an earlier run had left its outbox */
};

struct spool_defaults {
    const char *node;
    const char *sector;    /* or NULL: each report names its own */
    const char *publisher; /* or NULL: each report's uscc */
    const char *record;    /* or NULL */
};

/* Reads FILE (a report a line, or one array) into a fresh outbox, or takes up the outbox that an
 * earlier run left. What is wrong is appended to errors, a line each, FILE:LINE: …, and then
 * nothing is kept. */
MUST_CHECK enum err spool_open(struct spool *s, const char *file, const struct spool_defaults *d,
                               struct buf *errors);
/* Notes a receipt item (as received, one line) for msg_id; unknown ids are ignored. final: the
 * verdict ends this report. */
MUST_CHECK enum err spool_note(struct spool *s, const char *msg_id, const char *verdict, bool final,
                               struct span item);
struct spool_item *spool_find(const struct spool *s, const char *msg_id);
/* Ends a finished spool: both files are removed. */
void spool_finish(struct spool *s, const char *file);
void spool_close(struct spool *s);

#endif
