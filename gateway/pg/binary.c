/* SPDX-License-Identifier: Apache-2.0 */
/* Everything is big-endian; times count from 2000-01-01; numeric is base 10000. */
#include "pg/binary.h"

#include <stdint.h>

#include "base/digest.h"

#define EPOCH_2000_US   INT64_C(946684800000000)
#define EPOCH_2000_DAYS 10957
#define UUID_BYTES      16
#define JSONB_VERSION   1
#define NUMERIC_MINUS   0x4000
#define NUMERIC_GROUP   4    /* decimal digits in a digit of base 10000 */
#define NUMERIC_MAX     1000 /* decimal digits of either side, far above every rule */

void binary_null(struct buf *b)
{
    buf_be32(b, UINT32_MAX);
}

void binary_bytes(struct buf *b, struct span s)
{
    if (!s.at) {
        binary_null(b);
        return;
    }
    buf_be32(b, (uint32_t)s.len);
    buf_put(b, s.at, s.len);
}

void binary_int(struct buf *b, uint32_t oid, int64_t v)
{
    if (oid == PG_INT8) {
        buf_be32(b, 8);
        buf_be64(b, (uint64_t)v);
    } else if (oid == PG_INT4 && v >= INT32_MIN && v <= INT32_MAX) {
        buf_be32(b, 4);
        buf_be32(b, (uint32_t)(int32_t)v);
    } else if (oid == PG_INT2 && v >= INT16_MIN && v <= INT16_MAX) {
        buf_be32(b, 2);
        buf_be16(b, (uint16_t)(int16_t)v);
    } else {
        binary_null(b);
    }
}

void binary_bool(struct buf *b, bool v)
{
    buf_be32(b, 1);
    buf_putc(b, v ? 1 : 0);
}

void binary_time(struct buf *b, int64_t us)
{
    buf_be32(b, 8);
    buf_be64(b, (uint64_t)(us - EPOCH_2000_US));
}

void binary_day(struct buf *b, int64_t days)
{
    buf_be32(b, 4);
    buf_be32(b, (uint32_t)(int32_t)(days - EPOCH_2000_DAYS));
}

void binary_uuid(struct buf *b, struct span text)
{
    char hex[2 * UUID_BYTES];
    size_t n = 0;
    for (size_t i = 0; i < text.len && n < sizeof hex; i++) {
        if (text.at[i] != '-') {
            hex[n++] = text.at[i];
        }
    }
    uint8_t bytes[UUID_BYTES];
    if (hex_decode((struct span){hex, n}, bytes, sizeof bytes) != ERR_OK) {
        binary_null(b);
        return;
    }
    buf_be32(b, sizeof bytes);
    buf_put(b, bytes, sizeof bytes);
}

void binary_jsonb(struct buf *b, struct span json)
{
    if (!json.at) {
        binary_null(b);
        return;
    }
    buf_be32(b, (uint32_t)json.len + 1);
    buf_putc(b, JSONB_VERSION);
    buf_put_span(b, json);
}

static bool digits_only(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') {
            return false;
        }
    }
    return s.len <= NUMERIC_MAX;
}

/* Digit of base 10000 whose first decimal stands at `from`; what lies outside the text is zero. */
static uint16_t group_at(struct span digits, int64_t from)
{
    unsigned v = 0;
    for (int64_t i = from; i < from + NUMERIC_GROUP; i++) {
        bool inside = i >= 0 && i < (int64_t)digits.len;
        v = v * 10 + (inside ? (unsigned)(digits.at[i] - '0') : 0);
    }
    return (uint16_t)v;
}

static void put_numeric(struct buf *b, bool minus, struct span whole, struct span part)
{
    int64_t whole_groups = ((int64_t)whole.len + NUMERIC_GROUP - 1) / NUMERIC_GROUP;
    int64_t part_groups = ((int64_t)part.len + NUMERIC_GROUP - 1) / NUMERIC_GROUP;
    uint16_t groups[2 * (NUMERIC_MAX / NUMERIC_GROUP)];
    int64_t n = 0;
    int64_t head = (int64_t)whole.len - whole_groups * NUMERIC_GROUP; /* zero or negative */
    for (int64_t g = 0; g < whole_groups; g++) {
        groups[n++] = group_at(whole, head + g * NUMERIC_GROUP);
    }
    for (int64_t g = 0; g < part_groups; g++) {
        groups[n++] = group_at(part, g * NUMERIC_GROUP);
    }
    int64_t first = 0;
    while (first < n && groups[first] == 0) {
        first++;
    }
    while (n > first && groups[n - 1] == 0) {
        n--;
    }
    bool zero = first == n;
    buf_be32(b, (uint32_t)(8 + 2 * (n - first)));
    buf_be16(b, (uint16_t)(n - first));
    buf_be16(b, (uint16_t)(int16_t)(zero ? 0 : whole_groups - 1 - first));
    buf_be16(b, minus && !zero ? NUMERIC_MINUS : 0);
    buf_be16(b, (uint16_t)part.len);
    for (int64_t i = first; i < n; i++) {
        buf_be16(b, groups[i]);
    }
}

void binary_numeric(struct buf *b, struct span decimal)
{
    struct span rest = decimal;
    bool minus = rest.len > 0 && rest.at[0] == '-';
    if (minus) {
        rest = (struct span){rest.at + 1, rest.len - 1};
    }
    struct span whole = rest.len ? span_cut(&rest, '.') : SPAN_NONE;
    struct span part = rest.at && rest.len ? rest : SPAN_NONE;
    if (whole.len + part.len == 0 || !digits_only(whole) || !digits_only(part)) {
        binary_null(b);
        return;
    }
    put_numeric(b, minus, whole, part);
}

struct binary_array binary_array_begin(struct buf *b, uint32_t element_oid)
{
    struct binary_array a = {b, b->len};
    buf_be32(b, 1); /* dimensions */
    buf_be32(b, 1); /* there may be NULLs */
    buf_be32(b, element_oid);
    buf_be32(b, 0); /* length, set at the end */
    buf_be32(b, 1); /* lower bound */
    return a;
}

void binary_array_end(const struct binary_array *a, size_t n)
{
    buf_patch_be32(a->buf, a->at + 12, (uint32_t)n);
}

void binary_int4(uint8_t out[4], int32_t v)
{
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)((uint32_t)v >> (24 - 8 * i));
    }
}
