/* SPDX-License-Identifier: Apache-2.0 */
/* Grows by doubling up to the named maximum. After the first failure every append does nothing, so
 * what is there is always a whole prefix of what was asked for. */
#include "base/buf.h"

#include <assert.h>
#include <stdio.h>

#include "base/alloc.h"

#define CAP_FIRST ((size_t)256)

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_free(struct buf *b)
{
    mem_free(b->data);
    buf_init(b, b->max);
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

bool buf_failed(const struct buf *b)
{
    return b->failed;
}

struct span buf_span(const struct buf *b)
{
    return (struct span){b->data, b->len};
}

static bool grow(struct buf *b, size_t need)
{
    size_t cap = b->cap ? b->cap : CAP_FIRST;
    while (cap < need) {
        cap = cap > SIZE_MAX / 2 ? need : 2 * cap;
    }
    char *data = mem_realloc(b->data, cap);
    if (!data) {
        return false;
    }
    b->data = data;
    b->cap = cap;
    return true;
}

char *buf_reserve(struct buf *b, size_t n)
{
    if (b->failed) {
        return NULL;
    }
    /* One byte more than asked for, so that buf_text() never has to grow. */
    if (n < SIZE_MAX - b->len && (b->max == 0 || n <= b->max - b->len) &&
        (b->len + n < b->cap || grow(b, b->len + n + 1))) {
        return b->data + b->len;
    }
    b->failed = true;
    return NULL;
}

void buf_put_int(struct buf *b, int64_t v)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (v < 0) {
        digits[--at] = '-';
    }
    buf_put(b, digits + at, sizeof digits - at);
}

static void put_formatted(struct buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void put_formatted(struct buf *b, const char *format, va_list args)
{
    if (b->failed) {
        return;
    }
    va_list again;
    va_copy(again, args);
    size_t room = b->cap - b->len;
    int len = vsnprintf(room ? b->data + b->len : NULL, room, format, args);
    char *to = len < 0 ? NULL : buf_reserve(b, (size_t)len);
    if (to && (size_t)len >= room) {
        (void)vsnprintf(to, (size_t)len + 1, format, again); /* the first try was cut off */
    }
    if (to) {
        b->len += (size_t)len;
    } else {
        b->failed = true;
    }
    va_end(again);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_formatted(b, format, args);
    va_end(args);
}

static void store_be(uint8_t *to, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        to[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
    }
}

void buf_be16(struct buf *b, uint16_t v)
{
    uint8_t bytes[2];
    store_be(bytes, v, sizeof(bytes));
    buf_put(b, bytes, sizeof(bytes));
}

void buf_be32(struct buf *b, uint32_t v)
{
    uint8_t bytes[4];
    store_be(bytes, v, sizeof(bytes));
    buf_put(b, bytes, sizeof(bytes));
}

void buf_be64(struct buf *b, uint64_t v)
{
    uint8_t bytes[8];
    store_be(bytes, v, sizeof(bytes));
    buf_put(b, bytes, sizeof(bytes));
}

void buf_patch_be32(struct buf *b, size_t at, uint32_t v)
{
    if (b->failed) {
        return;
    }
    assert(at + 4 <= b->len);
    uint8_t bytes[4];
    store_be(bytes, v, sizeof(bytes));
    memcpy(b->data + at, bytes, sizeof(bytes));
}

static void put_escape(struct buf *b, unsigned char c)
{
    static const char short_form[] = "btnvfr"; /* 8..13; 11 has none */
    if (c == '"' || c == '\\') {
        buf_putc(b, '\\');
        buf_putc(b, (char)c);
    } else if (c >= 8 && c <= 13 && c != 11) {
        buf_putc(b, '\\');
        buf_putc(b, short_form[c - 8]);
    } else {
        buf_printf(b, "\\u%04x", c);
    }
}

static bool needs_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

/* The same of any of eight bytes at once: a byte is below n if subtracting n borrows, and equal to
 * c if its difference to c is below 1. */
static bool any_needs_escape(const char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    uint64_t quote = word ^ (ones * '"');
    uint64_t slash = word ^ (ones * '\\');
    uint64_t found =
        ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash);
    return (found & (ones * 0x80)) != 0;
}

/* Offset of the first character to escape, from `i` on. */
static size_t next_escape(struct span text, size_t i)
{
    while (text.len - i >= 8 && !any_needs_escape(text.at + i)) {
        i += 8;
    }
    while (i < text.len && !needs_escape((unsigned char)text.at[i])) {
        i++;
    }
    return i;
}

void buf_json_string(struct buf *b, struct span text)
{
    buf_putc(b, '"');
    for (size_t i = 0; i < text.len;) {
        size_t end = next_escape(text, i);
        buf_put(b, text.at + i, end - i);
        if (end < text.len) {
            put_escape(b, (unsigned char)text.at[end]);
            end++;
        }
        i = end;
    }
    buf_putc(b, '"');
}

const char *buf_text(struct buf *b)
{
    if (!buf_reserve(b, 0)) {
        return "";
    }
    b->data[b->len] = '\0';
    return b->data;
}
