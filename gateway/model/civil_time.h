/* SPDX-License-Identifier: Apache-2.0 */
/* Times of the field: RFC 3339 instants with any offset in and +08:00 out, civil dates of
 * Asia/Shanghai, periods. Never asks the process's time zone. Years 1900 to 9999. */
#ifndef MODEL_CIVIL_TIME_H
#define MODEL_CIVIL_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define TIME_TEXT_MAX 40

struct civil_date {
    int year, month, day;
};

/* RFC 3339 date-time with seconds and offset; fraction up to 9 digits, cut to microseconds; second
 * 60 is refused. Microseconds since 1970 UTC. */
bool time_parse(struct span text, int64_t *out_us);
/* 2020-11-02T09:00:00+08:00, with .ffffff only where not zero. Returns the length. */
int time_format(int64_t us, char out[TIME_TEXT_MAX]);
bool date_parse(struct span text, struct civil_date *out); /* YYYY-MM-DD, a day that exists */
/* Days since 1970-01-01 of the proleptic Gregorian calendar. */
int64_t date_days(struct civil_date d);
struct civil_date date_of_days(int64_t days);
/* The civil date in Asia/Shanghai (+08:00, no summer time since 1992) of an instant. */
struct civil_date date_of_time(int64_t us);
/* YYYY, YYYY-Qn, YYYY-MM, YYYY-MM-DD; gives first and last day. */
bool period_parse(struct span text, struct civil_date *first, struct civil_date *last);

#endif
