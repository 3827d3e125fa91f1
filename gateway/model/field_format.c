/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of text, one function each, chosen by the rule's format. */
#include "model/field_format.h"

#include <ctype.h>
#include <stdio.h>

#include "model/civil_time.h"
#include "model/decimal.h"
#include "model/doc_no.h"
#include "model/json_run.h"
#include "model/uscc.h"

#define CLOCK_TEXT 9 /* HH:MM:SS and NUL */
/* Of JSON text that did not come through a reader with a limit of its own. */
#define JSON_DEPTH_MAX 32

bool uuid_digits(struct span text, char out[33])
{
    size_t n = 0;
    if (text.len != 32 && text.len != 36) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        bool dash = text.len == 36 && (i == 8 || i == 13 || i == 18 || i == 23);
        unsigned char c = (unsigned char)text.at[i];
        if (dash ? c != '-' : !isxdigit(c)) {
            return false;
        }
        if (!dash) {
            out[n++] = (char)tolower(c);
        }
    }
    out[32] = '\0';
    return true;
}

/* The text is there: absent fields are not judged. */
static struct span text_of(char *const *text)
{
    return (struct span){*text, strlen(*text)};
}

/* Puts the canonical form in the place of *text unless it stands there already. */
static enum err replace(struct arena *arena, char **text, const char *canonical)
{
    if (strcmp(*text, canonical) == 0) {
        return ERR_OK;
    }
    *text = arena_strdup(arena, canonical);
    return *text ? ERR_OK : ERR_NOMEM;
}

static enum err format_uuid(struct arena *arena, char **text, enum reason *why)
{
    char digits[33];
    if (!uuid_digits(text_of(text), digits)) {
        *why = REASON_BAD_FORMAT;
        return ERR_OK;
    }
    return replace(arena, text, digits);
}

static enum err format_timestamp(struct arena *arena, char **text, enum reason *why)
{
    int64_t us = 0;
    char canonical[TIME_TEXT_MAX];
    if (!time_parse(text_of(text), &us)) {
        *why = REASON_BAD_DATE;
        return ERR_OK;
    }
    time_format(us, canonical);
    return replace(arena, text, canonical);
}

static enum err format_doc_no(struct arena *arena, char **text)
{
    const char *canonical = doc_no_canonical(text_of(text), arena);
    return canonical ? replace(arena, text, canonical) : ERR_NOMEM;
}

static bool two_digits(const char *at, int max)
{
    return isdigit((unsigned char)at[0]) && isdigit((unsigned char)at[1]) &&
           (at[0] - '0') * 10 + (at[1] - '0') <= max;
}

/* [H]H:MM[:SS] */
static enum err format_clock(struct arena *arena, char **text, enum reason *why)
{
    char canonical[CLOCK_TEXT] = "00:00:00";
    size_t len = strlen(*text);
    size_t missing = len > 1 && (*text)[1] == ':' ? 1 : 0;
    if (len + missing == CLOCK_TEXT - 1 || len + missing == CLOCK_TEXT - 4) {
        memcpy(canonical + missing, *text, len);
    } else {
        canonical[0] = '\0';
    }
    if (!two_digits(canonical, 23) || canonical[2] != ':' || !two_digits(canonical + 3, 59) ||
        canonical[5] != ':' || !two_digits(canonical + 6, 59)) {
        *why = REASON_BAD_DATE;
        return ERR_OK;
    }
    return replace(arena, text, canonical);
}

static enum reason check_decimal(const Dualgate__V1__FieldRule *rule, struct span text)
{
    if (!decimal_valid(text)) {
        return REASON_BAD_FORMAT;
    }
    bool fits = decimal_fits(text, rule->precision, rule->scale) &&
                (!rule->decimal_min || decimal_compare(text, span_of(rule->decimal_min)) >= 0) &&
                (!rule->decimal_max || decimal_compare(text, span_of(rule->decimal_max)) <= 0);
    return fits ? REASON_NONE : REASON_OUT_OF_RANGE;
}

static enum reason check_digits(const char *text)
{
    return text[0] && text[strspn(text, "0123456789")] == '\0' ? REASON_NONE : REASON_BAD_FORMAT;
}

static enum err check_json(struct span text, enum reason *why)
{
    enum err e = json_check(text, JSON_DEPTH_MAX);
    *why = e == ERR_INVALID ? REASON_BAD_FORMAT : REASON_NONE;
    return e == ERR_INVALID ? ERR_OK : e;
}

enum err field_format(const Dualgate__V1__FieldRule *rule, struct arena *arena, char **text,
                      enum reason *why)
{
    struct civil_date first;
    struct civil_date last;
    struct span span = text_of(text);
    *why = REASON_NONE;
    switch (rule->format) {
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__UUID:
        return format_uuid(arena, text, why);
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIMESTAMP:
        return format_timestamp(arena, text, why);
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIME_OF_DAY:
        return format_clock(arena, text, why);
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DOC_NO:
        return format_doc_no(arena, text);
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__JSON:
        return check_json(span, why);
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DATE:
        *why = date_parse(span, &first) ? REASON_NONE : REASON_BAD_DATE;
        break;
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__PERIOD:
        *why = period_parse(span, &first, &last) ? REASON_NONE : REASON_BAD_DATE;
        break;
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DECIMAL:
        *why = check_decimal(rule, span);
        break;
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__USCC:
        *why = uscc_valid(span) ? REASON_NONE : REASON_BAD_USCC;
        break;
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DIGITS:
        *why = check_digits(*text);
        break;
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TEXT:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DIVISION:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__SECTOR:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__ORG:
    case _DUALGATE__V1__FIELD_RULE__FORMAT__CODE_IS_INT_SIZE:
        break;
    }
    return ERR_OK;
}

bool date_is_placeholder(const char *canonical)
{
    static const char *const none[] = {"1900-01-01",
                                       "1970-01-01",
                                       "1970-01-01T08:00:00+08:00",
                                       "1900-01-01T00:00:00+08:00",
                                       "9999-12-31",
                                       "9999-12-31T00:00:00+08:00",
                                       "9999-12-31T23:59:59+08:00"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        if (strcmp(canonical, none[i]) == 0) {
            return true;
        }
    }
    return false;
}
