/* SPDX-License-Identifier: Apache-2.0 */
#include "model/attachments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "model/json_read.h"
#include "model/proto_read.h"
#include "unit/with_schema.h"

#define PNG       "data:image/png;base64,iVBORw0KGgo="
#define PNG_LINK  "sha256:4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6"
#define PDF       "data:application/pdf;base64,JVBERi0xLjQK"
#define MSG       "0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01"
#define BODY(...) "{\"msg_id\":\"" MSG "\",\"body\":{" __VA_ARGS__ "}}"

static const struct read_limits limits = {.reports_max = 5,
                                          .report_bytes_max = 400,
                                          .depth_max = 12,
                                          .attachments = {.bytes_max = 3000, .count_max = 2}};

struct reading {
    struct arena arena;
    struct report_set set;
    struct report *r;
};

static enum err try_read(struct reading *g, const char *text)
{
    enum err e = json_read(schema, span_of(text), schema_record(schema, SPAN_LIT("hazard")),
                           &limits, &g->arena, &g->set);
    g->r = e == ERR_OK && g->set.count == 1 ? &g->set.items[0] : NULL;
    if (g->r && g->r->problem.reason == REASON_NONE) {
        e = attachments_settle(g->r, &limits.attachments, &g->arena);
    }
    return e;
}

static void read_hazard(struct reading *g, const char *text)
{
    arena_init(&g->arena, 1 << 20);
    assert_int_equal(try_read(g, text), ERR_OK);
    assert_non_null(g->r);
}

static void done(struct reading *g)
{
    arena_free(&g->arena);
}

static Dualgate__V1__Hazard *hazard_of(const struct reading *g)
{
    return (Dualgate__V1__Hazard *)(void *)g->r->body;
}

static void expect(const char *text, enum reason reason, const char *field, const char *value)
{
    struct reading g;
    read_hazard(&g, text);
    const struct problem *p = &g.r->problem;
    const char *at = p->field ? p->field : "";
    const char *got = p->value ? p->value : "";
    if (p->reason != reason || strcmp(at, field) != 0 || (value && strcmp(got, value) != 0)) {
        fail_msg("%s: %s at <%s>: <%s>", text, reason_word(p->reason), at, got);
    }
    done(&g);
}

static void a_photo_leaves_its_link_in_the_field(void **state)
{
    (void)state;
    struct reading g;
    read_hazard(
        &g, BODY("\"photo_before\":[\"http://x/a.jpg\",\"" PNG "\"],\"attachment\":[\"" PDF "\"]"));
    const Dualgate__V1__Hazard *h = hazard_of(&g);
    assert_int_equal(g.r->problem.reason, REASON_NONE);
    assert_string_equal(h->photo_before[0], "http://x/a.jpg");
    assert_string_equal(h->photo_before[1], PNG_LINK);
    const struct attachment *a = g.r->attachments;
    assert_string_equal(a->field, "body.photo_before[1]");
    assert_int_equal(a->kind, MEDIA_PNG);
    assert_true(span_eq(a->bytes, SPAN_LIT("\x89PNG\r\n\x1A\n")));
    assert_int_equal(a->next->kind, MEDIA_PDF);
    assert_string_equal(a->next->field, "body.attachment[0]");
    assert_null(a->next->next);
    done(&g);
}

static void a_link_is_written_one_way_and_settling_again_changes_nothing(void **state)
{
    (void)state;
    struct reading g;
    read_hazard(&g,
                BODY("\"photo_before\":[\"SHA256:4C4B6A3BE1314AB86138BEF4314DDE022E600960D8689A2C"
                     "8F8631802D20DAB6\",\"" PNG "\",\"" PNG_LINK "\"]"));
    const Dualgate__V1__Hazard *h = hazard_of(&g);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(h->photo_before[i], PNG_LINK);
    }
    assert_int_equal(attachments_settle(g.r, &limits.attachments, &g.arena), ERR_OK);
    size_t n = 0;
    for (const struct attachment *a = g.r->attachments; a; a = a->next) {
        assert_int_equal(a->kind, n == 1 ? MEDIA_PNG : MEDIA_NONE);
        n++;
    }
    assert_int_equal(n, 3);
    done(&g);
}

