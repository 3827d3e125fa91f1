/* SPDX-License-Identifier: Apache-2.0 */
#include "model/division.h"

/* Of province, city and county together; two digits each, "00" where a level is left open. */
#define COUNTY_DIGITS 6

struct span division_prefix(struct span code)
{
    struct span prefix = code;
    while (code.len == COUNTY_DIGITS && prefix.len > 2 && prefix.at[prefix.len - 1] == '0' &&
           prefix.at[prefix.len - 2] == '0') {
        prefix.len -= 2;
    }
    return prefix;
}

bool division_within(struct span code, struct span of)
{
    return of.len > 0 && span_starts(code, division_prefix(of));
}
