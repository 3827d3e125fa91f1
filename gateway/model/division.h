/* SPDX-License-Identifier: Apache-2.0 */
/* Division codes (GB/T 2260 and the statistical extension): 6, 9 or 12 digits. Which lies in which
 * is seen from the digits. */
#ifndef MODEL_DIVISION_H
#define MODEL_DIVISION_H

#include <stdbool.h>

#include "base/span.h"

/* Of province, city and county together. */
#define DIVISION_COUNTY_DIGITS 6

/* What the codes inside begin with: 410411 of 410411, 4104 of 410400, 41 of 410000; codes of 9 and
 * 12 digits are their own prefix. */
struct span division_prefix(struct span code);
/* Is the division `of` or lies in it. Nothing lies in an empty one. */
bool division_within(struct span code, struct span of);

#endif
