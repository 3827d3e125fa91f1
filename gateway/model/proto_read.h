/* SPDX-License-Identifier: Apache-2.0 */
/* A protobuf ReportBatch into reports. The bytes are scanned first (declared sizes, nesting, count,
 * UTF-8, NUL) so that unpacking into the capped arena cannot be made to explode. */
#ifndef MODEL_PROTO_READ_H
#define MODEL_PROTO_READ_H

#include "model/report.h"

/* As json_read(). raw of each report is its own submessage's bytes. */
MUST_CHECK enum err proto_read(const struct schema *schema, struct span payload,
                               const struct record_type *topic_record,
                               const struct read_limits *limits, struct arena *arena,
                               struct report_set *out);
/* One stored Report (parked, outbox). NULL when it does not parse or the arena is exhausted. */
Dualgate__V1__Report *proto_read_one(struct span bytes, struct arena *arena);

#endif
