/* SPDX-License-Identifier: Apache-2.0 */
/* Works on bytes of valid UTF-8. */
#include "adapt/fold.h"

#include <stdint.h>

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static const struct span wide_spaces[] = {
    {"\xC2\xA0", 2}, {"\xE3\x80\x80", 3}, {"\xEF\xBB\xBF", 3}};
#define N_WIDE_SPACES (sizeof wide_spaces / sizeof wide_spaces[0])

static size_t space_at_front(struct span s)
{
    if (s.len > 0 && is_space(s.at[0])) {
        return 1;
    }
    for (size_t i = 0; i < N_WIDE_SPACES; i++) {
        if (span_starts(s, wide_spaces[i])) {
            return wide_spaces[i].len;
        }
    }
    return 0;
}

static size_t space_at_back(struct span s)
{
    if (s.len > 0 && is_space(s.at[s.len - 1])) {
        return 1;
    }
    for (size_t i = 0; i < N_WIDE_SPACES; i++) {
        size_t n = wide_spaces[i].len;
        if (s.len >= n && memcmp(s.at + s.len - n, wide_spaces[i].at, n) == 0) {
            return n;
        }
    }
    return 0;
}

struct span fold_trim(struct span text)
{
    size_t n;
    while ((n = space_at_front(text)) > 0) {
        text.at += n;
        text.len -= n;
    }
    while ((n = space_at_back(text)) > 0) {
        text.len -= n;
    }
    return text;
}

/* The ASCII character that the three bytes stand for, or 0. */
static char narrow(const uint8_t *b, size_t left)
{
    if (left < 3) {
        return 0;
    }
    if (b[0] == 0xE3 && b[1] == 0x80 && b[2] == 0x80) {
        return ' ';
    }
    if (b[0] != 0xEF || (b[1] != 0xBC && b[1] != 0xBD)) {
        return 0;
    }
    unsigned code = 0xF000u | ((b[1] & 0x3Fu) << 6) | (b[2] & 0x3Fu);
    return code >= 0xFF01 && code <= 0xFF5E ? (char)(code - 0xFF01 + '!') : 0;
}

static bool holds_wide(struct span text)
{
    return text.len > 0 &&
           (memchr(text.at, 0xEF, text.len) != NULL || memchr(text.at, 0xE3, text.len) != NULL);
}

struct span fold_width(struct span text, struct arena *arena)
{
    if (!holds_wide(text)) {
        return text;
    }
    char *out = arena_alloc(arena, text.len + 1);
    if (!out) {
        return SPAN_NONE;
    }
    const uint8_t *in = (const uint8_t *)text.at;
    size_t len = 0;
    for (size_t i = 0; i < text.len;) {
        char c = narrow(in + i, text.len - i);
        out[len++] = c ? c : text.at[i];
        i += c ? 3 : 1;
    }
    out[len] = '\0';
    return (struct span){out, len};
}
