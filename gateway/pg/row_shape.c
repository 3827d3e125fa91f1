/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/row_shape.h"

#define M(type, name, kind) MEMBER(struct type, name, kind)

static const struct member ledger_members[] = {
    M(ledger_row, ledger_no, CELL_INT),    M(ledger_row, received_at, CELL_TIME),
    M(ledger_row, observed_at, CELL_TIME), M(ledger_row, lane, CELL_INT),
    M(ledger_row, batch_no, CELL_INT),     M(ledger_row, msg_id, CELL_UUID),
    M(ledger_row, publisher, CELL_TEXT),   M(ledger_row, record, CELL_TEXT),
    M(ledger_row, op, CELL_TEXT),          M(ledger_row, uscc, CELL_TEXT),
    M(ledger_row, unit, CELL_TEXT),        M(ledger_row, id, CELL_TEXT),
    M(ledger_row, division, CELL_TEXT),    M(ledger_row, sector, CELL_TEXT),
    M(ledger_row, verdict, CELL_TEXT),     M(ledger_row, hash, CELL_BYTES),
    M(ledger_row, raw_hash, CELL_BYTES),   M(ledger_row, source_system, CELL_TEXT),
    M(ledger_row, source_seq, CELL_COUNT), M(ledger_row, period, CELL_TEXT),
    M(ledger_row, schema, CELL_TEXT),      M(ledger_row, origin_node, CELL_TEXT),
    M(ledger_row, authority, CELL_BOOL),
};

const struct member row_shape_version[ROW_SHAPE_VERSION_MEMBERS] = {
    M(version_row, uscc, CELL_TEXT),        M(version_row, id, CELL_TEXT),
    M(version_row, unit, CELL_TEXT),        M(version_row, division, CELL_TEXT),
    M(version_row, sector, CELL_TEXT),      M(version_row, township, CELL_TEXT),
    M(version_row, observed_at, CELL_TIME), M(version_row, source_system, CELL_TEXT),
    M(version_row, source_seq, CELL_COUNT), M(version_row, state_rank, CELL_INT),
    M(version_row, ledger_no, CELL_INT),    M(version_row, deleted, CELL_BOOL),
    M(version_row, id_as_sent, CELL_TEXT),  M(version_row, origin_node, CELL_TEXT),
    M(version_row, unknown, CELL_JSON),     M(version_row, op, CELL_TEXT),
};

static const struct member waiting_members[] = {
    M(waiting_row, ledger_no, CELL_INT),      M(waiting_row, lane, CELL_INT),
    M(waiting_row, record, CELL_TEXT),        M(waiting_row, uscc, CELL_TEXT),
    M(waiting_row, unit, CELL_TEXT),          M(waiting_row, id, CELL_TEXT),
    M(waiting_row, parent_record, CELL_TEXT), M(waiting_row, parent_id, CELL_TEXT),
    M(waiting_row, parked_at, CELL_TIME),     M(waiting_row, expires_at, CELL_TIME),
    M(waiting_row, publisher, CELL_TEXT),     M(waiting_row, msg_id, CELL_UUID),
    M(waiting_row, hash, CELL_BYTES),         M(waiting_row, raw_hash, CELL_BYTES),
    M(waiting_row, id_as_sent, CELL_TEXT),    M(waiting_row, township, CELL_TEXT),
    M(waiting_row, received_at, CELL_TIME),   M(waiting_row, receipt_topic, CELL_TEXT),
    M(waiting_row, correlation, CELL_BYTES),  M(waiting_row, receipt_index, CELL_INT),
    M(waiting_row, report, CELL_BYTES),       M(waiting_row, topic, CELL_TEXT),
    M(waiting_row, content_type, CELL_TEXT),  M(waiting_row, charset, CELL_TEXT),
    M(waiting_row, adapter, CELL_TEXT),       M(waiting_row, raw, CELL_BYTES),
};

static const struct member outbox_members[] = {
    M(outbox_line, feed_seq, CELL_INT),     M(outbox_line, prev, CELL_INT),
    M(outbox_line, sector, CELL_TEXT),      M(outbox_line, township, CELL_TEXT),
    M(outbox_line, record, CELL_TEXT),      M(outbox_line, ledger_no, CELL_INT),
    M(outbox_line, accepted_at, CELL_TIME), M(outbox_line, hash, CELL_BYTES),
    M(outbox_line, payload, CELL_BYTES),
};

static const struct member feed_head_members[] = {
    M(feed_head_row, sector, CELL_TEXT),
    M(feed_head_row, township, CELL_TEXT),
    M(feed_head_row, record, CELL_TEXT),
    M(feed_head_row, last_seq, CELL_INT),
};

