/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that ingest says to the database, in one place: fixed statements, and those made once
 * per session from a table's columns. For: texts and row structs. Not for: deciding what to write
 * (pg/decide.h), filling rows (pg/writes.h). Promises: a table that does not fit the schema is
 * named before anything is written; texts live until statements_free. */
#ifndef PG_STATEMENTS_H
#define PG_STATEMENTS_H

#include <stdbool.h>

#include "pg/layout.h"

/* Rows, member by member as their columns are called. */

struct ledger_row {
    int64_t ledger_no, received_at, observed_at, lane, batch_no;
    struct span msg_id, publisher, record, op, uscc, unit, id, division, sector, verdict;
    struct span hash, raw_hash, source_system;
    uint64_t source_seq;
    struct span period, schema, origin_node;
};

/* Of exchange.<record> and its history. */
struct version_row {
    struct span uscc, id, unit, division, sector, township;
    int64_t observed_at;
    struct span source_system;
    uint64_t source_seq;
    int64_t state_rank, ledger_no;
    bool deleted;
    struct span id_as_sent, origin_node, unknown, op;
};

struct waiting_row {
    int64_t ledger_no, lane;
    struct span record, uscc, unit, id, parent_record, parent_id;
    int64_t parked_at, expires_at;
    struct span publisher, msg_id, hash, raw_hash, id_as_sent, township;
    int64_t received_at;
    struct span receipt_topic, correlation;
    int64_t receipt_index;
    struct span report, topic, content_type, charset, adapter, raw;
};

struct outbox_line {
    int64_t feed_seq, prev;
    struct span sector, township, record;
    int64_t ledger_no, accepted_at;
    struct span hash, payload;
};

struct feed_head_row {
    struct span sector, township, record;
    int64_t last_seq;
};

struct finding_row {
    int64_t ledger_no, n;
    struct span code, field, reported, expected, record, uscc, unit, id, division, sector;
    int64_t found_at;
};

struct quarantine_row {
    struct span publisher, topic, sector, division, record, reason, field, value, text, text_en;
    struct span payload, payload_sha256, content_type, charset, adapter;
    int64_t times, first_received_at, received_at;
};

struct raw_row {
    int64_t received_at, lane, batch_no;
    struct span publisher, topic, content_type, payload_sha256, payload;
};

struct unit_month_row {
    struct span uscc, unit;
    int64_t month; /* days since 1970 of its first */
    struct span sector, division;
    int64_t n, zero;
};

struct late_row {
    int64_t lane, batch_no;
    struct span topic, correlation;
    int64_t received_at, index;
    struct span msg_id, record, id, verdict;
    int64_t ledger_no;
    struct span hash, reason, field, label_zh, label_en, value;
};

enum table_kind {
    TABLE_LEDGER, /* with dg.msg_key */
    TABLE_WAITING,
    TABLE_OUTBOX,
    TABLE_FEED_HEAD,
    TABLE_FINDING,
    TABLE_QUARANTINE,
    TABLE_RAW,
    TABLE_UNIT_MONTH,
    TABLE_LATE,
    TABLE_KINDS
};

struct record_statements {
    struct layout history;     /* rows of versions and past */
    struct layout head;        /* rows of patch */
    struct pg_statement probe; /* $1 uscc, $2 id text[] */
    struct pg_statement fresh; /* new heads, and history; $1 rows */
    struct pg_statement newer; /* heads that are there, and history; $1 rows, $2 how many */
    struct pg_statement past;  /* history alone; $1 rows */
    struct pg_statement patch; /* $1 rows of the head with the fields that move, $2 how many;
                                  sql NULL: nothing patches this record */
};

struct statements {
    struct arena arena;
    struct tables tables;
    struct layout layouts[TABLE_KINDS];
    struct pg_statement insert[TABLE_KINDS]; /* $1 rows */
    struct record_statements *records;       /* by the index of the record type */
    struct pg_statement sweep; /* $1 after this ledger_no, $2 rows: those whose parent is there */
};

void statements_init(struct statements *s, size_t arena_max_bytes);
void statements_free(struct statements *s);
/* catalogue: the result of tables_select. ERR_NOMEM, ERR_FATAL; ERR_INVALID with *why, which lives
 * until statements_free. Once after statements_init. */
MUST_CHECK enum err statements_make(struct statements *s, const struct schema *schema,
                                    const struct pg_result *catalogue, const char **why);

/* Fixed ones. */
extern const struct pg_statement statement_begin;
extern const struct pg_statement statement_commit;
extern const struct pg_statement statement_rollback;
extern const struct pg_statement statement_msg_keys; /* $1 uuid[], $2 publisher text[] */
extern const struct pg_statement statement_counter;  /* $1 name, $2 k: value before, time */
extern const struct pg_statement
    statement_feed_heads; /* $1 sector, $2 township, $3 record text[] */
extern const struct pg_statement statement_parked_drop; /* $1 ledger_no int8[], $2 how many */
extern const struct pg_statement
    statement_parked_move; /* $1 int8[], $2 record, $3 id, $4 how many */
extern const struct pg_statement
    statement_resolve; /* $1 int8[], $2 verdict text[], $3 lane, $4 batch */
extern const struct pg_statement statement_msg_key_drop; /* $1 uuid[], $2 publisher text[] */
extern const struct pg_statement statement_batch;        /* see batch_params in pg/writes.c */
extern const struct pg_statement
    statement_sweep_end; /* $1 after, $2 rows: last ledger_no looked at */

#endif
