/* SPDX-License-Identifier: Apache-2.0 */
/* Times of the field. Days are counted by the proleptic Gregorian calendar (H. Hinnant's
 * algorithms); the process's time zone is never asked, because a server in UTC must give the same
 * dates as one in Zhanhe. */
#include "model/civil_time.h"

#include <inttypes.h>
#include <stdio.h>

#define US_PER_SECOND       INT64_C(1000000)
#define SECONDS_PER_DAY     INT64_C(86400)
#define SHANGHAI_OFFSET_S   INT64_C(28800)
#define YEAR_MIN            1900
#define YEAR_MAX            9999
#define FRACTION_DIGITS_MAX 9
#define MICROSECOND_DIGITS  6

static int days_in_month(int year, int month)
{
    static const int days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month] + (month == 2 && leap);
}

/* Exactly n digits at the front of *rest, taken off. */
static bool take_digits(struct span *rest, size_t n, int *out)
{
    if (rest->len < n) {
        return false;
    }
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        char c = rest->at[i];
        if (c < '0' || c > '9') {
            return false;
        }
        value = value * 10 + (c - '0');
    }
    rest->at += n;
    rest->len -= n;
    *out = value;
    return true;
}

static bool take_char(struct span *rest, char c)
{
    if (rest->len == 0 || rest->at[0] != c) {
        return false;
    }
    rest->at++;
    rest->len--;
    return true;
}

static bool take_year(struct span *rest, int *out)
{
    return take_digits(rest, 4, out) && *out >= YEAR_MIN;
}

static bool take_month(struct span *rest, int *out)
{
    return take_digits(rest, 2, out) && *out >= 1 && *out <= 12;
}

static bool take_date(struct span *rest, struct civil_date *out)
{
    return take_year(rest, &out->year) && take_char(rest, '-') && take_month(rest, &out->month) &&
           take_char(rest, '-') && take_digits(rest, 2, &out->day) && out->day >= 1 &&
           out->day <= days_in_month(out->year, out->month);
}

/* HH:MM:SS as seconds of the day. */
static bool take_clock(struct span *rest, int *out)
{
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (!take_digits(rest, 2, &hour) || !take_char(rest, ':') || !take_digits(rest, 2, &minute) ||
        !take_char(rest, ':') || !take_digits(rest, 2, &second)) {
        return false;
    }
    *out = hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second < 60;
}

/* Nothing, or a point and one to nine digits; what is finer than a microsecond is cut. */
static bool take_fraction(struct span *rest, int *out_us)
{
    *out_us = 0;
    if (!take_char(rest, '.')) {
        return true;
    }
    int digits = 0;
    int us = 0;
    for (int one = 0; take_digits(rest, 1, &one); digits++) {
        us = digits < MICROSECOND_DIGITS ? us * 10 + one : us;
    }
    for (int i = digits; i < MICROSECOND_DIGITS; i++) {
        us *= 10;
    }
    *out_us = us;
    return digits >= 1 && digits <= FRACTION_DIGITS_MAX;
}

/* Z or ±HH:MM as seconds east of Greenwich. */
static bool take_offset(struct span *rest, int *out_s)
{
    *out_s = 0;
    if (take_char(rest, 'Z') || take_char(rest, 'z')) {
        return true;
    }
    int sign = take_char(rest, '-') ? -1 : 1;
    int hour = 0;
    int minute = 0;
    if ((sign > 0 && !take_char(rest, '+')) || !take_digits(rest, 2, &hour) ||
        !take_char(rest, ':') || !take_digits(rest, 2, &minute)) {
        return false;
    }
    *out_s = sign * (hour * 3600 + minute * 60);
    return hour < 24 && minute < 60;
}

