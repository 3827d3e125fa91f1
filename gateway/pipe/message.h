/* SPDX-License-Identifier: Apache-2.0 */
/* One MQTT message on its way, with the reports it carries and what became of each. A message owns
 * its arena; everything of it lives there and dies in message_free(). */
#ifndef PIPE_MESSAGE_H
#define PIPE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/incoming.h"
#include "base/list.h"
#include "base/span.h"
#include "model/report.h"

/* The parts of dp/v1/{node}/{sector}/{publisher}/up/{record}. */
struct address {
    struct span node, sector, publisher, record;
    bool native; /* record is "native" */
};

enum verdict {
    VERDICT_NONE = 0, /* not decided yet */
    VERDICT_STORED,
    VERDICT_DUPLICATE,
    VERDICT_STALE,
    VERDICT_PARKED,
    VERDICT_REJECTED,
    VERDICT_CONFLICT,
    VERDICT_COUNT
};

/* "stored", …; "none". */
const char *verdict_word(enum verdict v);

/* Parses dp/v1/…/up/…; false when it is not of that form. */
bool address_parse(struct span topic, struct address *out);

struct message;

/* A report and its fate. report.problem set: it will be rejected and quarantined. */
struct entry {
    struct report report;
    struct message *message;
    enum verdict verdict;
    int64_t ledger_no;                 /* of stored, stale, parked and duplicate, else 0 */
    uint8_t answer_hash[DIGEST_BYTES]; /* hash in the receipt: the first one's for a duplicate */
    int64_t feed_seq;                  /* of stored, else 0 */
    int64_t feed_prev;                 /* feed_seq before it on its topic, or 0 */

    /* Reports that the node makes in the wake of this one (pipe/expand), before they stand among
     * the message's entries behind it. */
    struct entry *wake;
    size_t n_wake;
    /* Such a one: where it comes from. It is stored only with that and only if its record is not
     * known; otherwise nothing becomes of it, its verdict stays NONE. No receipt has an item of it.
     */
    const struct entry *source;
    bool only_new;
};

struct message {
    struct list link; /* in the batch that holds it */
    struct arena arena;
    int64_t received_us;
    struct span topic, payload, content_type, response_topic, correlation;
    struct address address;
    const char *publisher; /* address.publisher as text */
    const char *adapter;   /* of a native message, or "" */
    const char *charset;   /* declared, or "" */
    uint8_t payload_hash[DIGEST_BYTES];
    bool response_topic_refused;
    struct problem problem; /* of the message as a whole; then it has one entry with that problem */
    struct entry *entries;  /* at least one */
    size_t n_entries;
    size_t bytes; /* counted against the batch's byte limit */
};

/* Copies what was handed over. NULL when out of memory. */
struct message *message_new(const struct incoming *in, int64_t received_us, size_t arena_max_bytes);
void message_free(struct message *m);

#endif
