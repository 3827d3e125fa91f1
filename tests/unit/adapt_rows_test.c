/* SPDX-License-Identifier: Apache-2.0 */
/* Containers into rows: JSON and CSV, with what their bytes may hold against us. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt/csv_rows.h"
#include "adapt/json_tree.h"
#include "base/alloc.h"

#define DEPTH 8

static struct arena arena;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void assert_span(struct span got, const char *expected)
{
    assert_int_equal(got.len, strlen(expected));
    assert_memory_equal(got.at, expected, got.len);
}

static const struct node *child(const struct node *parent, size_t i)
{
    const struct node *it = parent->first;
    while (i-- > 0) {
        it = it->next;
    }
    return it;
}

static enum reason refused_json(const char *text)
{
    struct node *root = NULL;
    struct problem problem = {.reason = REASON_NONE};
    enum err err = json_tree(span_of(text), DEPTH, &arena, &root, &problem);
    assert_int_equal(err, problem.reason == REASON_NONE ? ERR_OK : ERR_SYNTAX);
    return problem.reason;
}

/* ---- JSON ---- */

static void json_keeps_numbers_as_written_and_rows_as_bytes(void **state)
{
    (void)state;
    struct node *root = NULL;
    struct problem problem = {.reason = REASON_NONE};
    const char *text = "[ {\"a\": 12345678901234567890123, \"b\":\"x\\u4e00\", \"c\":[1,2]} ,{}]";
    assert_int_equal(json_tree(span_of(text), DEPTH, &arena, &root, &problem), ERR_OK);
    assert_int_equal(root->kind, NODE_ARRAY);
    assert_int_equal(root->count, 2);
    const struct node *row = child(root, 0);
    assert_span(node_member(row, SPAN_LIT("a"))->text, "12345678901234567890123");
    assert_span(node_member(row, SPAN_LIT("b"))->text, "x一");
    assert_span(node_member(row, SPAN_LIT("c"))->raw, "[1,2]");
    assert_span(row->raw, "{\"a\": 12345678901234567890123, \"b\":\"x\\u4e00\", \"c\":[1,2]}");
    assert_span(child(root, 1)->raw, "{}");
}

static void a_doubled_member_marks_its_row_only(void **state)
{
    (void)state;
    struct node *root = NULL;
    struct problem problem = {.reason = REASON_NONE};
    assert_int_equal(
        json_tree(SPAN_LIT("[{\"a\":1,\"a\":2},{\"a\":1}]"), DEPTH, &arena, &root, &problem),
        ERR_OK);
    assert_true(child(child(root, 0), 1)->doubled);
    assert_false(child(child(root, 1), 0)->doubled);
}

static void what_is_no_json_is_refused(void **state)
{
    (void)state;
    assert_int_equal(refused_json(""), REASON_EMPTY_MESSAGE);
    assert_int_equal(refused_json("[1,]"), REASON_UNREADABLE);
    assert_int_equal(refused_json("{\"a\":1"), REASON_UNREADABLE);
    assert_int_equal(refused_json("[1] x"), REASON_UNREADABLE);
    assert_int_equal(refused_json("[\"\\ud800\"]"), REASON_BAD_ENCODING);
    assert_int_equal(refused_json("[[[[[[[[1]]]]]]]]"), REASON_NONE);
    assert_int_equal(refused_json("[[[[[[[[[1]]]]]]]]]"), REASON_TOO_DEEP);
}

static void members_and_values_are_bounded(void **state)
{
    (void)state;
    struct buf text;
    struct node *root = NULL;
    struct problem problem = {.reason = REASON_NONE};
    buf_init(&text, 0);
    buf_puts(&text, "{");
    for (int i = 0; i < NODE_MEMBERS_MAX + 5; i++) {
        buf_printf(&text, "%s\"k%d\":1", i > 0 ? "," : "", i);
    }
    buf_puts(&text, "}");
    assert_int_equal(json_tree(buf_span(&text), DEPTH, &arena, &root, &problem), ERR_OK);
    assert_true(root->crowded);
    assert_int_equal(root->count, NODE_MEMBERS_MAX);
    buf_reset(&text);
    buf_puts(&text, "[1");
    for (int i = 0; i < NODE_COUNT_MAX; i++) {
        buf_puts(&text, ",1");
    }
    buf_puts(&text, "]");
    assert_int_equal(json_tree(buf_span(&text), DEPTH, &arena, &root, &problem), ERR_SYNTAX);
    assert_int_equal(problem.reason, REASON_TOO_MANY);
    buf_free(&text);
}

/* ---- CSV ---- */

static enum reason read_csv(const char *text, struct csv_table *table)
{
    struct problem problem = {.reason = REASON_NONE};
    enum err err = csv_rows(span_of(text), ',', &arena, table, &problem);
    assert_int_equal(err, problem.reason == REASON_NONE ? ERR_OK : ERR_SYNTAX);
    return problem.reason;
}

