/* SPDX-License-Identifier: Apache-2.0 */
/* Is the database at the schema that this program was built for? Asked before ingest begins and by
 * `dualgate check`; changes nothing. */
#ifndef PG_SCHEMA_CHECK_H
#define PG_SCHEMA_CHECK_H

#include "base/buf.h"
#include "base/err.h"
#include "pg/pipeline.h"

/* No parameters. Fails with SQLSTATE 42P01 or 3F000 on a database that was never migrated. */
extern const struct pg_statement schema_check_select;

/* ERR_OK; ERR_INVALID with a sentence for people in why; ERR_FATAL when the result has not the
 * shape. */
MUST_CHECK enum err schema_check_take(const struct pg_result *r, struct buf *why);

#endif
