/* SPDX-License-Identifier: Apache-2.0 */
/* layout and rows: structs and messages as rows of a table, by the names of its columns. */
#include "pg/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"

#define ROW_TYPE 70001
#define NOTE_OID 25

static struct schema *schema;
static const struct record_type *record; /* zero_report: few fields of several kinds */

struct head {
    struct span uscc;
    int64_t ledger_no, seen_at;
    bool deleted;
    uint64_t seq;
};

static const struct member members[] = {
    MEMBER(struct head, uscc, CELL_TEXT),    MEMBER(struct head, ledger_no, CELL_INT),
    MEMBER(struct head, seen_at, CELL_TIME), MEMBER(struct head, deleted, CELL_BOOL),
    MEMBER(struct head, seq, CELL_COUNT),
};
#define N_MEMBERS (sizeof members / sizeof members[0])

static struct table_column columns[] = {
    {"uscc", PG_TEXT},
    {"note", NOTE_OID},
    {"ledger_no", PG_INT8},
    {"seq", PG_NUMERIC},
    {"deleted", PG_BOOL},
    {"seen_at", PG_TIMESTAMPTZ},
    {"period", PG_TEXT},
    {"kind", PG_TEXT},
    {"statement", PG_TEXT},
    {"signer", PG_TEXT},
    {"signed_at", PG_TIMESTAMPTZ},
    {"checks_done", PG_INT4},
};
#define N_COLUMNS (sizeof columns / sizeof columns[0])

static const struct table table = {"exchange.zero_report", ROW_TYPE, columns, N_COLUMNS};

static int given_a_schema(void **state)
{
    const char *why = NULL;
    (void)state;
    if (schema_load(&schema, &why) != ERR_OK) {
        return -1;
    }
    record = schema_record(schema, SPAN_LIT("zero_report"));
    return record ? 0 : -1;
}

static int and_no_leak(void **state)
{
    (void)state;
    schema_free(schema);
    return mem_live() == 0 ? 0 : -1;
}

/* ---- reading what was written ---- */

