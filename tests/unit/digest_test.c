/* SPDX-License-Identifier: Apache-2.0 */
/* Digests agree with the standard's examples; identifiers have the right shape. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/digest.h"

static void sha256_agrees_with_the_standard(void **state)
{
    (void)state;
    uint8_t d[DIGEST_BYTES];
    char hex[DIGEST_HEX + 1];
    digest_of(SPAN_LIT("abc"), d);
    hex_encode(d, sizeof(d), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_of(SPAN_NONE, d);
    hex_encode(d, sizeof(d), hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void hex_is_read_back_in_either_case(void **state)
{
    (void)state;
    uint8_t bytes[3];
    assert_int_equal(hex_decode(SPAN_LIT("00aBFf"), bytes, 3), ERR_OK);
    assert_memory_equal(bytes, "\x00\xab\xff", 3);
    assert_int_equal(hex_decode(SPAN_LIT("00aBF"), bytes, 3), ERR_SYNTAX);
    assert_int_equal(hex_decode(SPAN_LIT("00aBFg"), bytes, 3), ERR_SYNTAX);
    assert_int_equal(hex_decode(SPAN_LIT("00aBFf00"), bytes, 3), ERR_SYNTAX);
}

static void uuid8_carries_the_digest(void **state)
{
    (void)state;
    uint8_t d[DIGEST_BYTES];
    char text[UUID_TEXT + 1];
    memset(d, 0xff, sizeof(d));
    uuid8_of(d, text);
    assert_string_equal(text, "ffffffff-ffff-8fff-bfff-ffffffffffff");
    assert_true(uuid_is(span_of(text)));
}

static void uuid7_begins_with_the_time(void **state)
{
    (void)state;
    static const uint8_t chance[10] = {0};
    char text[UUID_TEXT + 1];
    uuid7_of(0x0192f3c48a10, chance, text);
    assert_string_equal(text, "0192f3c4-8a10-7000-8000-000000000000");
}

static void a_uuid_is_known_by_its_shape(void **state)
{
    (void)state;
    assert_true(uuid_is(SPAN_LIT("0192F3C4-8a10-7d31-9f6e-2b6f5a1c9e01")));
    assert_false(uuid_is(SPAN_LIT("0192f3c48a107d319f6e2b6f5a1c9e01")));
    assert_false(uuid_is(SPAN_LIT("0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e0g")));
    assert_false(uuid_is(SPAN_LIT("0192f3c4-8a10-7d31-9f6e-2b6f5a1c9e011")));
    assert_false(uuid_is(SPAN_LIT("0192f3c4a8a10-7d31-9f6e-2b6f5a1c9e01")));
}

static void chance_differs_from_chance(void **state)
{
    (void)state;
    uint8_t a[16], b[16];
    assert_int_equal(random_bytes(a, sizeof(a)), ERR_OK);
    assert_int_equal(random_bytes(b, sizeof(b)), ERR_OK);
    assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_agrees_with_the_standard),
        cmocka_unit_test(hex_is_read_back_in_either_case),
        cmocka_unit_test(uuid8_carries_the_digest),
        cmocka_unit_test(uuid7_begins_with_the_time),
        cmocka_unit_test(a_uuid_is_known_by_its_shape),
        cmocka_unit_test(chance_differs_from_chance),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
