/* SPDX-License-Identifier: Apache-2.0 */
/* A report that waits for its parent, as dg.parked holds it: what is needed to judge it again, to
 * write its second receipt, and, when it expires, to quarantine the bytes its sender sent. Does not
 * ask the database. */
#ifndef PG_PARKED_H
#define PG_PARKED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/schema.h"
#include "pipe/message.h"

struct parked_row {
    struct entry entry; /* entry.message is NULL; report rebuilt from its packed bytes */
    int64_t ledger_no;
    struct span parent_record, parent_id; /* what it waited for when it was written */
    struct span publisher, topic, content_type, charset, adapter;
    struct span raw; /* as sent */
    struct span receipt_topic, correlation;
    int64_t received_us;
    bool expired; /* its time is up: released if its parent is there, else rejected */
};

/* The report out of its packed form: type, body, identity and order as when it was first judged.
 * id, township, hash and raw_hash of the entry's report are set by the caller beforehand and kept.
 * ERR_NOMEM, or ERR_INVALID when the bytes no longer are what the schema says. */
MUST_CHECK enum err parked_unpack(struct parked_row *row, const struct schema *schema,
                                  struct span packed, struct arena *arena);

#endif
