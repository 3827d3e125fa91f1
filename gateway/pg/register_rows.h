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
enum { REGISTER_TABLES = 6 };

/* A table that is read in pages by its key: the first `keys` columns, all of them text, are $1 to
 * $keys; the number of rows is behind them. */
struct register_page {
    struct pg_statement select;
    size_t keys;
    enum err (*take)(struct registry *reg, const struct pg_result *r);
};
enum { REGISTER_PAGES = 3, REGISTER_KEYS_MAX = 4 };
extern const struct register_page register_pages[];

/* A text of the answer, NULL for null. Values of libpq end with a NUL beyond their length; text
 * holds none inside. */
const char *register_cell(const struct pg_result *r, size_t row, int col);

#endif