bool time_parse(struct span text, int64_t *out_us)
{
    struct civil_date date;
    int second = 0;
    int fraction = 0;
    int offset = 0;
    if (!take_date(&text, &date) || !(take_char(&text, 'T') || take_char(&text, 't')) ||
        !take_clock(&text, &second) || !take_fraction(&text, &fraction) ||
        !take_offset(&text, &offset) || text.len != 0) {
        return false;
    }
    int64_t seconds = date_days(date) * SECONDS_PER_DAY + second - offset;
    *out_us = seconds * US_PER_SECOND + fraction;
    /* An offset can push the first or last day out of what can be written again. */
    int year = date_of_time(*out_us).year;
    return year >= YEAR_MIN && year <= YEAR_MAX;
}

/* Two's-complement division rounds to zero; days before 1970 need the floor. */
static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Two decimal digits, for what is known to lie between 0 and 99. */
static char *put_two(char *at, int value)
{
    at[0] = (char)('0' + value / 10);
    at[1] = (char)('0' + value % 10);
    return at + 2;
}

static char *put_date(char *at, struct civil_date d)
{
    at = put_two(at, d.year / 100);
    at = put_two(at, d.year % 100);
    *at++ = '-';
    at = put_two(at, d.month);
    *at++ = '-';
    return put_two(at, d.day);
}

static char *put_clock(char *at, int second)
{
    at = put_two(at, second / 3600);
    *at++ = ':';
    at = put_two(at, second / 60 % 60);
    *at++ = ':';
    return put_two(at, second % 60);
}

int time_format(int64_t us, char out[TIME_TEXT_MAX])
{
    int64_t local = us + SHANGHAI_OFFSET_S * US_PER_SECOND;
    int64_t seconds = floor_div(local, US_PER_SECOND);
    int fraction = (int)(local - seconds * US_PER_SECOND);
    int64_t days = floor_div(seconds, SECONDS_PER_DAY);
    char *at = put_date(out, date_of_days(days));
    *at++ = 'T';
    at = put_clock(at, (int)(seconds - days * SECONDS_PER_DAY));
    if (fraction != 0) {
        *at++ = '.';
        at = put_two(at, fraction / 10000);
        at = put_two(at, fraction / 100 % 100);
        at = put_two(at, fraction % 100);
    }
    memcpy(at, "+08:00", sizeof "+08:00");
    return (int)(at - out) + (int)sizeof "+08:00" - 1;
}

bool date_parse(struct span text, struct civil_date *out)
{
    return take_date(&text, out) && text.len == 0;
}

int64_t date_days(struct civil_date d)
{
    int64_t year = d.month <= 2 ? d.year - 1 : d.year;
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t month_from_march = (d.month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + d.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct civil_date date_of_days(int64_t days)
{
    days += 719468;
    int64_t era = floor_div(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    struct civil_date out;
    out.day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    out.month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    out.year = (int)(year_of_era + era * 400 + (out.month <= 2));
    return out;
}

struct civil_date date_of_time(int64_t us)
{
    int64_t local = us + SHANGHAI_OFFSET_S * US_PER_SECOND;
    return date_of_days(floor_div(local, SECONDS_PER_DAY * US_PER_SECOND));
}

static bool whole_months(int year, int first_month, int last_month, struct civil_date *first,
                         struct civil_date *last)
{
    *first = (struct civil_date){year, first_month, 1};
    *last = (struct civil_date){year, last_month, days_in_month(year, last_month)};
    return true;
}

bool period_parse(struct span text, struct civil_date *first, struct civil_date *last)
{
    struct span rest = text;
    int year = 0;
    int part = 0;
    if (!take_year(&rest, &year)) {
        return false;
    }
    if (rest.len == 0) {
        return whole_months(year, 1, 12, first, last);
    }
    if (!take_char(&rest, '-')) {
        return false;
    }
    if (take_char(&rest, 'Q')) {
        return take_digits(&rest, 1, &part) && rest.len == 0 && part >= 1 && part <= 4 &&
               whole_months(year, 3 * part - 2, 3 * part, first, last);
    }
    if (!take_month(&rest, &part)) {
        return false;
    }
    if (rest.len == 0) {
        return whole_months(year, part, part, first, last);
    }
    if (!date_parse(text, first)) {
        return false;
    }
    *last = *first;
    return true;
}