static uint32_t be32(const char *at)
{
    const uint8_t *p = (const uint8_t *)at;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Column of a row (from 0) of the array; at NULL for SQL NULL. Checks what it passes. */
static struct span cell(const struct pg_param *p, size_t row, const char *column)
{
    const char *at = p->data;
    struct span out = SPAN_NONE;
    assert_int_equal(be32(at), 1);
    assert_int_equal(be32(at + 8), ROW_TYPE);
    assert_true(row < be32(at + 12));
    at += 20;
    for (size_t r = 0; r <= row; r++) {
        const char *end = at + 4 + be32(at);
        at += 4;
        assert_int_equal(be32(at), N_COLUMNS);
        at += 4;
        for (size_t c = 0; c < N_COLUMNS; c++) {
            uint32_t len = be32(at + 4);
            assert_int_equal(be32(at), columns[c].type);
            if (r == row && strcmp(columns[c].name, column) == 0) {
                out = len == UINT32_MAX ? SPAN_NONE : (struct span){at + 8, len};
            }
            at += 8 + (len == UINT32_MAX ? 0 : len);
        }
        assert_ptr_equal(at, end);
    }
    return out;
}

static struct layout bound(struct arena *arena)
{
    struct layout l;
    const char *why = "";
    arena_init(arena, 1 << 20);
    if (layout_bind(&l, arena, &table, members, N_MEMBERS, record, &why) != ERR_OK) {
        fail_msg("%s", why);
    }
    return l;
}

static Dualgate__V1__ZeroReport a_body(void)
{
    static char period[] = "2020-10";
    static char statement[] = "无隐患";
    static char signed_at[] = "2020-11-01T08:00:00+08:00";
    Dualgate__V1__ZeroReport body = DUALGATE__V1__ZERO_REPORT__INIT;
    body.period = period;
    body.has_kind = 1;
    body.kind = (Dualgate__V1__ZeroKind__Code)code_by_number(
                    message_field(record->message, SPAN_LIT("kind"))->codes, 1)
                    ->number;
    body.statement = statement;
    body.signed_at = signed_at;
    body.has_checks_done = 1;
    body.checks_done = -3;
    return body;
}

/* ---- tests ---- */

static void members_and_fields_go_to_the_columns_of_their_names(void **state)
{
    (void)state;
    struct arena arena;
    struct layout l = bound(&arena);
    struct rows rows;
    struct pg_param p;
    Dualgate__V1__ZeroReport body = a_body();
    struct head head = {SPAN_LIT("91"), 7, TIME_NONE, true, UINT64_MAX};
    rows_init(&rows, 0);
    rows_begin(&rows, &l);
    rows_add(&rows, &head, &body.base);
    head = (struct head){SPAN_LIT(""), 8, INT64_C(946684800000001), false, 0};
    rows_add(&rows, &head, NULL);
    assert_int_equal(rows_param(&rows, &p), ERR_OK);
    assert_true(span_is(cell(&p, 0, "uscc"), "91"));
    assert_null(cell(&p, 0, "note").at); /* nothing is bound to it */
    assert_int_equal(be32(cell(&p, 0, "ledger_no").at + 4), 7);
    assert_null(cell(&p, 0, "seen_at").at);
    assert_int_equal(cell(&p, 0, "deleted").at[0], 1);
    assert_int_equal(cell(&p, 0, "seq").len, 8 + 2 * 5); /* 1844 6744 0737 0955 1615 */
    assert_true(span_is(cell(&p, 0, "period"), "2020-10"));
    assert_true(span_is(cell(&p, 0, "statement"), "无隐患"));
    assert_true(cell(&p, 0, "kind").len > 3); /* by name */
    assert_int_equal(cell(&p, 0, "signed_at").len, 8);
    assert_int_equal((int32_t)be32(cell(&p, 0, "checks_done").at), -3);
    assert_null(cell(&p, 0, "signer").at);
    assert_int_equal(cell(&p, 1, "uscc").len, 0);
    assert_non_null(cell(&p, 1, "uscc").at);
    assert_int_equal(be32(cell(&p, 1, "seen_at").at + 4), 1);
    assert_null(cell(&p, 1, "period").at);
    rows_free(&rows);
    arena_free(&arena);
}

static void rows_begin_empties(void **state)
{
    (void)state;
    struct arena arena;
    struct layout l = bound(&arena);
    struct rows rows;
    struct pg_param first;
    struct pg_param second;
    struct head head = {SPAN_LIT("91"), 7, TIME_NONE, true, 1};
    rows_init(&rows, 0);
    for (int i = 0; i < 2; i++) {
        rows_begin(&rows, &l);
        rows_add(&rows, &head, NULL);
        assert_int_equal(rows_param(&rows, i == 0 ? &first : &second), ERR_OK);
    }
    assert_int_equal(first.len, second.len);
    rows_free(&rows);
    arena_free(&arena);
}

static void a_column_that_is_missing_is_named(void **state)
{
    (void)state;
    struct arena arena;
    struct layout l;
    const char *why = "";
    struct table narrow = table;
    arena_init(&arena, 1 << 20);
    narrow.n_columns = N_COLUMNS - 1;
    assert_int_equal(layout_bind(&l, &arena, &narrow, members, N_MEMBERS, record, &why),
                     ERR_INVALID);
    assert_non_null(strstr(why, "exchange.zero_report lacks column checks_done"));
    arena_free(&arena);
}

static void a_column_of_another_type_is_named(void **state)
{
    (void)state;
    struct arena arena;
    struct layout l;
    const char *why = "";
    arena_init(&arena, 1 << 20);
    columns[2].type = PG_TEXT;
    assert_int_equal(layout_bind(&l, &arena, &table, members, N_MEMBERS, record, &why),
                     ERR_INVALID);
    columns[2].type = PG_INT8;
    assert_non_null(strstr(why, "another type than the schema for column ledger_no"));
    arena_free(&arena);
}

static void memory_that_runs_out_is_told_at_the_end(void **state)
{
    (void)state;
    struct arena arena;
    struct layout l = bound(&arena);
    struct rows rows;
    struct pg_param p;
    struct head head = {SPAN_LIT("91"), 7, TIME_NONE, true, 1};
    rows_init(&rows, 512);
    rows_begin(&rows, &l);
    for (int i = 0; i < 100; i++) {
        rows_add(&rows, &head, NULL);
    }
    assert_int_equal(rows_param(&rows, &p), ERR_NOMEM);
    rows_begin(&rows, &l); /* and is forgotten */
    assert_int_equal(rows_param(&rows, &p), ERR_OK);
    (void)mem_fail_at(1);
    struct rows none;
    rows_init(&none, 0);
    rows_begin(&none, &l);
    rows_add(&none, &head, NULL);
    (void)mem_fail_at(0);
    assert_int_equal(rows_param(&none, &p), ERR_NOMEM);
    rows_free(&none);
    rows_free(&rows);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_fields_go_to_the_columns_of_their_names),
        cmocka_unit_test(rows_begin_empties),
        cmocka_unit_test(a_column_that_is_missing_is_named),
        cmocka_unit_test(a_column_of_another_type_is_named),
        cmocka_unit_test(memory_that_runs_out_is_told_at_the_end),
    };
    return cmocka_run_group_tests(tests, given_a_schema, and_no_leak);
}
