/* SPDX-License-Identifier: Apache-2.0 */
/* The draft of a migration holds both tables of a record, its comments and the call that opens
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "cli/draft.h"
#include "unit/with_schema.h"

static void the_draft_of_a_transition_is_this(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 0);
    draft_record(schema_record(schema, SPAN_LIT("hazard_transition")), &out);
    static const char head[] = "-- hazard_transition 隐患流转\n"
                               "create table exchange.hazard_transition (\n"
                               "    uscc text not null,\n"
                               "    id text not null,\n"
                               "    unit text not null,\n"
                               "    division text not null,\n"
                               "    sector text not null,\n"
                               "    township text not null,\n"
                               "    hazard_id text,\n"
                               "    \"to\" text,\n"
                               "    at timestamptz,\n"
                               "    by text,\n"
                               "    reason text,\n"
                               "    \"from\" text,\n"
                               "    round integer,\n"
                               "    observed_at timestamptz not null,\n"
                               "    source_system text not null,\n"
                               "    source_seq numeric(20) not null,\n"
                               "    state_rank integer not null,\n"
                               "    ledger_no bigint not null,\n"
                               "    deleted boolean not null,\n"
                               "    id_as_sent text not null,\n"
                               "    origin_node text not null,\n"
                               "    unknown jsonb,\n"
                               "    primary key (uscc, id)\n"
                               ");\n"
                               "create table exchange.hazard_transition_history (\n";
    const char *text = buf_text(&out);
    assert_memory_equal(text, head, sizeof(head) - 1);
    assert_non_null(strstr(text, "    op text not null,\n    primary key (ledger_no)\n);\n"));
    assert_non_null(
        strstr(text, "comment on column exchange.hazard_transition.\"to\" is '流转后状态';\n"));
    assert_non_null(strstr(text, "select dg.record_expose('hazard_transition');\n"));
    buf_free(&out);
}

static void every_record_has_a_draft_within_the_limits_of_a_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema->n_records; i++) {
        struct buf out;
        buf_init(&out, 0);
        draft_record(&schema->records[i], &out);
        assert_false(buf_failed(&out));
        buf_free(&out);
    }
}

static void a_failed_allocation_leaves_a_failed_buffer(void **state)
{
    (void)state;
    size_t before = mem_live();
    for (size_t n = 1;; n++) {
        struct buf out;
        buf_init(&out, 0);
        mem_fail_at(n);
        draft_record(schema_record(schema, SPAN_LIT("hazard")), &out);
        size_t asked = mem_fail_at(0);
        bool failed = buf_failed(&out);
        buf_free(&out);
        assert_int_equal(mem_live(), before);
        if (asked < n) {
            assert_false(failed);
            break;
        }
        assert_true(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_draft_of_a_transition_is_this),
        cmocka_unit_test(every_record_has_a_draft_within_the_limits_of_a_table),
        cmocka_unit_test(a_failed_allocation_leaves_a_failed_buffer),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
