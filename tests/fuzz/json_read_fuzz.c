/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as canonical JSON: read, judged, hashed, written again. What was taken and written must
 * be taken again, and say the same. */
#include <stdint.h>

#include "base/buf.h"
#include "model/json_read.h"
#include "model/json_write.h"
#include "model_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct read_limits limits = {
    .reports_max = 20, .report_bytes_max = 8192, .depth_max = 16};

static void write_and_read_again(const struct model_fuzz *m, struct report *r)
{
    struct buf out;
    struct arena arena;
    struct report_set again;
    buf_init(&out, 0);
    arena_init(&arena, 1 << 24);
    json_write_report(m->schema, r->env, JSON_OPEN, &out);
    fuzz_require(!buf_failed(&out));
    const struct read_limits wide = {
        .reports_max = 1, .report_bytes_max = 1 << 20, .depth_max = 64};
    fuzz_require(json_read(m->schema, buf_span(&out), NULL, &wide, &arena, &again) == ERR_OK);
    fuzz_require(again.count == 1);
    struct report *twin = &again.items[0];
    if (twin->problem.reason == REASON_NONE) {
        fuzz_judge(m, twin, buf_span(&out), &arena);
    }
    fuzz_require(twin->problem.reason == REASON_NONE);
    fuzz_require(memcmp(twin->hash, r->hash, DIGEST_BYTES) == 0);
    arena_free(&arena);
    buf_free(&out);
}

static void read_as(const struct model_fuzz *m, struct span payload, const char *record)
{
    struct arena arena;
    struct report_set set;
    const struct record_type *type = record ? schema_record(m->schema, span_of(record)) : NULL;
    arena_init(&arena, 1 << 22);
    enum err e = json_read(m->schema, payload, type, &limits, &arena, &set);
    fuzz_require(e == ERR_OK || (e == ERR_NOMEM && arena.capped));
    for (size_t i = 0; e == ERR_OK && i < set.count; i++) {
        struct report *r = &set.items[i];
        fuzz_judge(m, r, payload, &arena);
        if (r->problem.reason == REASON_NONE && !arena.capped) {
            write_and_read_again(m, r);
        }
    }
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct model_fuzz *m = model_fuzz();
    struct span payload = {(const char *)data, size};
    read_as(m, payload, NULL);
    read_as(m, payload, "hazard");
    return 0;
}
