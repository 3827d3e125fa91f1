/* SPDX-License-Identifier: Apache-2.0 */
#include "model/division.h"

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
