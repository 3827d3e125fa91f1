/* SPDX-License-Identifier: Apache-2.0 */
/* A report that waits for its parent, as dg.parked holds it: what is needed to judge it again, to
 * write its second receipt, and, when it expires, to quarantine the bytes its sender sent. Here:
 * the statements that find such rows, and reading them. When to ask is ingest's business. */
#ifndef PG_PARKED_H
#define PG_PARKED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/schema.h"
#include "pg/pipeline.h"
#include "pipe/message.h"

struct parked_row {
    struct entry entry; /* entry.message is NULL; the report is rebuilt from its packed bytes */
    int64_t ledger_no;
    struct span parent_record, parent_id; /* what it waited for when it was written */
    const char *publisher;
    struct span topic, content_type, charset, adapter;
    struct span receipt_topic, correlation;
    int64_t received_us;
    bool expired; /* its time is up: released if its parent is there, else rejected */
};

/* Columns of every statement that finds parked rows, of dg.parked p. */
#define PARKED_COLUMNS                                                                            \
    "p.ledger_no, p.parent_record, p.parent_id, p.publisher, p.msg_id::text, p.id, p.id_as_sent," \
    " p.township, p.hash, p.raw_hash, p.received_at, p.expires_at <= clock_timestamp(), p.topic," \
    " p.content_type, p.charset, p.adapter, p.receipt_topic, p.correlation, p.receipt_index,"     \
    " p.raw, p.report"
/* Selects from `rows`, a query for rows of dg.parked, as many of the oldest as hold 16 MiB: a
 * parent may release hundreds of reports as large as reports may be. The sweep brings the others.
 */
#define PARKED_WITHIN_BYTES(rows)                                                       \
    "select " PARKED_COLUMNS "  from (select p.*, sum(octet_length(p.raw) +"            \
    "        octet_length(p.report)) over (order by p.ledger_no rows between unbounded" \
    "        preceding and 1 preceding) as bytes_before"                                \
    "   from (" rows ") p) p where p.bytes_before is null or p.bytes_before < 16777216"

/* Those that wait for one of the records named: $1 uscc, $2 record, $3 id text[], $4 rows at most.
 */
extern const struct pg_statement parked_waiting;
/* Those whose time is up: $1 rows at most. */
extern const struct pg_statement parked_expired;

/* Copies a row into the arena and unpacks its report. ERR_NOMEM; ERR_FATAL when the row is not of
 * the expected shape or its report does not unpack under today's schema. */
MUST_CHECK enum err parked_take(const struct pg_result *r, size_t row, const struct schema *schema,
                                struct arena *arena, struct parked_row **out);

#endif
