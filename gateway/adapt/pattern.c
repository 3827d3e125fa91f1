/* SPDX-License-Identifier: Apache-2.0 */
/* No strptime: its locale and its leniency are not ours. */
#include "adapt/pattern.h"

#define SHANGHAI_US (8 * INT64_C(3600) * 1000000)
#define DAY_US      (INT64_C(86400) * 1000000)
#define EXCEL_EPOCH \
    (-25569) /* 1899-12-30: with the 1900 system's false leap day, right from 1900-03-01 */
#define DAY_SECONDS   86400
#define EXCEL_PART    INT64_C(1000000000) /* of a day, in which its fraction is counted */
#define EXCEL_DAY_MIN 61
/* Digits bound the three that are mere numbers, or 20201332000000 were a time in the year 2610. */
#define EXCEL_DIGITS    5
#define EPOCH_MS_DIGITS 13
#define EPOCH_S_DIGITS  10
/* Nor fewer, but for the epoch itself: 20200230 is no time of 1970. */
#define EPOCH_DIGITS_LESS 1

static const struct {
    const char *word;
    enum pattern_kind kind;
} words[] = {
    {"rfc3339", PATTERN_RFC3339},
    {"epoch_ms", PATTERN_EPOCH_MS},
    {"epoch_s", PATTERN_EPOCH_S},
    {"excel", PATTERN_EXCEL},
};

#define LETTERS         "yMdHmsS"
#define CENTURY         2000 /* of a year that is written with two digits */
#define FRACTION_DIGITS 9

static unsigned letter_index(char c)
{
    return (unsigned)strcspn(LETTERS, (const char[]){c, '\0'});
}

static bool is_letter(char c)
{
    return c != '\0' && strchr(LETTERS, c) != NULL;
}

static bool number_part(char what, size_t run, struct pattern_part *part)
{
    if (what == 'S' && run == 1) {
        *part = (struct pattern_part){.what = what, .digits_min = 1, .digits_max = FRACTION_DIGITS};
        return true;
    }
    size_t widest = what == 'y' ? 4 : 2;
    if (what == 'S' || run > widest || (what == 'y' && run % 2 != 0)) {
        return false;
    }
    *part = (struct pattern_part){
        .what = what,
        .digits_min = (uint8_t)run,
        .digits_max = (uint8_t)(run == 1 ? 2 : run),
    };
    return true;
}

/* Of Latin letters only T and Z stand for themselves: DD and hh are what others write for dd and
 * HH. */
static bool is_literal(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char lower = (char)(text.at[i] | 0x20);
        if (lower >= 'a' && lower <= 'z' && text.at[i] != 'T' && text.at[i] != 'Z') {
            return false;
        }
    }
    return true;
}

static bool compile_parts(struct pattern *p)
{
    unsigned seen = 0;
    for (size_t at = 0; at < p->text.len;) {
        if (p->n_parts == PATTERN_PARTS_MAX) {
            return false;
        }
        struct pattern_part *part = &p->parts[p->n_parts++];
        const char *start = p->text.at + at;
        size_t run = 1;
        if (is_letter(*start)) {
            while (at + run < p->text.len && start[run] == *start) {
                run++;
            }
            unsigned bit = 1u << letter_index(*start);
            if ((seen & bit) != 0 || !number_part(*start, run, part)) {
                return false;
            }
            seen |= bit;
        } else {
            while (at + run < p->text.len && !is_letter(start[run])) {
                run++;
            }
            if (!is_literal((struct span){start, run})) {
                return false;
            }
            *part = (struct pattern_part){.literal = {start, run}};
        }
        at += run;
    }
    p->has_month = (seen & 3u) == 3u;
    p->has_date = (seen & 7u) == 7u;
    p->has_time = (seen & 24u) == 24u;
    return p->has_month || p->has_time;
}

bool pattern_compile(struct span text, struct pattern *out)
{
    *out = (struct pattern){.text = text};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (span_is(text, words[i].word)) {
            out->kind = words[i].kind;
            out->has_month = out->has_date = out->has_time = true;
            return true;
        }
    }
    return compile_parts(out);
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Up to max digits off the front; false with fewer than min. */
static bool take_number(struct span *text, size_t min, size_t max, int *out)
{
    size_t n = 0;
    int value = 0;
    while (n < max && n < text->len && digit(text->at[n])) {
        value = value * 10 + (text->at[n++] - '0');
    }
    *text = (struct span){text->at + n, text->len - n};
    *out = value;
    return n >= min;
}

static void put_number(struct moment *m, char what, int value)
{
    switch (what) {
    case 'y':
        m->date.year = value;
        break;
    case 'M':
        m->date.month = value;
        break;
    case 'd':
        m->date.day = value;
        break;
    case 'H':
        m->hour = value;
        break;
    case 'm':
        m->minute = value;
        break;
    default:
        m->second = value;
        break;
    }
}

