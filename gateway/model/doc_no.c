/* SPDX-License-Identifier: Apache-2.0 */
/* First digits and spaces, then the brackets around what is a year by then. */
#include "model/doc_no.h"

#include <ctype.h>

#define N(a)        (sizeof(a) / sizeof((a)[0]))
#define OPEN        "〔"
#define CLOSE       "〕"
#define YEAR_DIGITS 4
/* U+FF10 to U+FF19 are EF BC 90 to EF BC 99. */
#define WIDE_HEAD  "\xEF\xBC"
#define WIDE_DIGIT 0x90
#define WIDE_BYTES 3

static const char *const opens[] = {OPEN, "[", "(", "（", "【", "﹝", "［"};
static const char *const closes[] = {CLOSE, "]", ")", "）", "】", "﹞", "］"};
static const char *const spaces[] = {" ", "\t", "\xC2\xA0", "\xE3\x80\x80"};

/* Bytes of the word of the list that s begins with, or 0. */
static size_t begins(struct span s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_starts(s, span_of(list[i]))) {
            return strlen(list[i]);
        }
    }
    return 0;
}

static struct span skip(struct span s, size_t n)
{
    return (struct span){s.at + n, s.len - n};
}

static char wide_digit(struct span s)
{
    unsigned char last = s.len >= WIDE_BYTES ? (unsigned char)s.at[2] : 0;
    return span_starts(s, SPAN_LIT(WIDE_HEAD)) && last >= WIDE_DIGIT && last < WIDE_DIGIT + 10
               ? (char)('0' + last - WIDE_DIGIT)
               : '\0';
}

/* Without spaces, digits in half width. out has text.len bytes. */
static size_t narrow(struct span text, char *out)
{
    size_t n = 0;
    while (text.len > 0) {
        char digit = wide_digit(text);
        size_t space = begins(text, spaces, N(spaces));
        if (digit) {
            out[n++] = digit;
        } else if (space == 0) {
            out[n++] = text.at[0];
        }
        text = skip(text, digit ? WIDE_BYTES : space > 0 ? space : 1);
    }
    return n;
}

/* Bytes of a year in brackets at the front, or 0; *year: its digits. */
static size_t bracketed_year(struct span s, struct span *year)
{
    size_t open = begins(s, opens, N(opens));
    struct span rest = skip(s, open);
    size_t digits = 0;
    while (digits < rest.len && isdigit((unsigned char)rest.at[digits])) {
        digits++;
    }
    size_t close = digits == YEAR_DIGITS ? begins(skip(rest, digits), closes, N(closes)) : 0;
    *year = (struct span){rest.at, digits};
    return open > 0 && close > 0 ? open + digits + close : 0;
}

const char *doc_no_canonical(struct span text, struct arena *arena)
{
    /* Six bytes of [2020] become ten. */
    char *narrowed = arena_alloc(arena, text.len + 1);
    char *out = arena_alloc(arena, 2 * text.len + 1);
    size_t n = 0;
    if (!narrowed || !out) {
        return NULL;
    }
    struct span s = {narrowed, narrow(text, narrowed)};
    while (s.len > 0) {
        struct span year;
        size_t used = bracketed_year(s, &year);
        if (used > 0) {
            memcpy(out + n, OPEN, strlen(OPEN));
            memcpy(out + n + strlen(OPEN), year.at, year.len);
            n += strlen(OPEN) + year.len;
            memcpy(out + n, CLOSE, strlen(CLOSE));
            n += strlen(CLOSE);
        } else {
            out[n++] = s.at[0];
        }
        s = skip(s, used > 0 ? used : 1);
    }
    out[n] = '\0';
    return out;
}
