/* SPDX-License-Identifier: Apache-2.0 */
/* What ingest says to the database in words that are always the same. For: their texts. Not for:
 * those made from a table's columns (pg/statements.h). Promises: where a number of rows decides
 * whether the plan was right, dg.expect() says so inside the transaction. */
#ifndef PG_STATEMENT_H
#define PG_STATEMENT_H

#include "pg/pipeline.h"

extern const struct pg_statement statement_begin;
extern const struct pg_statement statement_commit;
extern const struct pg_statement statement_rollback;
extern const struct pg_statement statement_msg_keys; /* $1 uuid[], $2 publisher text[] */
extern const struct pg_statement statement_counter;  /* $1 name, $2 k: value before, time */
extern const struct pg_statement
    statement_feed_heads; /* $1 sector, $2 township, $3 record text[] */
extern const struct pg_statement statement_parked_drop; /* $1 ledger_no int8[], $2 how many */
extern const struct pg_statement
    statement_parked_move; /* $1 int8[], $2 record, $3 id, $4 how many */
extern const struct pg_statement
    statement_resolve; /* $1 int8[], $2 verdict text[], $3 lane, $4 batch */
extern const struct pg_statement statement_msg_key_drop; /* $1 uuid[], $2 publisher text[] */
extern const struct pg_statement statement_batch; /* its parameters: write_batch() of pg/writes.c */
extern const struct pg_statement
    statement_sweep_end; /* $1 after, $2 rows: last ledger_no looked at */

#endif
