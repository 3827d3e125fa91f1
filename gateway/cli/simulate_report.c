/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/simulate_report.h"

#include <inttypes.h>
#include <string.h>

#include "model/civil_time.h"

#define SOURCE_SYSTEM "ehs 3.2"

void sim_report_init(struct sim_report *r, const struct district_unit *unit, const char *record,
                     struct dice *dice, int64_t observed_us)
{
    *r = (struct sim_report){
        .unit = unit,
        .record = record,
        .uscc = unit->entity->uscc,
        .division = unit->division,
        .sector = unit->entity->sector->code,
        .channel = "PC",
        .observed_us = observed_us,
    };
    dice_msg_id(dice, observed_us, r->msg_id);
}

static void put(struct sim_report *r, struct sim_member member)
{
    if (member.value != NULL && r->n_members < SIM_MEMBERS_MAX) {
        r->members[r->n_members++] = member;
    }
}

void sim_put(struct sim_report *r, const char *name, const char *value)
{
    put(r, (struct sim_member){name, value, false});
}

void sim_put_raw(struct sim_report *r, const char *name, const char *json)
{
    put(r, (struct sim_member){name, json, true});
}

void sim_change(struct sim_report *r, const char *name, const char *value)
{
    for (size_t i = 0; i < r->n_members; i++) {
        if (strcmp(r->members[i].name, name) != 0) {
            continue;
        }
        if (value != NULL) {
            r->members[i].value = value;
        } else {
            r->n_members--;
            memmove(&r->members[i], &r->members[i + 1], (r->n_members - i) * sizeof r->members[0]);
        }
        return;
    }
}

const char *sim_value(const struct sim_report *r, const char *name)
{
    for (size_t i = 0; i < r->n_members; i++) {
        const struct sim_member *m = &r->members[i];
        bool composed = m->raw && strchr("[{", m->value[0]) != NULL;
        if (strcmp(m->name, name) == 0 && !composed) {
            return m->value;
        }
    }
    return NULL;
}

static void text(struct buf *out, const char *name, const char *value)
{
    if (value != NULL) {
        buf_printf(out, "\"%s\":", name);
        buf_json_string(out, span_of(value));
        buf_putc(out, ',');
    }
}

void sim_report_json(const struct sim_report *r, struct buf *out)
{
    char observed[TIME_TEXT_MAX];
    time_format(r->observed_us, observed);
    buf_putc(out, '{');
    text(out, "msg_id", r->msg_id);
    text(out, "schema", "dualgate.v1");
    text(out, "record", r->record);
    text(out, "op", r->op ? r->op : "UPSERT");
    text(out, "uscc", r->uscc);
    text(out, "unit", r->unit->unit);
    text(out, "division", r->division);
    text(out, "sector", r->sector);
    text(out, "source_system", SOURCE_SYSTEM);
    if (r->seq > 0) {
        buf_printf(out, "\"source_seq\":%" PRIu64 ",", r->seq);
    }
    text(out, "observed_at", observed);
    text(out, "client_channel", r->channel);
    buf_puts(out, "\"body\":{");
    for (size_t i = 0; i < r->n_members; i++) {
        const struct sim_member *m = &r->members[i];
        buf_printf(out, "%s\"%s\":", i > 0 ? "," : "", m->name);
        if (m->raw) {
            buf_puts(out, m->value);
        } else {
            buf_json_string(out, span_of(m->value));
        }
    }
    buf_puts(out, "}}");
}
