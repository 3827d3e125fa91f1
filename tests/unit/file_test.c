/* SPDX-License-Identifier: Apache-2.0 */
/* A file is read whole or not at all, and never beyond the buffer's maximum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

#define BYTES 40000

static char path[] = "/tmp/file_test_XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    char bytes[BYTES];
    memset(bytes, 'x', sizeof(bytes));
    bytes[BYTES - 1] = 'y';
    return fd < 0 || write(fd, bytes, sizeof(bytes)) != BYTES || close(fd) != 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void a_file_is_appended_whole(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 0);
    buf_puts(&out, "ab");
    assert_int_equal(file_read(path, &out), ERR_OK);
    assert_int_equal(out.len, BYTES + 2);
    assert_memory_equal(out.data, "abx", 3);
    assert_int_equal(out.data[out.len - 1], 'y');
    buf_free(&out);
}

static void the_maximum_is_kept_to_the_byte(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, BYTES);
    assert_int_equal(file_read(path, &out), ERR_OK);
    assert_int_equal(out.len, BYTES);
    buf_free(&out);
    buf_init(&out, BYTES - 1);
    assert_int_equal(file_read(path, &out), ERR_FULL);
    buf_free(&out);
}

static void what_cannot_be_read_is_told_by_errno(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 0);
    assert_int_equal(file_read("/nowhere/at/all", &out), ERR_NOT_FOUND);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(file_read("/tmp", &out), ERR_IO);
    assert_int_equal(errno, EISDIR);
    buf_free(&out);
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    size_t before = mem_live();
    for (size_t n = 1;; n++) {
        struct buf out;
        buf_init(&out, 0);
        mem_fail_at(n);
        enum err e = file_read(path, &out);
        size_t asked = mem_fail_at(0);
        buf_free(&out);
        assert_int_equal(mem_live(), before);
        assert_int_equal(e, asked < n ? ERR_OK : ERR_NOMEM);
        if (asked < n) {
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_appended_whole),
        cmocka_unit_test(the_maximum_is_kept_to_the_byte),
        cmocka_unit_test(what_cannot_be_read_is_told_by_errno),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests_name("file", tests, make_file, remove_file);
}