static void a_first_cell_may_hold_line_ends(void **state)
{
    (void)state;
    struct csv_table t;
    assert_int_equal(read_csv("\"甲\n列\",乙\n\n\"一\n\n二\",2\n\n3,4\n\"\n\n\",5", &t),
                     REASON_NONE);
    assert_span(child(t.header, 0)->text, "甲\n列");
    assert_int_equal(t.rows->count, 3);
    assert_int_equal(child(t.rows, 0)->line, 4);
    assert_span(child(t.rows, 0)->raw, "\"一\n\n二\",2\n");
    assert_int_equal(child(t.rows, 1)->line, 8);
    assert_span(child(t.rows, 1)->raw, "3,4\n");
    assert_int_equal(child(t.rows, 2)->line, 9);
    assert_span(child(t.rows, 2)->raw, "\"\n\n\",5");
}

static void rows_know_their_lines_and_bytes(void **state)
{
    (void)state;
    struct csv_table t;
    assert_int_equal(read_csv("甲,乙\r\n\r\n1,\"两\r\n行\"\r\n,\r\n3,\"4\"\"\"\r\n", &t),
                     REASON_NONE);
    assert_int_equal(t.rows->count, 2);
    const struct node *first = child(t.rows, 0);
    assert_int_equal(first->line, 3);
    assert_span(node_member(first, SPAN_LIT("乙"))->text, "两\r\n行");
    assert_span(first->raw, "1,\"两\r\n行\"\r\n");
    const struct node *second = child(t.rows, 1);
    assert_int_equal(second->line, 6);
    assert_span(node_member(second, SPAN_LIT("乙"))->text, "4\"");
    assert_span(second->raw, "3,\"4\"\"\"\r\n");
}

static void every_line_end_counts_and_the_last_may_lack(void **state)
{
    (void)state;
    static const char *const texts[] = {"a,b\n1,2\n3,4", "a,b\r1,2\r3,4\r", "a,b\r\n1,2\r\n3,4"};
    for (size_t i = 0; i < 3; i++) {
        struct csv_table t;
        assert_int_equal(read_csv(texts[i], &t), REASON_NONE);
        assert_int_equal(t.rows->count, 2);
        assert_int_equal(child(t.rows, 1)->line, 3);
        assert_span(node_member(child(t.rows, 1), SPAN_LIT("b"))->text, "4");
    }
}

static void a_row_of_another_width_stays_a_list_of_cells(void **state)
{
    (void)state;
    struct csv_table t;
    assert_int_equal(read_csv("a,b\n1\n1,2,3\n", &t), REASON_NONE);
    assert_int_equal(child(t.rows, 0)->kind, NODE_ARRAY);
    assert_int_equal(child(t.rows, 0)->line, 2);
    assert_int_equal(child(t.rows, 1)->kind, NODE_ARRAY);
    assert_int_equal(child(t.rows, 1)->count, 3);
}

static void what_is_no_csv_is_refused(void **state)
{
    (void)state;
    struct csv_table t;
    assert_int_equal(read_csv("a,b\n1,\"2\n", &t), REASON_UNREADABLE);
    assert_int_equal(read_csv("a,b\n1,\"2\"x\n", &t), REASON_UNREADABLE);
    assert_int_equal(read_csv("a,b\n1,2\"x\n", &t), REASON_UNREADABLE);
    assert_int_equal(read_csv("", &t), REASON_EMPTY_MESSAGE);
    assert_int_equal(read_csv("\n,,\n", &t), REASON_EMPTY_MESSAGE);
    assert_int_equal(read_csv("a,a\n1,2\n", &t), REASON_DUPLICATE_MEMBER);
}

static void a_column_without_a_name_is_called_by_its_place(void **state)
{
    (void)state;
    struct csv_table t;
    assert_int_equal(read_csv("a,,c\n1,2,3\n", &t), REASON_NONE);
    assert_span(node_member(child(t.rows, 0), SPAN_LIT("column 2"))->text, "2");
}

/* ---- memory ---- */

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    for (size_t n = 1; n < 40; n++) {
        struct arena small;
        struct node *root = NULL;
        struct csv_table table;
        struct problem problem = {.reason = REASON_NONE};
        size_t before = mem_live();
        arena_init(&small, 1 << 20);
        (void)mem_fail_at(n);
        enum err json = json_tree(SPAN_LIT("[{\"a\":[1,\"x\"]}]"), DEPTH, &small, &root, &problem);
        enum err csv = csv_rows(SPAN_LIT("a,b\n1,\"2\"\n"), ',', &small, &table, &problem);
        (void)mem_fail_at(0);
        assert_true(json == ERR_OK || json == ERR_NOMEM);
        assert_true(csv == ERR_OK || csv == ERR_NOMEM);
        arena_free(&small);
        assert_int_equal(mem_live(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(json_keeps_numbers_as_written_and_rows_as_bytes, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_doubled_member_marks_its_row_only, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_json_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(members_and_values_are_bounded, begin, end),
        cmocka_unit_test_setup_teardown(a_first_cell_may_hold_line_ends, begin, end),
        cmocka_unit_test_setup_teardown(rows_know_their_lines_and_bytes, begin, end),
        cmocka_unit_test_setup_teardown(every_line_end_counts_and_the_last_may_lack, begin, end),
        cmocka_unit_test_setup_teardown(a_row_of_another_width_stays_a_list_of_cells, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_csv_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_column_without_a_name_is_called_by_its_place, begin, end),
        cmocka_unit_test_setup_teardown(every_failed_allocation_is_reported, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
