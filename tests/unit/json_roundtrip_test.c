/* SPDX-License-Identifier: Apache-2.0 */
/* What json_read takes in, json_write gives out again: canonical text byte for byte, other
 * spellings in canonical form, unknown members in their places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/json_read.h"
#include "model/json_write.h"
#include "unit/with_schema.h"

#define ARENA_MAX ((size_t)4 << 20)

static void assert_rewritten(const char *in, const char *expected)
{
    static const struct read_limits limits = {
        .reports_max = 500, .report_bytes_max = (size_t)256 << 10, .depth_max = 32};
    struct arena arena;
    struct report_set set;
    struct buf out;
    arena_init(&arena, ARENA_MAX);
    buf_init(&out, 0);
    assert_int_equal(json_read(schema, span_of(in), NULL, &limits, &arena, &set), ERR_OK);
    assert_int_equal(set.count, 1);
    assert_int_equal(set.items[0].problem.reason, REASON_NONE);
    json_write_report(schema, set.items[0].env, JSON_OPEN, &out);
    assert_string_equal(buf_text(&out), expected);
    buf_free(&out);
    arena_free(&arena);
}

static void canonical_reports_come_out_byte_for_byte(void **state)
{
    (void)state;
    static const char *const reports[] = {
        "{\"msg_id\":\"0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e01\",\"schema\":\"dualgate.v1\","
        "\"record\":\"hazard\",\"op\":\"UPSERT\",\"uscc\":\"91410411MA45ABCD6Y\",\"unit\":\"\","
        "\"division\":\"410411001\",\"sector\":\"hazchem\",\"source_system\":\"ehs 3.2\","
        "\"source_seq\":1042,\"observed_at\":\"2020-11-02T09:00:00+08:00\","
        "\"client_channel\":\"MOBILE\",\"origin\":\"ONLINE\",\"body\":{\"id\":\"5f0c\","
        "\"name\":\"储罐区可燃气体报警器失效\",\"level\":\"GENERAL\",\"source\":\"DAILY\","
        "\"manage_type\":\"DEADLINE\",\"discipline\":\"INSTRUMENT\",\"description\":"
        "\"a\\n\\\"b\\\"\","
        "\"cost\":\"0\",\"resp_person\":\"\",\"deadline\":\"2020-11-05\",\"state\":\"RECTIFYING\","
        "\"round\":0,\"major_basis\":{\"clause\":\"3\"},\"photo_before\":[\"x\",\"y\"]}}",
        "{\"record\":\"zero_report\",\"op\":\"ZERO\",\"source_seq\":\"18446744073709551615\","
        "\"body\":{\"period\":\"2020-11\",\"kind\":\"HAZARD\",\"checks_done\":0}}",
        "{\"record\":\"hazard\",\"op\":\"TRANSITION\",\"body\":{\"id\":\"5f0c\",\"to\":\"VOID\","
        "\"at\":\"2020-11-02T09:00:00+08:00\",\"from\":\"CLOSED\"}}",
        "{\"record\":\"entity\",\"op\":\"UPSERT\",\"body\":{\"above_scale\":false,\"principal\":"
        "{\"name\":\"李建国\"},\"tags\":[\"pilot\"]}}",
    };
    for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
        assert_rewritten(reports[i], reports[i]);
    }
}

static void other_spellings_come_out_canonical(void **state)
{
    (void)state;
    assert_rewritten("{ \"body\" : {\"tags\": [], \"above_scale\":true}, \"op\":\"UPSERT\","
                     "\"source_seq\":\"7\",\"record\":\"\\u0065ntity\"}",
                     "{\"record\":\"entity\",\"op\":\"UPSERT\",\"source_seq\":7,"
                     "\"body\":{\"above_scale\":true}}");
}

static void unknown_members_come_out_in_their_places(void **state)
{
    (void)state;
    assert_rewritten("{\"record\":\"entity\",\"extra\":{\"a\":[1,2.50,null]},\"op\":\"UPSERT\","
                     "\"body\":{\"colour\":\"red\",\"principal\":{\"age\":44,\"name\":\"李\"},"
                     "\"x.y\":1e400}}",
                     "{\"record\":\"entity\",\"op\":\"UPSERT\",\"body\":{\"principal\":"
                     "{\"name\":\"李\",\"age\":44},\"colour\":\"red\",\"x.y\":1e400},"
                     "\"extra\":{\"a\":[1,2.50,null]}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_reports_come_out_byte_for_byte),
        cmocka_unit_test(other_spellings_come_out_canonical),
        cmocka_unit_test(unknown_members_come_out_in_their_places),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
