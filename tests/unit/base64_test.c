/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void what_the_standard_writes_is_read(void **state)
{
    (void)state;
    /* RFC 4648 §10 */
    static const char *const pairs[][2] = {
        {"", ""},
        {"Zg==", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {"Zm9vYg==", "foob"},
        {"Zm9vYmE=", "fooba"},
        {"Zm9vYmFy", "foobar"},
        {"+/+/", "\xfb\xff\xbf"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char text[16];
        int len = snprintf(text, sizeof text, "%s", pairs[i][0]);
        struct span s = {text, (size_t)len};
        size_t size = base64_size(s);
        assert_int_equal(size, strlen(pairs[i][1]));
        assert_true(base64_decode(s, text)); /* in its own place */
        assert_memory_equal(text, pairs[i][1], size);
    }
}

static void any_other_spelling_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "Z",        "Zg",   "Zg=",     "Zm9v\n",   "Zm9v\nYmFy", " Zm9",       "Zm9 ",
        "Zh==",     "Zm9=", "Z===",    "====",     "=g==",       "Zg==Zg==",   "Zm-_",
        "Zm9vYg=A", "Z=9v", "Zm9vZm=", "Zm9v\r\n", "Zm9\xc3",    "Zm9vZg==\n",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char out[16];
        if (base64_decode(span_of(wrong[i]), out)) {
            fail_msg("taken: <%s>", wrong[i]);
        }
    }
}

static void every_byte_comes_back(void **state)
{
    (void)state;
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (unsigned v = 0; v < 256; v++) {
        const char text[] = {'A', alphabet[v >> 4], alphabet[(v & 15) << 2], '='};
        char out[3];
        assert_true(base64_decode((struct span){text, 4}, out));
        assert_int_equal((unsigned char)out[0], 0);
        assert_int_equal((unsigned char)out[1], v);
        const char lone[] = {(char)v, 'A', 'A', 'A'};
        assert_int_equal(base64_decode((struct span){lone, 4}, out),
                         v != 0 && memchr(alphabet, (int)v, sizeof alphabet - 1) != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_standard_writes_is_read),
        cmocka_unit_test(any_other_spelling_is_refused),
        cmocka_unit_test(every_byte_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
