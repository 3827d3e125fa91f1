/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/claims.h"

#include "model/finding.h"
#include "pg/lives.h"

#define LIFE_FINDING_FIRST 1000

struct span claims_op(const struct report *r)
{
    const ProtobufCEnumValue *v =
        protobuf_c_enum_descriptor_get_value(&dualgate__v1__op__code__descriptor, (int)r->env->op);
    return v ? span_of(v->name) : SPAN_LIT("UPSERT");
}

const char *claims_publisher(const struct plan_item *it)
{
    return it->parked ? it->parked->publisher : it->entry->message->publisher;
}

static void add_claim(struct steps *s, const struct write_context *c, const struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    const Dualgate__V1__Report *env = r->env;
    struct ledger_row row = {
        .ledger_no = it->ledger_no,
        .received_at = it->entry->message->received_us,
        .observed_at = r->order.observed_us,
        .lane = c->lane,
        .batch_no = c->batch_no,
        .msg_id = rows_text(r->msg_id),
        .publisher = rows_text(claims_publisher(it)),
        .record = rows_text(report_record_name(r)),
        .op = claims_op(r),
        .uscc = rows_text(env->uscc),
        .unit = rows_text(env->unit),
        .id = rows_text(r->id),
        .division = rows_text(r->township), /* as registered: what is seen and counted follows it */
        .sector = rows_text(env->sector),
        .verdict = rows_text(verdict_word(it->verdict)),
        .hash = rows_digest(r->hash),
        .raw_hash = rows_digest(r->raw_hash),
        .source_system = rows_text(env->source_system),
        .source_seq = r->order.source_seq,
        .period = span_of(env->period),
        .schema = span_of(env->schema ? env->schema : "dualgate.v1"),
        .origin_node = rows_text(c->node),
        .authority = lives_by_authority(it),
    };
    rows_add(&s->rows[TABLE_LEDGER], &row, NULL);
}

static void add_finding(struct steps *s, const struct write_context *c, const struct plan_item *it,
                        int64_t n, const struct finding *f)
{
    const struct report *r = &it->entry->report;
    struct finding_row row = {
        .ledger_no = it->ledger_no,
        .n = n,
        .code = rows_text(f->code),
        .field = span_of(f->field),
        .reported = span_of(f->reported),
        .expected = span_of(f->expected),
        .record = rows_text(report_record_name(r)),
        .uscc = rows_text(r->env->uscc),
        .unit = rows_text(r->env->unit),
        .id = rows_text(r->id),
        .division = rows_text(r->township),
        .sector = rows_text(r->env->sector),
        .found_at = c->accepted_us,
    };
    rows_add(&s->rows[TABLE_FINDING], &row, NULL);
}

/* Those of the life come last, from a number of their own: the others of one that was parked stand
 * in the table already. */
static void add_life_findings(struct steps *s, const struct write_context *c,
                              const struct plan_item *it)
{
    for (size_t i = 0; it->found && i < it->found->n; i++) {
        const struct life_finding *f = &it->found->at[i];
        struct finding row = {.code = finding_word(f->code),
                              .field = f->field,
                              .reported = f->reported,
                              .expected = f->expected};
        add_finding(s, c, it, LIFE_FINDING_FIRST + (int64_t)i, &row);
    }
}

static void add_findings(struct steps *s, const struct write_context *c, const struct plan_item *it)
{
    int64_t n = 0;
    for (const struct finding *f = it->entry->report.findings; f; f = f->next) {
        add_finding(s, c, it, n++, f);
    }
}

static void add_raw(struct steps *s, const struct write_context *c, const struct message *m)
{
    struct raw_row row = {
        .received_at = m->received_us,
        .lane = c->lane,
        .batch_no = c->batch_no,
        .publisher = rows_text(m->publisher),
        .topic = m->topic,
        .content_type = m->content_type.at ? m->content_type : SPAN_LIT(""),
        .payload_sha256 = rows_digest(m->payload_hash),
        .payload = m->payload,
    };
    rows_add(&s->rows[TABLE_RAW], &row, NULL);
}

enum err claims_write(struct steps *s, const struct write_context *c)
{
    const struct plan_list *claims = &c->plan->claims;
    const struct message *last = NULL;
    for (size_t i = 0; i < claims->n; i++) {
        const struct plan_item *it = claims->at[i];
        add_claim(s, c, it);
        add_findings(s, c, it);
        add_life_findings(s, c, it);
        if (it->entry->message != last) {
            last = it->entry->message;
            add_raw(s, c, last);
        }
    }
    for (size_t i = 0; i < c->plan->released.n; i++) {
        add_life_findings(s, c, c->plan->released.at[i]);
    }
    enum err e = steps_table(s, c, TABLE_LEDGER);
    if (e == ERR_OK) {
        e = steps_table(s, c, TABLE_FINDING);
    }
    return e == ERR_OK ? steps_table(s, c, TABLE_RAW) : e;
}
