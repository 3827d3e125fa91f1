/* SPDX-License-Identifier: Apache-2.0 */
/* Files that people prepare: which line a row begins on, what is left out, what is refused. */
#include "cli/csv_in.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"

struct seen {
    char text[4096];
    size_t len;
    size_t stop_at; /* line at which reading is stopped; 0: never */
};

static bool on_row(void *arg, size_t line, const struct span *cells, size_t n)
{
    struct seen *seen = arg;
    if (seen->stop_at == line) {
        return false;
    }
    seen->len +=
        (size_t)snprintf(seen->text + seen->len, sizeof seen->text - seen->len, "%zu:", line);
    for (size_t i = 0; i < n; i++) {
        seen->len += (size_t)snprintf(seen->text + seen->len, sizeof seen->text - seen->len,
                                      "[%.*s]", SPAN_ARG(cells[i]));
    }
    return true;
}

static enum err read_text(const char *text, struct seen *seen, struct csv_in_place *line)
{
    memset(seen, 0, sizeof *seen);
    enum err err = csv_in_read(span_of(text), on_row, seen, line);
    assert_int_equal(mem_live(), 0);
    return err;
}

static void rows_come_with_their_lines(void **state)
{
    static const struct {
        const char *text, *rows;
    } cases[] = {
        {"a,b\n1,2\n", "1:[a][b]2:[1][2]"},
        {"a,b\r\n1,2", "1:[a][b]2:[1][2]"},
        {"a,b\n\n\n1,2\n", "1:[a][b]4:[1][2]"},
        {"a,b\n,\n1,2\n", "1:[a][b]3:[1][2]"},
        {"a\n\"x\ny\"\nz\n", "1:[a]2:[x\ny]4:[z]"},
        {"a,b\n\"x\r\n\r\ny\",\"1\n2\"\nz,3\n", "1:[a][b]2:[x\r\n\r\ny][1\n2]6:[z][3]"},
        {"a\n\"x,\"\"y\"\"\"\n", "1:[a]2:[x,\"y\"]"},
        {" a , b \n\xe3\x80\x80甲\xc2\xa0,\n", "1:[a][b]2:[甲][]"},
        {"", ""},
        {"\n\n", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct seen seen;
        struct csv_in_place line;
        assert_int_equal(read_text(cases[i].text, &seen, &line), ERR_OK);
        assert_string_equal(seen.text, cases[i].rows);
    }
}

static void broken_quoting_is_told_with_its_line(void **state)
{
    (void)state;
    struct seen seen;
    struct csv_in_place line;
    assert_int_equal(read_text("a,b\n1,\"2\"x\n", &seen, &line), ERR_SYNTAX);
    assert_int_equal(line.line, 2);
    assert_int_equal(line.cell, 2);
    assert_int_equal(read_text("a,b\nx,y\n1,\"open\nfor ever\n", &seen, &line), ERR_SYNTAX);
    assert_int_equal(line.line, 3);
    assert_int_equal(line.cell, 2);
    assert_int_equal(read_text("a,b\n\"x\ny\"z,1\n", &seen, &line), ERR_SYNTAX);
    assert_int_equal(line.line, 3);
    assert_int_equal(line.cell, 1);
}

static void a_row_of_too_many_cells_is_refused(void **state)
{
    (void)state;
    char text[400];
    struct seen seen;
    struct csv_in_place line;
    memset(text, ',', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    text[0] = 'x';
    assert_int_equal(read_text(text, &seen, &line), ERR_FULL);
}

static void the_reader_can_be_stopped(void **state)
{
    (void)state;
    struct seen seen = {.stop_at = 2};
    struct csv_in_place line;
    assert_int_equal(csv_in_read(SPAN_LIT("a\nb\nc\n"), on_row, &seen, &line), ERR_CLOSED);
    assert_string_equal(seen.text, "1:[a]");
    assert_int_equal(mem_live(), 0);
}

static void short_memory_is_an_error_and_leaks_nothing(void **state)
{
    (void)state;
    enum err err = ERR_NOMEM;
    for (size_t n = 1; err != ERR_OK; n++) {
        struct seen seen;
        struct csv_in_place line;
        memset(&seen, 0, sizeof seen);
        (void)mem_fail_at(n);
        err = csv_in_read(SPAN_LIT("a,b\n\"x\ny\",2\n"), on_row, &seen, &line);
        (void)mem_fail_at(0);
        assert_true(err == ERR_OK || err == ERR_NOMEM);
        assert_int_equal(mem_live(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_with_their_lines),
        cmocka_unit_test(broken_quoting_is_told_with_its_line),
        cmocka_unit_test(a_row_of_too_many_cells_is_refused),
        cmocka_unit_test(the_reader_can_be_stopped),
        cmocka_unit_test(short_memory_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
