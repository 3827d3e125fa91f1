/* SPDX-License-Identifier: Apache-2.0 */
/* What a row of each table consists of, and how rows of the tables that every record shares are
 * inserted. For: structs, their members by the names of the columns, one text a table. Not for:
 * binding members to columns (pg/layout.h), filling rows (pg/claims.h and its like). Promises: a
 * member is called as its column. */
#ifndef PG_ROW_SHAPE_H
#define PG_ROW_SHAPE_H

#include <stdbool.h>

#include "pg/layout.h"

struct ledger_row {
    int64_t ledger_no, received_at, observed_at, lane, batch_no;
    struct span msg_id, publisher, record, op, uscc, unit, id, division, sector, verdict;
    struct span hash, raw_hash, source_system;
    uint64_t source_seq;
    struct span period, schema, origin_node;
    bool authority; /* an organisation said it */
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

/* Beside a head of the record that has a life. */
struct life_row {
    struct span uscc, id, sector, township;
    struct span lister;
    bool escalated;
    struct span withdrawal;
    int64_t withdrawal_at;
    struct span withdrawal_by, denied, reported_state, reported_level;
    int64_t reported_deadline, extended_by, deadline_before;
    int64_t rejections, reopenings, self_extensions, extensions;
    int64_t observed_at;
    struct span source_system;
    uint64_t source_seq;
    int64_t state_rank, ledger_no;
};

struct late_row {
    int64_t lane, batch_no;
    struct span topic, correlation;
    int64_t received_at, index;
    struct span msg_id, record, id, verdict;
    int64_t ledger_no;
    struct span hash, reason, field, label_zh, label_en, value;
};

struct attachment_row {
    struct span hash, media_type;
    int64_t size;
    struct span bytes;
    int64_t first_seen_at, ledger_no;
};

struct attachment_ref_row {
    struct span hash;
    int64_t ledger_no;
    struct span field, record, uscc, unit, id, sector, township;
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
    TABLE_ATTACHMENT,
    TABLE_ATTACHMENT_REF,
    TABLE_LIFE,
    TABLE_KINDS
};

/* A shared table; in sql %1$s is the table and %2$s its bound columns. */
struct row_shape_table {
    const char *statement;
    const char *table;
    const struct member *members;
    size_t n_members;
    const char *sql;
};

extern const struct row_shape_table row_shape_tables[TABLE_KINDS];

/* Of version_row; op stands last: only the history has it. */
#define ROW_SHAPE_VERSION_MEMBERS 16
extern const struct member row_shape_version[ROW_SHAPE_VERSION_MEMBERS];

#endif
