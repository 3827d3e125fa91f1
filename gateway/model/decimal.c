/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal numbers as text, by comparing digits. */
#include "model/decimal.h"

/* A number taken apart, without leading zeros before or trailing zeros after the point. */
struct parts {
    bool negative;
    struct span whole;
    struct span fraction;
};

static size_t digits_at_front(struct span s)
{
    size_t n = 0;
    while (n < s.len && s.at[n] >= '0' && s.at[n] <= '9') {
        n++;
    }
    return n;
}

static struct span skip(struct span s, size_t n)
{
    return (struct span){s.at + n, s.len - n};
}

bool decimal_valid(struct span text)
{
    if (text.len > 0 && text.at[0] == '-') {
        text = skip(text, 1);
    }
    size_t whole = digits_at_front(text);
    if (whole == 0 || whole == text.len) {
        return whole != 0;
    }
    text = skip(text, whole);
    return text.at[0] == '.' && text.len > 1 && digits_at_front(skip(text, 1)) == text.len - 1;
}

static struct parts take_apart(struct span text)
{
    struct parts p = {.negative = text.len > 0 && text.at[0] == '-'};
    text = skip(text, p.negative ? 1 : 0);
    size_t whole = digits_at_front(text);
    p.whole = (struct span){text.at, whole};
    p.fraction = whole < text.len ? skip(text, whole + 1) : skip(text, whole);
    while (p.whole.len > 0 && p.whole.at[0] == '0') {
        p.whole = skip(p.whole, 1);
    }
    while (p.fraction.len > 0 && p.fraction.at[p.fraction.len - 1] == '0') {
        p.fraction.len--;
    }
    if (p.whole.len == 0 && p.fraction.len == 0) {
        p.negative = false; /* -0 is 0 */
    }
    return p;
}

bool decimal_fits(struct span text, unsigned precision, unsigned scale)
{
    if (precision == 0) {
        return true;
    }
    struct parts p = take_apart(text);
    return p.fraction.len <= scale && p.whole.len + scale <= precision;
}

static int compare_bytes(struct span a, struct span b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n > 0 ? memcmp(a.at, b.at, n) : 0;
    if (order != 0 || a.len == b.len) {
        return order;
    }
    return a.len < b.len ? -1 : 1;
}

int decimal_compare(struct span a, struct span b)
{
    struct parts x = take_apart(a);
    struct parts y = take_apart(b);
    if (x.negative != y.negative) {
        return x.negative ? -1 : 1;
    }
    int order;
    if (x.whole.len != y.whole.len) {
        order = x.whole.len < y.whole.len ? -1 : 1;
    } else {
        order = compare_bytes(x.whole, y.whole);
    }
    if (order == 0) {
        order = compare_bytes(x.fraction, y.fraction);
    }
    return x.negative ? -order : order;
}
