/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets of the adapters share: the tree's own mappings and their sample registers,
 * and the promise that what an adapter takes is a canonical report: written as JSON and read again
 * it says the same. Run from the top of the tree. */
#ifndef TESTS_FUZZ_ADAPT_FUZZ_H
#define TESTS_FUZZ_ADAPT_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "adapt/trial.h"
#include "model/json_read.h"
#include "model/json_write.h"
#include "model/rules.h"

/* Of a sector's own format more is kept than a sender of canonical JSON may add. */
#define FUZZ_RECEIVED_US (INT64_C(1609430400) * 1000000)

struct adapt_fuzz {
    struct schema *schema;
    struct adapters *adapters;
    struct arena arena;
    struct trial_register reg;
    struct trial trial;
};

static inline void fuzz_require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static inline struct adapt_fuzz *adapt_fuzz(const char *adapter)
{
    static struct adapt_fuzz f;
    static const struct read_limits limits = {.reports_max = 20,
                                              .report_bytes_max = 8192,
                                              .depth_max = 16,
                                              .attachments = {.bytes_max = 65536, .count_max = 4}};
    const char *why = NULL;
    struct buf complaints;
    char path[128];
    if (f.schema) {
        return &f;
    }
    buf_init(&complaints, 0);
    arena_init(&f.arena, 1 << 20);
    (void)snprintf(path, sizeof path, "adapters/%s/samples/register.csv", adapter);
    fuzz_require(schema_load(&f.schema, &why) == ERR_OK);
    fuzz_require(adapters_load("adapters", f.schema, &limits, &f.adapters, &complaints) == ERR_OK);
    fuzz_require(trial_register_load(path, adapter, &f.arena, &f.reg, &complaints) == ERR_OK);
    f.trial = (struct trial){
        .adapters = f.adapters,
        .adapter = span_of(adapter),
        .registry = f.reg.registry,
        .publisher = registry_publisher(f.reg.registry, span_of(f.reg.publisher)),
        .node = f.reg.node,
        .received_us = FUZZ_RECEIVED_US,
    };
    buf_free(&complaints);
    return &f;
}

static inline void fuzz_same_again(const struct adapt_fuzz *f, struct report *r)
{
    static const struct read_limits wide = {
        .reports_max = 1, .report_bytes_max = 1 << 20, .depth_max = 64};
    struct arena arena;
    struct report_set again;
    struct buf out;
    buf_init(&out, 0);
    arena_init(&arena, 1 << 24);
    fuzz_require(report_settle_identity(r, &arena, FUZZ_RECEIVED_US) == ERR_OK);
    json_write_report(f->schema, r->env, JSON_OPEN, &out);
    fuzz_require(!buf_failed(&out));
    fuzz_require(json_read(f->schema, buf_span(&out), NULL, &wide, &arena, &again) == ERR_OK);
    fuzz_require(again.count == 1);
    struct report *twin = &again.items[0];
    fuzz_require(twin->problem.reason == REASON_NONE);
    fuzz_require(report_settle_identity(twin, &arena, FUZZ_RECEIVED_US) == ERR_OK);
    fuzz_require(memcmp(twin->hash, r->hash, DIGEST_BYTES) == 0);
    arena_free(&arena);
    buf_free(&out);
}

static inline void fuzz_take(struct adapt_fuzz *f, struct span payload)
{
    struct arena arena;
    struct report_set set;
    arena_init(&arena, 1 << 24);
    enum err err = trial_run(&f->trial, payload, &arena, &set);
    fuzz_require(err == ERR_OK || (err == ERR_NOMEM && arena.capped));
    for (size_t i = 0; err == ERR_OK && i < set.count; i++) {
        struct report *r = &set.items[i];
        fuzz_require(r->index == i);
        if (r->problem.reason == REASON_NONE && !arena.capped) {
            fuzz_require(r->env && r->body && r->type && r->env->msg_id);
            fuzz_same_again(f, r);
        }
    }
    arena_free(&arena);
}

#endif
