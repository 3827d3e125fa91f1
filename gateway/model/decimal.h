/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal numbers as text: shape, digits and order, exactly. Never a binary fraction: money and
 * coordinates are stored as they were written. Does no arithmetic. */
#ifndef MODEL_DECIMAL_H
#define MODEL_DECIMAL_H

#include <stdbool.h>

#include "base/span.h"

/* An optional minus, digits, and an optional point followed by digits: no plus, no exponent, no
 * blanks. */
bool decimal_valid(struct span text);
/* What numeric(precision, scale) holds without rounding: at most scale digits after the point
 * (zeros at the end do not count) and precision - scale before it (leading zeros do not count).
 * precision 0: no limit. text is valid. */
bool decimal_fits(struct span text, unsigned precision, unsigned scale);
/* <0, 0, >0. Both valid. */
int decimal_compare(struct span a, struct span b);

#endif
