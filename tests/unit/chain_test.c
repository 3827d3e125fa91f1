/* SPDX-License-Identifier: Apache-2.0 */
/* chain: the hash of a batch depends on everything it says and on the batch before. */
#include "pg/chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"

static const uint8_t content[DIGEST_BYTES] = {1, 2, 3};

static void hash(uint8_t out[DIGEST_BYTES], struct span prev, int32_t lane, int64_t no,
                 int64_t ledger_no, enum verdict v)
{
    struct buf b;
    buf_init(&b, 0);
    chain_begin(&b, prev, lane, no);
    chain_add(&b, ledger_no, content, v);
    assert_int_equal(chain_end(&b, out), ERR_OK);
    buf_free(&b);
}

static void it_is_the_digest_that_the_header_describes(void **state)
{
    (void)state;
    uint8_t said[DIGEST_BYTES];
    uint8_t expected[DIGEST_BYTES];
    char bytes[4 + 8 + 8 + DIGEST_BYTES + 1] = {0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 1, 0};
    bytes[4 + 8 + 7] = 9;
    memcpy(bytes + 20, content, DIGEST_BYTES);
    bytes[sizeof bytes - 1] = 0; /* STORED */
    digest_of((struct span){bytes, sizeof bytes}, expected);
    hash(said, SPAN_NONE, 2, 256, 9, VERDICT_STORED);
    assert_memory_equal(said, expected, DIGEST_BYTES);
}

static void everything_it_says_changes_it(void **state)
{
    (void)state;
    uint8_t one[DIGEST_BYTES];
    uint8_t other[DIGEST_BYTES];
    hash(one, SPAN_NONE, 1, 1, 1, VERDICT_STORED);
    hash(other, (struct span){(const char *)one, DIGEST_BYTES}, 1, 1, 1, VERDICT_STORED);
    assert_memory_not_equal(one, other, DIGEST_BYTES);
    hash(other, SPAN_NONE, 2, 1, 1, VERDICT_STORED);
    assert_memory_not_equal(one, other, DIGEST_BYTES);
    hash(other, SPAN_NONE, 1, 2, 1, VERDICT_STORED);
    assert_memory_not_equal(one, other, DIGEST_BYTES);
    hash(other, SPAN_NONE, 1, 1, 2, VERDICT_STORED);
    assert_memory_not_equal(one, other, DIGEST_BYTES);
    hash(other, SPAN_NONE, 1, 1, 1, VERDICT_STALE);
    assert_memory_not_equal(one, other, DIGEST_BYTES);
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    struct buf b;
    uint8_t out[DIGEST_BYTES];
    buf_init(&b, 20);
    chain_begin(&b, SPAN_NONE, 1, 1);
    chain_add(&b, 1, content, VERDICT_STORED);
    assert_int_equal(chain_end(&b, out), ERR_NOMEM);
    buf_free(&b);
    assert_int_equal(mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_digest_that_the_header_describes),
        cmocka_unit_test(everything_it_says_changes_it),
        cmocka_unit_test(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