static void bytes_and_link_are_the_same_content(void **state)
{
    (void)state;
    struct reading a;
    struct reading b;
    read_hazard(&a, BODY("\"id\":\"1\",\"photo_after\":[\"" PNG "\"]"));
    read_hazard(&b, BODY("\"id\":\"1\",\"photo_after\":[\"" PNG_LINK "\"]"));
    assert_int_equal(report_settle_identity(a.r, &a.arena, 0), ERR_OK);
    assert_int_equal(report_settle_identity(b.r, &b.arena, 0), ERR_OK);
    assert_memory_equal(a.r->hash, b.r->hash, DIGEST_BYTES);
    assert_memory_not_equal(a.r->raw_hash, b.r->raw_hash, DIGEST_BYTES);
    done(&a);
    done(&b);
}

static void what_is_wrong_is_named_with_its_place(void **state)
{
    (void)state;
    expect(BODY("\"photo_before\":[\"" PNG "\",\"data:image/jpeg;base64,iVBORw0KGgo=\"]"),
           REASON_ATTACHMENT_TYPE, "body.photo_before[1]", "image/jpeg");
    expect(BODY("\"photo_after\":[\"" PDF "\"]"), REASON_ATTACHMENT_TYPE, "body.photo_after[0]",
           "application/pdf");
    expect(BODY("\"photo_after\":[\"data:text/html;base64,PGI+\"]"), REASON_ATTACHMENT_TYPE,
           "body.photo_after[0]", "text/html");
    expect(BODY("\"attachment\":[\"data:image/png;base64,iVBORw0KGgo\"]"), REASON_ATTACHMENT_BROKEN,
           "body.attachment[0]", "image/png");
    expect(BODY("\"attachment\":[\"sha256:12\"]"), REASON_ATTACHMENT_BROKEN, "body.attachment[0]",
           "sha256:12");
    expect(BODY("\"photo_before\":[\"" PNG "\",\"" PNG "\",\"" PNG "\"]"), REASON_TOO_MANY,
           "body.photo_before[2]", "3");
}

/* A text of 4·groups characters behind the head of a picture. */
static void put_photo(char *out, size_t size, const char *before, size_t groups, const char *after)
{
    int head = snprintf(out, size, "%sdata:image/png;base64,iVBORw0KGgoA", before);
    memset(out + head, 'A', 4 * groups);
    snprintf(out + (size_t)head + 4 * groups, size - (size_t)head - 4 * groups, "%s", after);
}

static void a_report_is_measured_without_what_it_brings_along(void **state)
{
    (void)state;
    char text[8192];
    put_photo(text, sizeof text, "{\"msg_id\":\"" MSG "\",\"body\":{\"photo_before\":[\"", 900,
              "\"],\"place\":\"x\"}}");
    expect(text, REASON_NONE, "", NULL);
    put_photo(text, sizeof text, "{\"msg_id\":\"" MSG "\",\"body\":{\"photo_before\":[\"", 1000,
              "\"],\"place\":\"x\"}}");
    expect(text, REASON_ATTACHMENT_TOO_LARGE, "body.photo_before[0]", "3009");
    /* read a second time as what `op` says: still measured so */
    put_photo(text, sizeof text, "{\"body\":{\"photo_before\":[\"", 900, "\"]},\"op\":\"UPSERT\"}");
    expect(text, REASON_NONE, "", NULL);
    /* where no attachment belongs it is text like any other */
    put_photo(text, sizeof text, "{\"body\":{\"place\":\"", 900, "\"}}");
    expect(text, REASON_REPORT_TOO_LARGE, "", "3655");
    put_photo(text, sizeof text, "{\"body\":{\"unknown\":\"", 900, "\"}}");
    expect(text, REASON_REPORT_TOO_LARGE, "", "3657");
}