static bool exists(const struct moment *m)
{
    struct civil_date d = date_of_days(date_days(m->date));
    return m->date.year >= 1900 && m->date.year <= 9999 && d.year == m->date.year &&
           d.month == m->date.month && d.day == m->date.day && m->hour <= 23 && m->minute <= 59 &&
           m->second <= 59;
}

/* Of the digits after the point. */
static int micros_of(int value, size_t digits)
{
    for (; digits < 6; digits++) {
        value *= 10;
    }
    for (; digits > 6; digits--) {
        value /= 10;
    }
    return value;
}

static bool read_parts(const struct pattern *p, struct span text, struct moment *out)
{
    *out = (struct moment){.date = {1970, 1, 1}};
    for (size_t i = 0; i < p->n_parts; i++) {
        const struct pattern_part *part = &p->parts[i];
        int value = 0;
        if (part->what == 0) {
            if (!span_starts(text, part->literal)) {
                return false;
            }
            text = (struct span){text.at + part->literal.len, text.len - part->literal.len};
            continue;
        }
        size_t before = text.len;
        if (!take_number(&text, part->digits_min, part->digits_max, &value)) {
            return false;
        }
        if (part->what == 'S') {
            out->micros = micros_of(value, before - text.len);
        } else if (part->what == 'y' && part->digits_max == 2) {
            out->date.year = CENTURY + value;
        } else {
            put_number(out, part->what, value);
        }
    }
    return text.len == 0 && out->date.month >= 1 && out->date.month <= 12 && exists(out);
}

static bool moment_of_us(int64_t us, struct moment *out)
{
    int64_t local = us + SHANGHAI_US;
    int64_t day = local / DAY_US;
    int64_t rest = local % DAY_US;
    if (rest < 0) {
        rest += DAY_US;
        day--;
    }
    int64_t seconds = rest / 1000000;
    *out = (struct moment){
        .date = date_of_days(day),
        .hour = (int)(seconds / 3600),
        .minute = (int)(seconds / 60 % 60),
        .second = (int)(seconds % 60),
        .micros = (int)(rest % 1000000),
    };
    return exists(out);
}

/* A whole number of at most max digits. */
static bool whole(struct span text, size_t max, int64_t *out)
{
    bool minus = text.len > 0 && text.at[0] == '-';
    size_t i = minus ? 1 : 0;
    if (text.len == i || text.len - i > max) {
        return false;
    }
    int64_t value = 0;
    for (; i < text.len; i++) {
        if (!digit(text.at[i])) {
            return false;
        }
        value = value * 10 + (text.at[i] - '0');
    }
    *out = minus ? -value : value;
    return true;
}

/* 0, or so many digits that no date is taken for it. */
static bool read_epoch(struct span text, size_t digits, int64_t unit_us, struct moment *out)
{
    int64_t value = 0;
    return whole(text, digits, &value) && (value == 0 || text.len + EPOCH_DIGITS_LESS >= digits) &&
           moment_of_us(value * unit_us, out);
}

/* 43928 or 43928.645833: the part of the day, to the second. */
static bool read_excel(struct span text, struct moment *out)
{
    struct span rest = text;
    struct span days = span_cut(&rest, '.');
    int64_t day = 0;
    int64_t second = 0;
    if (!whole(days, EXCEL_DIGITS, &day) || day < EXCEL_DAY_MIN || (rest.at && rest.len == 0)) {
        return false;
    }
    int64_t weight = INT64_C(100000000);
    for (size_t i = 0; rest.at && i < rest.len; i++) {
        if (!digit(rest.at[i])) {
            return false;
        }
        second += (rest.at[i] - '0') * weight * DAY_SECONDS;
        weight /= 10;
    }
    second = (second + EXCEL_PART / 2) / EXCEL_PART;
    *out = (struct moment){.date = date_of_days(EXCEL_EPOCH + day + second / DAY_SECONDS),
                           .hour = (int)(second % DAY_SECONDS / 3600),
                           .minute = (int)(second / 60 % 60),
                           .second = (int)(second % 60)};
    return true;
}

bool pattern_read(const struct pattern *p, struct span text, struct moment *out)
{
    int64_t value = 0;
    switch (p->kind) {
    case PATTERN_RFC3339:
        return time_parse(text, &value) && moment_of_us(value, out);
    case PATTERN_EPOCH_MS:
        return read_epoch(text, EPOCH_MS_DIGITS, 1000, out);
    case PATTERN_EPOCH_S:
        return read_epoch(text, EPOCH_S_DIGITS, 1000000, out);
    case PATTERN_EXCEL:
        return read_excel(text, out);
    case PATTERN_PARTS:
        break;
    }
    return read_parts(p, text, out);
}
