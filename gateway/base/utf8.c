/* SPDX-License-Identifier: Apache-2.0 */
/* Scans over bytes from outside, so both strict and fast: plain ASCII goes eight bytes at a time,
 * the three-byte forms of Chinese have a short path. Nothing is changed or replaced: the answer is
 * always an offset into the input. */
#include "base/utf8.h"

#include <stdint.h>

#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

static uint64_t load8(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

static bool is_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* Table 3-7 for a lead byte of three or four: what the second byte may be. */
static bool second_ok(unsigned char lead, unsigned char second)
{
    switch (lead) {
    case 0xe0:
        return second >= 0xa0 && second <= 0xbf;
    case 0xed:
        return second >= 0x80 && second <= 0x9f;
    case 0xf0:
        return second >= 0x90 && second <= 0xbf;
    case 0xf4:
        return second >= 0x80 && second <= 0x8f;
    default:
        return is_tail(second);
    }
}

/* Bytes of the well-formed character at p, 0 if there is none. `left` is at least 1. */
static size_t char_bytes(const unsigned char *p, size_t left)
{
    unsigned char lead = p[0];
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        return left >= 3 && second_ok(lead, p[1]) && is_tail(p[2]) ? 3 : 0;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return left >= 2 && is_tail(p[1]) ? 2 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        return left >= 4 && second_ok(lead, p[1]) && is_tail(p[2]) && is_tail(p[3]) ? 4 : 0;
    }
    return 0;
}

/* Three bytes whose lead asks nothing special of the second: nearly all Chinese text. */
static bool plain_three(const unsigned char *p)
{
    return p[0] >= 0xe1 && p[0] <= 0xef && p[0] != 0xed && is_tail(p[1]) && is_tail(p[2]);
}

size_t utf8_valid_prefix(struct span s)
{
    size_t i = 0;
    while (i < s.len) {
        while (s.len - i >= 8 && (load8(s.at + i) & HIGHS) == 0) {
            i += 8;
        }
        while (s.len - i >= 3 && plain_three((const unsigned char *)s.at + i)) {
            i += 3;
        }
        /* A few characters of any kind, then look for runs again. */
        for (int n = 0; n < 4 && i < s.len; n++) {
            size_t bytes = char_bytes((const unsigned char *)s.at + i, s.len - i);
            if (bytes == 0) {
                return i;
            }
            i += bytes;
        }
    }
    return i;
}

/* The value of \uXXXX at p, or -1 if there is no such escape. */
static int32_t escape_value(const char *p, size_t left)
{
    if (left < 6 || p[0] != '\\' || p[1] != 'u') {
        return -1;
    }
    int32_t value = 0;
    for (int i = 2; i < 6; i++) {
        char c = p[i];
        int32_t digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* Bytes of the escape at p; 0 when it is half of a surrogate pair. What is no proper \u escape is
 * left to the JSON parser. */
static size_t escape_bytes(const char *p, size_t left)
{
    int32_t value = escape_value(p, left);
    if (value < 0) {
        return left < 2 ? left : 2;
    }
    if (value >= 0xd800 && value <= 0xdbff) {
        int32_t low = escape_value(p + 6, left - 6);
        return low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
    }
    return value >= 0xdc00 && value <= 0xdfff ? 0 : 6;
}

size_t utf8_json_valid_prefix(struct span s)
{
    size_t valid = utf8_valid_prefix(s);
    size_t i = 0;
    while (i < valid) {
        const char *slash = memchr(s.at + i, '\\', valid - i);
        if (!slash) {
            break;
        }
        i = (size_t)(slash - s.at);
        size_t bytes = escape_bytes(slash, valid - i);
        if (bytes == 0) {
            return i;
        }
        i += bytes;
    }
    return valid;
}

size_t utf8_length(struct span s)
{
    size_t tails = 0;
    size_t i = 0;
    for (; s.len - i >= 8; i += 8) {
        uint64_t word = load8(s.at + i);
        tails += (size_t)__builtin_popcountll(word & ~(word << 1) & HIGHS);
    }
    for (; i < s.len; i++) {
        tails += is_tail((unsigned char)s.at[i]);
    }
    return s.len - tails;
}

static uint64_t has_zero(uint64_t word)
{
    return (word - ONES) & ~word & HIGHS;
}

/* Nothing in these eight bytes can begin or be a character that is not allowed. */
static bool plain8(uint64_t word)
{
    uint64_t below_space = (word - ONES * 0x20) & ~word & HIGHS;
    return (below_space | has_zero(word ^ ONES * 0x7f) | has_zero(word ^ ONES * 0xc2) |
            has_zero(word ^ ONES * 0xef)) == 0;
}

static bool forbidden_at(const unsigned char *p, size_t left)
{
    if (p[0] < 0x20) {
        return p[0] != '\t' && p[0] != '\n' && p[0] != '\r';
    }
    if (p[0] == 0xc2) {
        return left >= 2 && p[1] < 0xa0;
    }
    if (p[0] == 0xef) {
        return left >= 3 && p[1] == 0xbf && p[2] >= 0xbe;
    }
    return p[0] == 0x7f;
}

size_t utf8_text_prefix(struct span s)
{
    size_t i = 0;
    while (i < s.len) {
        if (s.len - i >= 8 && plain8(load8(s.at + i))) {
            i += 8;
            continue;
        }
        /* A step of one byte is safe: no tail byte is among those looked for. */
        size_t end = s.len - i < 8 ? s.len : i + 8;
        for (; i < end; i++) {
            if (forbidden_at((const unsigned char *)s.at + i, s.len - i)) {
                return i;
            }
        }
    }
    return s.len;
}

struct span utf8_clip(struct span s, size_t max_chars)
{
    size_t i = 0;
    for (size_t chars = 0; i < s.len; i++) {
        if (is_tail((unsigned char)s.at[i])) {
            continue;
        }
        if (chars == max_chars) {
            break;
        }
        chars++;
    }
    return (struct span){s.at, i};
}
