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
    *out = write_digits(&d, unit->shift, arena);
    return out->at ? ERR_OK : ERR_NOMEM;
}
