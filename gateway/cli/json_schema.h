/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Schema (draft 2020-12) of canonical reports, from the descriptors and the rules beside them.
 * For: senders that want to check a report before it leaves, forms, editors. Not for: the gateway's
 * own judgement, which also knows the register and rules across fields. Promises: what this schema
 * refuses, the gateway refuses too; the other way round does not hold. Unknown members pass, as
 * they do in the gateway. */
#ifndef CLI_JSON_SCHEMA_H
#define CLI_JSON_SCHEMA_H

#include "base/buf.h"
#include "model/schema.h"

/* A report whose body is this record, appended to out as indented JSON with a line end. */
void json_schema_write(const struct schema *schema, const struct record_type *record,
                       struct buf *out);

#endif
