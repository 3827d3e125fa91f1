/* SPDX-License-Identifier: Apache-2.0 */
/* Four characters at a time. What is written never overtakes what is still to be read, so that a
 * text may be decoded in its own place. */
#include "base/base64.h"

#include <stdint.h>

#define NONE 64

/* clang-format off */
/* Value plus one, so that what is not named is none. */
static const uint8_t values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};
/* clang-format on */

/* NONE or above where the character is not of the alphabet. */
static uint32_t value_of(char c)
{
    return (uint8_t)(values[(unsigned char)c] - 1);
}

static size_t padding(struct span text)
{
    size_t pad = 0;
    while (pad < 2 && pad < text.len && text.at[text.len - 1 - pad] == '=') {
        pad++;
    }
    return pad;
}

size_t base64_size(struct span text)
{
    size_t size = text.len / 4 * 3;
    size_t pad = padding(text);
    return size > pad ? size - pad : 0;
}

/* The last group: n characters of the alphabet, the rest padding. */
static bool decode_last(const char *from, size_t n, char *out)
{
    uint32_t a = value_of(from[0]);
    uint32_t b = value_of(from[1]);
    uint32_t c = n == 3 ? value_of(from[2]) : 0;
    if ((a | b | c) >= NONE || (n == 2 && (b & 0xF) != 0) || (n == 3 && (c & 0x3) != 0)) {
        return false;
    }
    out[0] = (char)(a << 2 | b >> 4);
    if (n == 3) {
        out[1] = (char)((b & 0xF) << 4 | c >> 2);
    }
    return true;
}

bool base64_decode(struct span text, char *out)
{
    size_t pad = padding(text);
    if (text.len % 4 != 0) {
        return false;
    }
    size_t whole = pad > 0 ? text.len - 4 : text.len;
    uint32_t wrong = 0;
    for (size_t i = 0; i < whole; i += 4) {
        uint32_t a = value_of(text.at[i]);
        uint32_t b = value_of(text.at[i + 1]);
        uint32_t c = value_of(text.at[i + 2]);
        uint32_t d = value_of(text.at[i + 3]);
        wrong |= a | b | c | d;
        *out++ = (char)(a << 2 | b >> 4);
        *out++ = (char)((b & 0xF) << 4 | c >> 2);
        *out++ = (char)((c & 0x3) << 6 | d);
    }
    return wrong < NONE && (pad == 0 || decode_last(text.at + whole, 4 - pad, out));
}