static void escaped_slashes_do_not_count_either(void **state)
{
    (void)state;
    char text[8192];
    int len = snprintf(text, sizeof text,
                       "{\"body\":{\"photo_before\":[\"data:image\\/jpeg;base64,\\/9j\\/");
    for (size_t i = 0; i < 900; i++) {
        len += snprintf(text + len, sizeof text - (size_t)len, "\\/\\/AA");
    }
    snprintf(text + len, sizeof text - (size_t)len, "\"]}}");
    expect(text, REASON_NONE, "", NULL);
}

static void put_field(char **at, unsigned field, size_t len, const char *bytes)
{
    *(*at)++ = (char)(0x80 | (field << 3 & 0x7F) | 2);
    *(*at)++ = (char)(field >> 4);
    *(*at)++ = (char)(0x80 | (len & 0x7F));
    *(*at)++ = (char)(len >> 7);
    memcpy(*at, bytes, len);
    *at += len;
}

static void protobuf_is_measured_the_same_way(void **state)
{
    (void)state;
    enum { PHOTO = 35, PLACE = 34 };
    unsigned hazard = schema_record(schema, SPAN_LIT("hazard"))->content->id;
    for (int place = 0; place < 2; place++) {
        char photo[4096];
        char body[4200];
        char report[4300];
        char batch[4400];
        char *at = body;
        struct reading g;
        put_photo(photo, sizeof photo, "", 900, "");
        put_field(&at, place ? PLACE : PHOTO, strlen(photo), photo);
        char *end = report;
        put_field(&end, hazard, (size_t)(at - body), body);
        char *all = batch;
        put_field(&all, 1, (size_t)(end - report), report);
        arena_init(&g.arena, 1 << 20);
        assert_int_equal(proto_read(schema, (struct span){batch, (size_t)(all - batch)},
                                    schema_record(schema, SPAN_LIT("hazard")), &limits, &g.arena,
                                    &g.set),
                         ERR_OK);
        g.r = &g.set.items[0];
        assert_int_equal(g.r->problem.reason, place ? REASON_REPORT_TOO_LARGE : REASON_NONE);
        if (!place) {
            assert_int_equal(attachments_settle(g.r, &limits.attachments, &g.arena), ERR_OK);
            assert_int_equal(g.r->attachments->bytes.len, 2709);
        }
        done(&g);
    }
}

static void an_exhausted_arena_or_heap_is_told_and_nothing_leaks(void **state)
{
    (void)state;
    static const char text[] = BODY("\"photo_before\":[\"" PNG "\",\"" PNG_LINK
                                    "\"],\"photo_after\":[\"data:image/png;base64,iVBO\"]");
    size_t live = mem_live();
    enum err e = ERR_NOMEM;
    for (size_t n = 1; e == ERR_NOMEM; n++) {
        struct reading g;
        arena_init(&g.arena, 1 << 20);
        (void)mem_fail_at(n);
        e = try_read(&g, text);
        (void)mem_fail_at(0);
        done(&g);
        assert_int_equal(mem_live(), live);
        assert_true(n < 100);
    }
    assert_int_equal(e, ERR_OK);
    for (size_t max = 0; max < 8000; max += 16) {
        struct reading g;
        arena_init(&g.arena, max);
        e = try_read(&g, text);
        assert_true(e == ERR_OK || e == ERR_NOMEM);
        done(&g);
        assert_int_equal(mem_live(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_photo_leaves_its_link_in_the_field),
        cmocka_unit_test(a_link_is_written_one_way_and_settling_again_changes_nothing),
        cmocka_unit_test(bytes_and_link_are_the_same_content),
        cmocka_unit_test(what_is_wrong_is_named_with_its_place),
        cmocka_unit_test(a_report_is_measured_without_what_it_brings_along),
        cmocka_unit_test(escaped_slashes_do_not_count_either),
        cmocka_unit_test(protobuf_is_measured_the_same_way),
        cmocka_unit_test(an_exhausted_arena_or_heap_is_told_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
