/* SPDX-License-Identifier: Apache-2.0 */
#include "model/division.h"

#include <stdio.h>

/* Two digits for each level, "00" where one is left open. */
struct span division_prefix(struct span code)
{
    struct span prefix = code;
    while (code.len == DIVISION_COUNTY_DIGITS && prefix.len > 2 &&
           prefix.at[prefix.len - 1] == '0' && prefix.at[prefix.len - 2] == '0') {
        prefix.len -= 2;
    }
    return prefix;
}

bool division_within(struct span code, struct span of)
{
    return of.len > 0 && span_starts(code, division_prefix(of));
}

bool division_join(unsigned province, unsigned place, char out[DIVISION_COUNTY_DIGITS + 1])
{
    out[0] = '\0';
    if (province < 10 || province > 99 || place > 9999) {
        return false;
    }
    (void)snprintf(out, DIVISION_COUNTY_DIGITS + 1, "%02u%04u", province, place);
    return true;
}