static const struct member finding_members[] = {
    M(finding_row, ledger_no, CELL_INT), M(finding_row, n, CELL_INT),
    M(finding_row, code, CELL_TEXT),     M(finding_row, field, CELL_TEXT),
    M(finding_row, reported, CELL_TEXT), M(finding_row, expected, CELL_TEXT),
    M(finding_row, record, CELL_TEXT),   M(finding_row, uscc, CELL_TEXT),
    M(finding_row, unit, CELL_TEXT),     M(finding_row, id, CELL_TEXT),
    M(finding_row, division, CELL_TEXT), M(finding_row, sector, CELL_TEXT),
    M(finding_row, found_at, CELL_TIME),
};

static const struct member quarantine_members[] = {
    M(quarantine_row, publisher, CELL_TEXT),
    M(quarantine_row, topic, CELL_TEXT),
    M(quarantine_row, sector, CELL_TEXT),
    M(quarantine_row, division, CELL_TEXT),
    M(quarantine_row, record, CELL_TEXT),
    M(quarantine_row, reason, CELL_TEXT),
    M(quarantine_row, field, CELL_TEXT),
    M(quarantine_row, value, CELL_TEXT),
    M(quarantine_row, text, CELL_TEXT),
    M(quarantine_row, text_en, CELL_TEXT),
    M(quarantine_row, payload, CELL_BYTES),
    M(quarantine_row, payload_sha256, CELL_BYTES),
    M(quarantine_row, content_type, CELL_TEXT),
    M(quarantine_row, charset, CELL_TEXT),
    M(quarantine_row, adapter, CELL_TEXT),
    M(quarantine_row, times, CELL_INT),
    M(quarantine_row, first_received_at, CELL_TIME),
    M(quarantine_row, received_at, CELL_TIME),
};

static const struct member raw_members[] = {
    M(raw_row, received_at, CELL_TIME),     M(raw_row, lane, CELL_INT),
    M(raw_row, batch_no, CELL_INT),         M(raw_row, publisher, CELL_TEXT),
    M(raw_row, topic, CELL_TEXT),           M(raw_row, content_type, CELL_TEXT),
    M(raw_row, payload_sha256, CELL_BYTES), M(raw_row, payload, CELL_BYTES),
};

static const struct member unit_month_members[] = {
    M(unit_month_row, uscc, CELL_TEXT),     M(unit_month_row, unit, CELL_TEXT),
    M(unit_month_row, month, CELL_DAY),     M(unit_month_row, sector, CELL_TEXT),
    M(unit_month_row, division, CELL_TEXT), M(unit_month_row, n, CELL_INT),
    M(unit_month_row, zero, CELL_INT),
};

static const struct member late_members[] = {
    M(late_row, lane, CELL_INT),         M(late_row, batch_no, CELL_INT),
    M(late_row, topic, CELL_TEXT),       M(late_row, correlation, CELL_BYTES),
    M(late_row, received_at, CELL_TIME), M(late_row, index, CELL_INT),
    M(late_row, msg_id, CELL_TEXT),      M(late_row, record, CELL_TEXT),
    M(late_row, id, CELL_TEXT),          M(late_row, verdict, CELL_TEXT),
    M(late_row, ledger_no, CELL_INT),    M(late_row, hash, CELL_BYTES),
    M(late_row, reason, CELL_TEXT),      M(late_row, field, CELL_TEXT),
    M(late_row, label_zh, CELL_TEXT),    M(late_row, label_en, CELL_TEXT),
    M(late_row, value, CELL_TEXT),
};

static const struct member attachment_members[] = {
    M(attachment_row, hash, CELL_BYTES),         M(attachment_row, media_type, CELL_TEXT),
    M(attachment_row, size, CELL_INT),           M(attachment_row, bytes, CELL_BYTES),
    M(attachment_row, first_seen_at, CELL_TIME), M(attachment_row, ledger_no, CELL_INT),
};

static const struct member attachment_ref_members[] = {
    M(attachment_ref_row, hash, CELL_BYTES),    M(attachment_ref_row, ledger_no, CELL_INT),
    M(attachment_ref_row, field, CELL_TEXT),    M(attachment_ref_row, record, CELL_TEXT),
    M(attachment_ref_row, uscc, CELL_TEXT),     M(attachment_ref_row, unit, CELL_TEXT),
    M(attachment_ref_row, id, CELL_TEXT),       M(attachment_ref_row, sector, CELL_TEXT),
    M(attachment_ref_row, township, CELL_TEXT),
};

