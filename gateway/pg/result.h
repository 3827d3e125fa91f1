/* SPDX-License-Identifier: Apache-2.0 */
/* Reading values out of a binary result. Every getter checks row, column, type and length, and says
 * false (leaving *out alone) for NULL or anything that does not fit; nothing is ever guessed. Spans
 * point into the result and live as long as it. */
#ifndef PG_RESULT_H
#define PG_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct pg_result; /* libpq's PGresult */

size_t result_rows(const struct pg_result *r);
/* Rows inserted, updated, deleted or selected, from the command tag; 0 where the tag has none. */
int64_t result_affected(const struct pg_result *r);
/* "COMMIT", "INSERT 0 5", …; never NULL. */
const char *result_tag(const struct pg_result *r);
bool result_null(const struct pg_result *r, size_t row, int col);
/* smallint, integer, bigint. */
bool result_int(const struct pg_result *r, size_t row, int col, int64_t *out);
bool result_bool(const struct pg_result *r, size_t row, int col, bool *out);
/* text, varchar, name. */
bool result_text(const struct pg_result *r, size_t row, int col, struct span *out);
/* Any type's bytes: bytea, uuid (16), jsonb (a version byte first), … */
bool result_bytes(const struct pg_result *r, size_t row, int col, struct span *out);
/* timestamptz in microseconds since 1970 UTC; infinity does not fit. */
bool result_time(const struct pg_result *r, size_t row, int col, int64_t *out_us);

#endif
