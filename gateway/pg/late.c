/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/late.h"

#include <string.h>

const struct pg_statement late_select = {
    "late_select",
    "select r.no, r.lane, r.batch_no, r.topic, r.correlation, r.received_at, b.committed_at,"
    "       r.index, r.msg_id, r.record, r.id, r.verdict, r.ledger_no, r.hash, r.reason, r.field,"
    "       r.label_zh, r.label_en, r.value"
    "  from dg.late_receipt r"
    "  join dg.batch b on b.lane = r.lane and b.no = r.batch_no"
    " where r.lane = $1::int4 and r.no > $2::int8"
    " order by r.no limit $3::int4"};

const struct pg_statement late_delete = {"late_delete",
                                         "delete from dg.late_receipt where no = any ($1::int8[])"};

/* Text for people and topics; SQL NULL is at NULL. */
static bool text(struct arena *a, const struct pg_result *r, size_t row, int col, struct span *out)
{
    struct span s;
    *out = SPAN_NONE;
    if (!result_bytes(r, row, col, &s)) {
        return true;
    }
    char *copy = arena_strndup(a, s.at, s.len);
    *out = (struct span){copy, s.len};
    return copy != NULL;
}

static enum verdict verdict_of(struct span word)
{
    for (int v = VERDICT_STORED; v < VERDICT_COUNT; v++) {
        if (span_is(word, verdict_word((enum verdict)v))) {
            return (enum verdict)v;
        }
    }
    return VERDICT_NONE;
}

static bool take_numbers(const struct pg_result *r, size_t row, struct late_receipt *out)
{
    int64_t lane = 0;
    int64_t index = 0;
    struct span hash = SPAN_NONE;
    bool ok = result_int(r, row, 0, &out->no) && result_int(r, row, 1, &lane) &&
              result_int(r, row, 2, &out->batch_no) && result_time(r, row, 5, &out->received_us) &&
              result_time(r, row, 6, &out->committed_us) && result_int(r, row, 7, &index) &&
              result_int(r, row, 12, &out->item.ledger_no) && result_bytes(r, row, 13, &hash) &&
              hash.len == DIGEST_BYTES;
    if (!ok) {
        return false;
    }
    out->lane = (int32_t)lane;
    out->item.index = (uint32_t)index;
    memcpy(out->hash, hash.at, DIGEST_BYTES);
    return true;
}

enum err late_take(const struct pg_result *result, size_t row, struct arena *arena,
                   struct late_receipt *out)
{
    struct span s[11];
    static const int columns[] = {3, 4, 8, 9, 10, 11, 14, 15, 16, 17, 18};
    *out = (struct late_receipt){.no = 0};
    if (!take_numbers(result, row, out)) {
        return ERR_FATAL;
    }
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (!text(arena, result, row, columns[i], &s[i])) {
            return ERR_NOMEM;
        }
    }
    out->topic = s[0];
    out->correlation = s[1];
    out->item.msg_id = s[2].at;
    out->item.record = s[3].at;
    out->item.id = s[4].at;
    out->item.verdict = verdict_of(s[5]);
    out->problem = (struct problem){.reason = s[6].at ? reason_of_word(s[6]) : REASON_NONE,
                                    .field = s[7].at,
                                    .label_zh = s[8].at,
                                    .label_en = s[9].at,
                                    .value = s[10].at};
    return ERR_OK;
}

void late_point(struct late_receipt *r)
{
    r->item.hash = r->hash;
    r->item.problem = r->problem.reason != REASON_NONE ? &r->problem : NULL;
}
