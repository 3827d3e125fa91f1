/* SPDX-License-Identifier: Apache-2.0 */
/* The report is unpacked and settled as it was when it arrived; hash and raw hash stay those of its
 * claim, whatever packing gives today. */
#include "pg/parked.h"

#include <string.h>

#include "model/field.h"
#include "model/proto_read.h"
#include "model/rules.h"

/* The condition spares every batch the index probes while nobody waits. */
const struct pg_statement parked_waiting = {
    "parked_waiting",
    PARKED_WITHIN_BYTES(
        "select p.* from unnest($1::text[], $2::text[], $3::text[]) k(uscc, record, id)"
        "  join dg.parked p on p.uscc = k.uscc and p.parent_record = k.record"
        "   and p.parent_id = k.id"
        " where (select exists (select from dg.parked))"
        " limit $4::int4")};

const struct pg_statement parked_expired = {
    "parked_expired", PARKED_WITHIN_BYTES("select p.* from dg.parked p"
                                          " where p.expires_at <= clock_timestamp()"
                                          " order by p.expires_at limit $1::int4")};

static bool copy(struct arena *a, const struct pg_result *r, size_t row, int col, struct span *out)
{
    struct span s = SPAN_NONE;
    if (!result_bytes(r, row, col, &s)) {
        *out = SPAN_NONE;
        return result_null(r, row, col);
    }
    char *text = arena_strndup(a, s.at, s.len);
    *out = (struct span){text, s.len};
    return text != NULL;
}

static bool digest(const struct pg_result *r, size_t row, int col, uint8_t out[DIGEST_BYTES])
{
    struct span s;
    if (!result_bytes(r, row, col, &s) || s.len != DIGEST_BYTES) {
        return false;
    }
    memcpy(out, s.at, DIGEST_BYTES);
    return true;
}

static enum err unpack(struct parked_row *row, const struct schema *schema, struct span packed,
                       struct arena *arena)
{
    struct report *r = &row->entry.report;
    struct report claimed = *r;
    r->env = proto_read_one(packed, arena);
    if (!r->env && arena->capped) {
        return ERR_NOMEM;
    }
    const struct record_type *record =
        r->env && r->env->record ? schema_record(schema, span_of(r->env->record)) : NULL;
    r->type = record ? schema_body_of(schema, record, r->env->op) : NULL;
    if (!r->type || (uint32_t)r->env->content_case != r->type->content->id) {
        return ERR_FATAL;
    }
    memcpy(&r->body, field_item(&r->env->base, r->type->content, 0), sizeof(void *));
    enum err e = report_settle_identity(r, arena, row->received_us);
    r->id = claimed.id;
    r->id_as_sent = claimed.id_as_sent;
    memcpy(r->hash, claimed.hash, DIGEST_BYTES);
    memcpy(r->raw_hash, claimed.raw_hash, DIGEST_BYTES);
    return e;
}

enum err parked_take(const struct pg_result *r, size_t row, const struct schema *schema,
                     struct arena *arena, struct parked_row **out)
{
    struct parked_row *p = arena_zalloc(arena, sizeof *p);
    struct span publisher;
    struct span msg_id;
    struct span id;
    struct span id_as_sent;
    struct span township;
    struct span packed;
    int64_t index = 0;
    if (!p) {
        return ERR_NOMEM;
    }
    *out = p;
    struct report *report = &p->entry.report;
    if (!copy(arena, r, row, 1, &p->parent_record) || !copy(arena, r, row, 2, &p->parent_id) ||
        !copy(arena, r, row, 3, &publisher) || !copy(arena, r, row, 4, &msg_id) ||
        !copy(arena, r, row, 5, &id) || !copy(arena, r, row, 6, &id_as_sent) ||
        !copy(arena, r, row, 7, &township) || !copy(arena, r, row, 12, &p->topic) ||
        !copy(arena, r, row, 13, &p->content_type) || !copy(arena, r, row, 14, &p->charset) ||
        !copy(arena, r, row, 15, &p->adapter) || !copy(arena, r, row, 16, &p->receipt_topic) ||
        !copy(arena, r, row, 17, &p->correlation) || !copy(arena, r, row, 19, &report->raw)) {
        return ERR_NOMEM;
    }
    if (!result_int(r, row, 0, &p->ledger_no) || !digest(r, row, 8, report->hash) ||
        !digest(r, row, 9, report->raw_hash) || !result_time(r, row, 10, &p->received_us) ||
        !result_bool(r, row, 11, &p->expired) || !result_int(r, row, 18, &index) ||
        !result_bytes(r, row, 20, &packed)) {
        return ERR_FATAL;
    }
    p->publisher = publisher.at;
    report->msg_id = msg_id.at;
    report->id = id.at;
    report->id_as_sent = id_as_sent.at;
    report->township = township.at;
    report->index = (uint32_t)index;
    struct address address;
    report->by_org =
        address_parse(p->topic, &address) && span_is(address.sector, SECTOR_OF_ORGANISATIONS);
    return unpack(p, schema, packed, arena);
}
