/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal text is shifted as text; there is no binary fraction anywhere. */
#include "adapt/quantity.h"

#include "adapt/fold.h"

#define DIGITS_MAX 40

struct digits {
    char text[DIGITS_MAX];
    size_t len;
    size_t after_point;
    bool minus;
};

/* Commas only where they part groups of three before the point. */
static bool comma_fits(struct span text, size_t at)
{
    size_t run = 0;
    while (at + 1 + run < text.len && text.at[at + 1 + run] >= '0' &&
           text.at[at + 1 + run] <= '9') {
        run++;
    }
    return run == 3 && at > 0;
}

static bool read_digits(struct span text, struct digits *d)
{
    bool point = false;
    *d = (struct digits){0};
    if (text.len > 0 && (text.at[0] == '-' || text.at[0] == '+')) {
        d->minus = text.at[0] == '-';
        text = (struct span){text.at + 1, text.len - 1};
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c >= '0' && c <= '9' && d->len < DIGITS_MAX) {
            d->text[d->len++] = c;
            d->after_point += point ? 1 : 0;
        } else if (c == '.' && !point && d->len > 0 && i + 1 < text.len) {
            point = true;
        } else if (c != ',' || point || !comma_fits(text, i)) {
            return false;
        }
    }
    return d->len > 0;
}

static struct span write_digits(const struct digits *d, int shift, struct arena *arena)
{
    /* Digits before the point after the shift; may be negative. */
    long whole = (long)d->len - (long)d->after_point + shift;
    char *out = arena_alloc(arena, DIGITS_MAX + 2 * UNIT_SHIFT_MAX + DIGITS_MAX + 4);
    if (!out) {
        return SPAN_NONE;
    }
    size_t n = 0;
    if (d->minus) {
        out[n++] = '-';
    }
    long lead = 0;
    while (lead + 1 < whole && (lead >= (long)d->len || d->text[lead] == '0')) {
        lead++; /* 007 is 7 */
    }
    if (whole <= 0) {
        out[n++] = '0';
    }
    for (long i = lead; i < whole; i++) {
        out[n++] = i < (long)d->len ? d->text[i] : '0';
    }
    long end = (long)d->len;
    while (shift != 0 && end > 0 && end > whole && d->text[end - 1] == '0') {
        end--; /* a shift must not invent precision */
    }
    if (end > whole) {
        out[n++] = '.';
        for (long i = whole; i < end; i++) {
            out[n++] = i < 0 ? '0' : d->text[i];
        }
    }
    return (struct span){out, n};
}

/* Digits that 128 bits bear, with a ratio and a scale at their largest. */
#define RATIO_DIGITS_MAX 18

__extension__ typedef unsigned __int128 wide;

static wide power_of_ten(size_t n)
{
    wide p = 1;
    while (n-- > 0) {
        p *= 10;
    }
    return p;
}

/* SPAN_NONE when out of memory. */
static struct span write_ratio(const struct digits *d, const struct unit *unit, struct arena *arena)
{
    wide value = 0;
    for (size_t i = 0; i < d->len; i++) {
        value = value * 10 + (unsigned)(d->text[i] - '0');
    }
    wide below = (wide)unit->by * power_of_ten(d->after_point);
    wide scaled = (value * unit->times * power_of_ten(unit->scale) + below / 2) / below;
    char text[DIGITS_MAX];
    size_t at = sizeof text;
    for (size_t i = 0; scaled > 0 || i <= unit->scale; i++) {
        text[--at] = (char)('0' + (char)(scaled % 10));
        scaled /= 10;
        if (i + 1 == unit->scale) {
            text[--at] = '.';
        }
    }
    struct span out = {text + at, sizeof text - at};
    while (unit->scale > 0 && out.len > 1 && out.at[out.len - 1] == '0') {
        out.len--;
    }
    out.len -= unit->scale > 0 && out.at[out.len - 1] == '.';
    bool zero = out.len == 1 && out.at[0] == '0';
    char *copy = arena_printf(arena, "%s%.*s", d->minus && !zero ? "-" : "", SPAN_ARG(out));
    return (struct span){copy, copy ? strlen(copy) : 0};
}

static const struct unit *find_unit(struct span text, const struct unit *units, size_t n_units)
{
    const struct unit *best = NULL;
    for (size_t i = 0; i < n_units; i++) {
        struct span w = units[i].word;
        bool ends = w.len == 0 ||
                    (text.len > w.len && memcmp(text.at + text.len - w.len, w.at, w.len) == 0);
        if (ends && (!best || w.len > best->word.len)) {
            best = &units[i];
        }
    }
    return best;
}

enum err quantity_read(struct span text, const struct unit *units, size_t n_units,
                       struct arena *arena, struct span *out)
{
    const struct unit *unit = find_unit(text, units, n_units);
    struct digits d;
    if (!unit) {
        return ERR_SYNTAX;
    }
    text.len -= unit->word.len;
    if (!read_digits(fold_trim(text), &d)) {
        return ERR_SYNTAX;
    }
    if (unit->by > 0 && d.len > RATIO_DIGITS_MAX) {
        return ERR_SYNTAX;
    }
    *out = unit->by > 0 ? write_ratio(&d, unit, arena) : write_digits(&d, unit->shift, arena);
    return out->at ? ERR_OK : ERR_NOMEM;
}
