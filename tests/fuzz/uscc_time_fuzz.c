/* SPDX-License-Identifier: Apache-2.0 */
/* The parsers of short texts: codes, times, dates, periods, decimals. What is taken has one
 * canonical form, and that form means the same. */
#include <stdint.h>

#include "model/civil_time.h"
#include "model/decimal.h"
#include "model/field_format.h"
#include "model/uscc.h"
#include "model_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_time(struct span text)
{
    int64_t us = 0;
    int64_t again = 0;
    char out[TIME_TEXT_MAX];
    if (time_parse(text, &us)) {
        int len = time_format(us, out);
        fuzz_require(len > 0 && len < TIME_TEXT_MAX && (size_t)len == strlen(out));
        fuzz_require(time_parse(span_of(out), &again) && again == us);
    }
}

static void fuzz_dates(struct span text)
{
    struct civil_date first;
    struct civil_date last;
    if (date_parse(text, &first)) {
        struct civil_date again = date_of_days(date_days(first));
        fuzz_require(again.year == first.year && again.month == first.month &&
                     again.day == first.day);
    }
    if (period_parse(text, &first, &last)) {
        fuzz_require(date_days(first) <= date_days(last));
        fuzz_require(date_days(last) - date_days(first) <= 366);
    }
}

static void fuzz_decimals(struct span text)
{
    struct span left = {text.at, text.len / 2};
    struct span right = {text.at + text.len / 2, text.len - text.len / 2};
    if (decimal_valid(left) && decimal_valid(right)) {
        int order = decimal_compare(left, right);
        int back = decimal_compare(right, left);
        fuzz_require((order > 0) == (back < 0) && (order == 0) == (back == 0));
        fuzz_require(!decimal_fits(left, 4, 2) || decimal_compare(left, SPAN_LIT("100")) < 0);
    }
}

/* Every format; what has passed once passes again unchanged. */
static void fuzz_formats(struct span text)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (int format = 0; format <= DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DIGITS; format++) {
        Dualgate__V1__FieldRule rule = DUALGATE__V1__FIELD_RULE__INIT;
        enum reason why = REASON_NONE;
        char *once = arena_strndup(&arena, text.at, text.len);
        rule.has_format = 1;
        rule.format = (Dualgate__V1__FieldRule__Format__Code)format;
        fuzz_require(once && field_format(&rule, &arena, &once, &why) == ERR_OK);
        char *twice = once;
        if (why == REASON_NONE) {
            fuzz_require(field_format(&rule, &arena, &twice, &why) == ERR_OK);
            fuzz_require(why == REASON_NONE && twice == once);
        }
    }
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {(const char *)data, size};
    if (size > 4096) {
        return 0;
    }
    if (uscc_valid(text)) {
        fuzz_require(size == 18 && uscc_check_character(text.at) == text.at[17]);
    }
    fuzz_time(text);
    fuzz_dates(text);
    fuzz_decimals(text);
    fuzz_formats(text);
    return 0;
}
