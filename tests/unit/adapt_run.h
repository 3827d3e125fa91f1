/* SPDX-License-Identifier: Apache-2.0 */
/* A mapping in a test's own text, run over payloads. For the tests of gateway/adapt. */
#ifndef TESTS_UNIT_ADAPT_RUN_H
#define TESTS_UNIT_ADAPT_RUN_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapt/adapt.h"

#define ADAPT_RUN_USCC "91410411MA45ABCD6Y"

struct adapt_run {
    struct schema *schema;
    struct registry *registry;
    struct reg_publisher publisher;
    struct adapters *adapters;
    struct arena arena;
    struct report_set set;
};

static inline int adapt_run_begin(struct adapt_run *r)
{
    const char *why = NULL;
    *r = (struct adapt_run){.schema = NULL};
    r->publisher = (struct reg_publisher){.code = ADAPT_RUN_USCC,
                                          .kind = "ENTITY",
                                          .adapters = "x",
                                          .key = "0123456789abcdef",
                                          .active = true};
    arena_init(&r->arena, 8 << 20);
    const struct reg_sector sector = {.code = "s", .profile = "s"};
    const struct reg_unit unit = {.uscc = ADAPT_RUN_USCC,
                                  .unit = "",
                                  .division = "410411001",
                                  .company_code = "",
                                  .name = ""};
    bool good = schema_load(&r->schema, &why) == ERR_OK && registry_new(&r->registry) == ERR_OK &&
                registry_add_sector(r->registry, &sector) == ERR_OK &&
                registry_add_unit(r->registry, &unit, "s") == ERR_OK;
    return good ? 0 : -1;
}

static inline void adapt_run_end(struct adapt_run *r)
{
    adapters_free(r->adapters);
    arena_free(&r->arena);
    registry_free(r->registry);
    schema_free(r->schema);
}

static inline void adapt_run_load(struct adapt_run *r, const char *mapping)
{
    static const struct read_limits limits = {
        .reports_max = 10, .report_bytes_max = 4000, .depth_max = 8};
    char dir[] = "/tmp/adapt_run_XXXXXX";
    char folder[64];
    char path[96];
    struct buf complaints;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(folder, sizeof folder, "%s/x", dir);
    (void)snprintf(path, sizeof path, "%s/mapping.yaml", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(mapping, f) >= 0);
    assert_int_equal(fclose(f), 0);
    adapters_free(r->adapters);
    buf_init(&complaints, 0);
    enum err err = adapters_load(dir, r->schema, &limits, &r->adapters, &complaints);
    assert_string_equal(buf_text(&complaints), "");
    assert_int_equal(err, ERR_OK);
    buf_free(&complaints);
    (void)unlink(path);
    (void)rmdir(folder);
    (void)rmdir(dir);
}

static inline enum err adapt_run_try(struct adapt_run *r, struct span payload)
{
    return adapt_read(r->adapters, SPAN_LIT("x"), payload, SPAN_NONE, &r->publisher, r->registry, 0,
                      &r->arena, &r->set);
}

static inline void adapt_run_take(struct adapt_run *r, const char *payload)
{
    assert_int_equal(adapt_run_try(r, span_of(payload)), ERR_OK);
}

#endif
