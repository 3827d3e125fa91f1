/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical JSON (contract.md §3) straight into protobuf-c messages, by descriptor, in one pass of
 * yajl after a strict UTF-8 scan. An error inside one report is that report's problem; only broken
 * syntax, encoding, depth or array size is the message's. Knows no record by name. */
#ifndef MODEL_JSON_READ_H
#define MODEL_JSON_READ_H

#include "model/report.h"

/* How a value is read (ProtoJSON with snake_case names):
 *   null              absent; in a list it is WRONG_TYPE. Absent, empty and zero stay three things.
 *   string            as it is; of a DECIMAL a number too, by its digits; of JSON the text of any
 * value code              its name, or its number as a number; never a number in quotes integer a
 * number or a string, exact, "5.0" too; no exponent unknown member    kept as text in
 * unknown_members under its path, warned of, 64 at most The first thing wrong refuses the report;
 * the rest of it is still read, so that a receipt can name it. */

/* topic_record: the record named by the topic; a report that names another is RECORD_MISMATCH.
 * NULL: each report must name its own. payload must outlive the result (raw slices point into it).
 * ERR_OK even if everything in it is wrong; ERR_NOMEM when the arena or heap is exhausted. */
MUST_CHECK enum err json_read(const struct schema *schema, struct span payload,
                              const struct record_type *topic_record,
                              const struct read_limits *limits, struct arena *arena,
                              struct report_set *out);

#endif
