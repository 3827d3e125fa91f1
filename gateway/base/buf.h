/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a named maximum and a sticky error: writers append without checking,
 * and ask buf_failed() once at the end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf {
    char *data;
    size_t len;
    size_t cap;
    size_t max; /* 0: no maximum */
    bool failed;
};

void buf_init(struct buf *b, size_t max);
void buf_free(struct buf *b);
/* Empties, keeps the memory, clears the error. */
void buf_reset(struct buf *b);
bool buf_failed(const struct buf *b);
struct span buf_span(const struct buf *b);
/* Room for n more bytes at b->data + b->len; NULL (and failed) when there is none. */
char *buf_reserve(struct buf *b, size_t n);
/* The short way is in the header: receipts and feed items are hundreds of small appends each. */
static inline void buf_put(struct buf *b, const void *bytes, size_t n)
{
    char *to = n < b->cap - b->len && !b->failed && (b->max == 0 || n <= b->max - b->len)
                   ? b->data + b->len
                   : buf_reserve(b, n);
    if (to && n) {
        memcpy(to, bytes, n);
        b->len += n;
    }
}
/* Of a literal the length is known when it is compiled. */
static inline void buf_puts(struct buf *b, const char *text)
{
    buf_put(b, text, strlen(text));
}
static inline void buf_putc(struct buf *b, char c)
{
    buf_put(b, &c, 1);
}
static inline void buf_put_span(struct buf *b, struct span s)
{
    buf_put(b, s.at, s.len);
}
/* Decimal digits, with a sign where negative. */
void buf_put_int(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Big-endian, as PostgreSQL's binary format wants them. */
void buf_be16(struct buf *b, uint16_t v);
void buf_be32(struct buf *b, uint32_t v);
void buf_be64(struct buf *b, uint64_t v);
/* Overwrites four bytes at an earlier offset (a length known only afterwards). */
void buf_patch_be32(struct buf *b, size_t at, uint32_t v);
/* Appends a quoted, escaped JSON string; the bytes are valid UTF-8 already. */
void buf_json_string(struct buf *b, struct span text);
/* Ends the text with NUL without counting it; returns "" when failed. */
const char *buf_text(struct buf *b);

#endif