static const struct member life_members[] = {
    M(life_row, uscc, CELL_TEXT),
    M(life_row, id, CELL_TEXT),
    M(life_row, sector, CELL_TEXT),
    M(life_row, township, CELL_TEXT),
    M(life_row, lister, CELL_TEXT),
    M(life_row, escalated, CELL_BOOL),
    M(life_row, withdrawal, CELL_TEXT),
    M(life_row, withdrawal_at, CELL_TIME),
    M(life_row, withdrawal_by, CELL_TEXT),
    M(life_row, denied, CELL_TEXT),
    M(life_row, reported_state, CELL_TEXT),
    M(life_row, reported_level, CELL_TEXT),
    M(life_row, reported_deadline, CELL_DAY),
    M(life_row, extended_by, CELL_INT),
    M(life_row, deadline_before, CELL_DAY),
    M(life_row, rejections, CELL_INT),
    M(life_row, reopenings, CELL_INT),
    M(life_row, self_extensions, CELL_INT),
    M(life_row, extensions, CELL_INT),
    M(life_row, observed_at, CELL_TIME),
    M(life_row, source_system, CELL_TEXT),
    M(life_row, source_seq, CELL_COUNT),
    M(life_row, state_rank, CELL_INT),
    M(life_row, ledger_no, CELL_INT),
};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

const struct row_shape_table row_shape_tables[TABLE_KINDS] = {
    [TABLE_LEDGER] = {"ledger", "dg.ledger", ledger_members, COUNT(ledger_members),
                      "with x as materialized (select * from unnest($1::%1$s[])),"
                      " l as (insert into %1$s (%2$s) select %2$s from x)"
                      " insert into dg.msg_key (msg_id, publisher, hash, raw_hash, ledger_no)"
                      " select msg_id, publisher, hash, raw_hash, ledger_no from x"},
    [TABLE_WAITING] = {"waiting", "dg.parked", waiting_members, COUNT(waiting_members),
                       "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"},
    [TABLE_OUTBOX] = {"outbox", "dg.outbox", outbox_members, COUNT(outbox_members),
                      "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"},
    [TABLE_FEED_HEAD] = {"feed_head", "dg.feed_head", feed_head_members, COUNT(feed_head_members),
                         "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"
                         " on conflict (sector, township, record)"
                         " do update set last_seq = excluded.last_seq"},
    [TABLE_FINDING] = {"finding", "dg.finding", finding_members, COUNT(finding_members),
                       "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"},
    [TABLE_QUARANTINE] = {"quarantine", "exchange.quarantine", quarantine_members,
                          COUNT(quarantine_members),
                          "insert into %1$s as q (%2$s) select %2$s from unnest($1::%1$s[])"
                          " on conflict (publisher, topic, payload_sha256) do update"
                          " set times = q.times + excluded.times, state = 'NEW',"
                          "     received_at = excluded.received_at, reason = excluded.reason,"
                          "     field = excluded.field, value = excluded.value,"
                          "     text = excluded.text, text_en = excluded.text_en"},
    [TABLE_RAW] = {"raw", "dg.raw", raw_members, COUNT(raw_members),
                   "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"},
    [TABLE_UNIT_MONTH] = {"unit_month", "dg.unit_month", unit_month_members,
                          COUNT(unit_month_members),
                          "insert into %1$s as m (%2$s) select %2$s from unnest($1::%1$s[])"
                          " on conflict (uscc, unit, month) do update"
                          " set n = m.n + excluded.n, zero = m.zero + excluded.zero,"
                          "     sector = excluded.sector, division = excluded.division"},
    [TABLE_LIFE] = {"life", "exchange.hazard_life", life_members, COUNT(life_members),
                    "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"
                    " on conflict (uscc, id) do update set "
                    "sector = excluded.sector, township = excluded.township"
                    ", lister = excluded.lister, escalated = excluded.escalated"
                    ", withdrawal = excluded.withdrawal"
                    ", withdrawal_at = excluded.withdrawal_at"
                    ", withdrawal_by = excluded.withdrawal_by, denied = excluded.denied"
                    ", reported_state = excluded.reported_state"
                    ", reported_level = excluded.reported_level"
                    ", reported_deadline = excluded.reported_deadline"
                    ", extended_by = excluded.extended_by"
                    ", deadline_before = excluded.deadline_before"
                    ", rejections = excluded.rejections, reopenings = excluded.reopenings"
                    ", self_extensions = excluded.self_extensions"
                    ", extensions = excluded.extensions, observed_at = excluded.observed_at"
                    ", source_system = excluded.source_system"
                    ", source_seq = excluded.source_seq, state_rank = excluded.state_rank"
                    ", ledger_no = excluded.ledger_no"},
    [TABLE_LATE] = {"late", "dg.late_receipt", late_members, COUNT(late_members),
                    "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"},
    [TABLE_ATTACHMENT] = {"attachment", "dg.attachment", attachment_members,
                          COUNT(attachment_members),
                          "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"
                          " on conflict (hash) do nothing"},
    [TABLE_ATTACHMENT_REF] = {"attachment_ref", "dg.attachment_ref", attachment_ref_members,
                              COUNT(attachment_ref_members),
                              "insert into %1$s (%2$s) select %2$s from unnest($1::%1$s[])"},
};
