/* SPDX-License-Identifier: Apache-2.0 */
/* Dates and times as sources write them. A pattern is compiled once and read many times: runs of y,
 * M, d, H, m, s are numbers (yyyy exactly four digits, yy two of this century, MM exactly two, M
 * one or two), S is a fraction of a second, everything else stands for itself. Four words are
 * patterns of their own: rfc3339, epoch_ms, epoch_s, excel (day number, maybe with the time of day
 * after a point). */
#ifndef ADAPT_PATTERN_H
#define ADAPT_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "model/civil_time.h"

#define PATTERN_PARTS_MAX 16

enum pattern_kind {
    PATTERN_PARTS,
    PATTERN_RFC3339,
    PATTERN_EPOCH_MS,
    PATTERN_EPOCH_S,
    PATTERN_EXCEL
};

struct pattern_part {
    char what; /* one of yMdHmsS, or 0 for a literal */
    uint8_t digits_min;
    uint8_t digits_max;
    struct span literal; /* a slice of the pattern's text */
};

struct pattern {
    enum pattern_kind kind;
    struct span text;
    struct pattern_part parts[PATTERN_PARTS_MAX];
    size_t n_parts;
    bool has_date; /* a year, a month and a day */
    bool has_month;
    bool has_time;
};

/* A moment on the clocks of Asia/Shanghai (+08:00). */
struct moment {
    struct civil_date date;
    int hour, minute, second, micros;
};

/* False when it is no pattern. text must outlive it. */
bool pattern_compile(struct span text, struct pattern *out);
/* False when the text is not of the pattern, or no such day or time exists. */
bool pattern_read(const struct pattern *p, struct span text, struct moment *out);

#endif
