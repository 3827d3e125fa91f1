/* SPDX-License-Identifier: Apache-2.0 */
/* Every record of the schema, with every field at its limit and every code in turn, and with none
 * but the required: canonical JSON read, packed as protobuf, read again, written as JSON is the
 * same text, byte for byte. The text is made from the descriptors, not by what is tested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/json_read.h"
#include "model/json_write.h"
#include "model/proto_read.h"
#include "unit/any_report.h"

#define REPORT_MAX ((size_t)64 << 20)

static struct schema *schema;

static const struct read_limits limits = {
    .reports_max = 1, .report_bytes_max = REPORT_MAX, .depth_max = 16};

static int load(void **state)
{
    const char *why = NULL;
    return schema_load(&schema, &why) == ERR_OK ? 0 : -1;
}

static int unload(void **state)
{
    schema_free(schema);
    return 0;
}

static struct report *only(struct report_set *set, const struct any *g, const char *how)
{
    if (set->count != 1 || set->items[0].problem.reason != REASON_NONE) {
        fail_msg("%s as %s: %s at %s", g->record->name, how,
                 reason_word(set->count ? set->items[0].problem.reason : set->problem.reason),
                 set->count && set->items[0].problem.field ? set->items[0].problem.field : "");
    }
    return &set->items[0];
}

static struct span packed(Dualgate__V1__Report *env, struct arena *arena)
{
    Dualgate__V1__ReportBatch batch = DUALGATE__V1__REPORT_BATCH__INIT;
    batch.n_reports = 1;
    batch.reports = &env;
    size_t size = dualgate__v1__report_batch__get_packed_size(&batch);
    char *bytes = arena_alloc(arena, size);
    assert_non_null(bytes);
    (void)dualgate__v1__report_batch__pack(&batch, (uint8_t *)bytes);
    return (struct span){bytes, size};
}

static void same_text(const struct any *g, const char *how, const struct report *r,
                      const struct buf *wanted)
{
    struct buf got;
    buf_init(&got, 0);
    json_write_report(schema, r->env, JSON_OPEN, &got);
    size_t at = 0;
    while (at < got.len && at < wanted->len && got.data[at] == wanted->data[at]) {
        at++;
    }
    if (at < got.len || at < wanted->len) {
        fail_msg("%s as %s, code %u: from byte %zu '%.80s' became '%.80s'", g->record->name, how,
                 g->turn, at, wanted->data + at, buf_text(&got) + at);
    }
    buf_free(&got);
}

static void goes_round(struct any *g)
{
    struct arena arena;
    struct report_set as_json;
    struct report_set as_proto;
    struct buf text;
    buf_init(&text, 0);
    arena_init(&arena, REPORT_MAX);
    g->out = &text;
    any_report(g);
    (void)buf_text(&text);
    assert_int_equal(json_read(schema, buf_span(&text), NULL, &limits, &arena, &as_json), ERR_OK);
    const struct report *r = only(&as_json, g, "JSON");
    same_text(g, "JSON", r, &text);
    struct span bytes = packed(r->env, &arena);
    assert_int_equal(proto_read(schema, bytes, NULL, &limits, &arena, &as_proto), ERR_OK);
    same_text(g, "protobuf", only(&as_proto, g, "protobuf"), &text);
    buf_free(&text);
    arena_free(&arena);
}

static size_t codes_max(const struct message_type *m)
{
    size_t most = 2; /* a flag is a list of two */
    for (size_t i = 0; i < m->n_fields; i++) {
        const struct field_type *f = &m->fields[i];
        size_t n = f->codes ? f->codes->n_values : f->message ? codes_max(f->message) : 0;
        most = n > most ? n : most;
    }
    return most;
}

static void each_record(enum any_fill fill)
{
    size_t n = 0;
    for (size_t i = 0; i < schema->n_records; i++) {
        struct any g = {.record = &schema->records[i],
                        .fill = fill,
                        .profile = "core",
                        .unit = "",
                        .with_id = true};
        for (g.turn = 0; g.turn < codes_max(g.record->message); g.turn++, n++) {
            g.about_org = g.record->about_org;
            goes_round(&g);
        }
    }
    assert_true(n >= schema->n_records);
}

static void every_field_at_its_limit_goes_round(void **state)
{
    each_record(ANY_LIMITS);
}

static void what_is_required_alone_goes_round(void **state)
{
    each_record(ANY_REQUIRED);
}

/* Were a field not made, it would not be compared. */
static void made_of_every_field(const struct message_type *m, const char *text)
{
    for (size_t i = 0; i < m->n_fields; i++) {
        const struct field_type *f = &m->fields[i];
        char key[80];
        (void)snprintf(key, sizeof key, "\"%s\":", f->desc->name);
        if (!f->rule->node_sets && !strstr(text, key)) {
            fail_msg("%s.%s is not in %s", m->name, f->desc->name, text);
        }
        if (f->message) {
            made_of_every_field(f->message, text);
        }
    }
}

static void what_is_made_has_every_field(void **state)
{
    for (size_t i = 0; i < schema->n_records; i++) {
        struct buf text;
        buf_init(&text, 0);
        const struct any g = {.record = &schema->records[i],
                              .fill = ANY_EVERY,
                              .profile = "core",
                              .unit = "",
                              .with_id = true,
                              .about_org = schema->records[i].about_org,
                              .out = &text};
        any_report(&g);
        made_of_every_field(g.record->message, buf_text(&text));
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_at_its_limit_goes_round),
        cmocka_unit_test(what_is_required_alone_goes_round),
        cmocka_unit_test(what_is_made_has_every_field),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
