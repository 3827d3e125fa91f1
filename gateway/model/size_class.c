/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the method, as it stands there: lower limits of large, medium and small per branch.
 */
#include "model/size_class.h"

#include <inttypes.h>
#include <stdio.h>

#include "model/decimal.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
/* Revenue and assets of the table are in units of 10,000 yuan. */
#define YUAN_PER_WAN INT64_C(10000)
/* The measure is not used in this branch. */
#define NONE (-1)

enum measure { STAFF, REVENUE, ASSETS, MEASURES };
enum limit { LARGE, MEDIUM, SMALL, LIMITS };

struct branch {
    const char *prefixes; /* of industry codes, separated by blanks */
    int64_t least[MEASURES][LIMITS];
};

/* clang-format off */
#define UNUSED {NONE, NONE, NONE}
/* A longer prefix stands before the shorter one it begins with. */
static const struct branch branches[] = {
    {"A",           {UNUSED,            {20000, 500, 50},     UNUSED}},
    {"B C D",       {{1000, 300, 20},   {40000, 2000, 300},   UNUSED}},
    {"E",           {UNUSED,            {80000, 6000, 300},   {80000, 5000, 300}}},
    {"F51",         {{200, 20, 5},      {40000, 5000, 1000},  UNUSED}},
    {"F52",         {{300, 50, 10},     {20000, 500, 100},    UNUSED}},
    /* Loading and unloading, 591 since 2017, is counted with transport; rail is not. */
    {"G54 G55 G56 G57 G58 G591",
                    {{1000, 300, 20},   {30000, 3000, 200},   UNUSED}},
    {"G59",         {{200, 100, 20},    {30000, 1000, 100},   UNUSED}},
    {"G60",         {{1000, 300, 20},   {30000, 2000, 100},   UNUSED}},
    {"H61 H62",     {{300, 100, 10},    {10000, 2000, 100},   UNUSED}},
    {"I63 I64",     {{2000, 100, 10},   {100000, 1000, 100},  UNUSED}},
    {"I65",         {{300, 100, 10},    {10000, 1000, 50},    UNUSED}},
    {"K701",        {UNUSED,            {200000, 1000, 100},  {10000, 5000, 2000}}},
    {"K702",        {{1000, 300, 100},  {5000, 1000, 500},    UNUSED}},
    {"L",           {{300, 100, 10},    UNUSED,               {120000, 8000, 100}}},
    {"K703 K709 M N O Q85 R",
                    {{300, 100, 10},    UNUSED,               UNUSED}},
};

static const struct {
    const char *prefixes;
    const char *revenue; /* yuan a year, from which on the enterprise is above scale */
} scales[] = {{"B C D F51", "20000000"}, {"F52", "5000000"}, {"H61 H62", "2000000"}};
/* clang-format on */

static bool begins_with_one_of(const char *industry, const char *prefixes)
{
    struct span rest = span_of(prefixes);
    while (rest.at) {
        if (span_starts(span_of(industry), span_cut(&rest, ' '))) {
            return true;
        }
    }
    return false;
}

static const struct branch *branch_of(const char *industry)
{
    for (size_t i = 0; i < N(branches); i++) {
        if (begins_with_one_of(industry, branches[i].prefixes)) {
            return &branches[i];
        }
    }
    return NULL;
}

static const char *money(const struct size_input *in, int measure)
{
    return measure == REVENUE ? in->revenue : in->assets;
}

static bool known(const struct size_input *in, int measure)
{
    return measure == STAFF ? in->has_staff : money(in, measure) != NULL;
}

static bool reaches(const struct size_input *in, int measure, int64_t least)
{
    char text[24];
    if (measure == STAFF) {
        return in->staff >= least;
    }
    (void)snprintf(text, sizeof text, "%" PRId64, least * YUAN_PER_WAN);
    return decimal_compare(span_of(money(in, measure)), span_of(text)) >= 0;
}

/* The class when what is not known reaches every limit, or none. */
static int class_if(const struct size_input *in, const struct branch *b, bool unknown_reaches)
{
    for (int limit = LARGE; limit < LIMITS; limit++) {
        bool all = true;
        for (int m = STAFF; m < MEASURES; m++) {
            int64_t least = b->least[m][limit];
            all =
                all && (least == NONE || (known(in, m) ? reaches(in, m, least) : unknown_reaches));
        }
        if (all) {
            return limit;
        }
    }
    return LIMITS;
}

Dualgate__V1__SizeClass__Code size_class_of(const struct size_input *in)
{
    static const Dualgate__V1__SizeClass__Code classes[LIMITS + 1] = {
        DUALGATE__V1__SIZE_CLASS__CODE__LARGE, DUALGATE__V1__SIZE_CLASS__CODE__MEDIUM,
        DUALGATE__V1__SIZE_CLASS__CODE__SMALL, DUALGATE__V1__SIZE_CLASS__CODE__MICRO};
    const struct branch *b = branch_of(in->industry);
    if (!b) {
        return DUALGATE__V1__SIZE_CLASS__CODE__UNKNOWN;
    }
    int at_best = class_if(in, b, true);
    return at_best == class_if(in, b, false) ? classes[at_best]
                                             : DUALGATE__V1__SIZE_CLASS__CODE__UNKNOWN;
}

bool size_above_scale(const struct size_input *in, bool *above)
{
    for (size_t i = 0; i < N(scales) && in->revenue; i++) {
        if (begins_with_one_of(in->industry, scales[i].prefixes)) {
            *above = decimal_compare(span_of(in->revenue), span_of(scales[i].revenue)) >= 0;
            return true;
        }
    }
    return false;
}
