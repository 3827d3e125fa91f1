/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets of the model share: a schema, a register of one entity, and the way of a
 * report from reading to its identity. */
#ifndef TESTS_FUZZ_MODEL_FUZZ_H
#define TESTS_FUZZ_MODEL_FUZZ_H

#include <stdlib.h>

#include "model/rules.h"

#define FUZZ_USCC "91410411MA45ABCD6Y"

struct model_fuzz {
    struct schema *schema;
    struct registry *registry;
};

static inline void fuzz_require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static inline struct model_fuzz *model_fuzz(void)
{
    static struct model_fuzz m;
    const char *why = NULL;
    if (!m.schema) {
        struct reg_sector sector = {.code = "hazchem", .profile = "core"};
        struct reg_division town = {"410411001", NULL, false};
        struct reg_unit unit = {.uscc = FUZZ_USCC, .unit = "", .division = "410411001"};
        fuzz_require(schema_load(&m.schema, &why) == ERR_OK);
        fuzz_require(registry_new(&m.registry) == ERR_OK);
        fuzz_require(registry_add_sector(m.registry, &sector) == ERR_OK);
        fuzz_require(registry_add_division(m.registry, &town) == ERR_OK);
        fuzz_require(registry_add_unit(m.registry, &unit, "hazchem") == ERR_OK);
    }
    return &m;
}

/* Rules and identity, as intake does; promises are checked on the way. */
static inline void fuzz_judge(const struct model_fuzz *m, struct report *r, struct span payload,
                              struct arena *arena)
{
    const struct principal who = {.publisher =
                                      registry_publisher(m->registry, SPAN_LIT(FUZZ_USCC))};
    const struct rules_context ctx = {
        .schema = m->schema,
        .registry = m->registry,
        .node = "410411",
        .publisher = &who,
        .topic_sector = SPAN_LIT("hazchem"),
        .received_us = INT64_C(1604278800) * 1000000,
        .future_tolerance_us = INT64_C(600) * 1000000,
        .attachments = {.bytes_max = 65536, .count_max = 4},
    };
    fuzz_require(r->raw.at >= payload.at && r->raw.at + r->raw.len <= payload.at + payload.len);
    if (r->problem.reason != REASON_NONE) {
        return;
    }
    fuzz_require(r->env && r->type);
    if (rules_judge(&ctx, r, arena) != ERR_OK || r->problem.reason != REASON_NONE) {
        return;
    }
    fuzz_require(r->body && r->body->descriptor == r->type->message->desc);
    fuzz_require(report_settle_identity(r, arena, ctx.received_us) == ERR_OK || arena->capped);
}

#endif
