/* SPDX-License-Identifier: Apache-2.0 */
/* From rows of the register's tables to the snapshot in memory: for each table its statement and
 * who takes its rows. Only for pg/register_load. */
#ifndef PG_REGISTER_ROWS_H
#define PG_REGISTER_ROWS_H

#include "model/register.h"
#include "pg/result.h"
#include "pg/statement.h"

/* The civil day by which validity is judged, as everywhere. */
#define REGISTER_TODAY "(now() at time zone 'Asia/Shanghai')::date"

/* A table that is small enough for one answer. */
struct register_table {
    struct pg_statement select;
    enum err (*take)(struct registry *reg, const struct pg_result *r);
};

/* In the order in which they must be taken. */
extern const struct register_table register_tables[];
enum { REGISTER_TABLES = 5 };

/* Units after ($1 uscc, $2 unit), $3 rows at most, by key. */
extern const struct pg_statement register_units_select;
MUST_CHECK enum err register_take_units(struct registry *reg, const struct pg_result *r);

/* A text of the answer, NULL for null. Values of libpq end with a NUL beyond their length; text
 * holds none inside. */
const char *register_cell(const struct pg_result *r, size_t row, int col);

#endif
