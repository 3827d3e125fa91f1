/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to canonical JSON by descriptor: fields in schema order, absent ones left out, enums by
 * name, 64-bit integers as numbers up to 2^53-1 and as strings above, timestamps with +08:00. */
#ifndef MODEL_JSON_WRITE_H
#define MODEL_JSON_WRITE_H

#include <stdbool.h>

#include "base/buf.h"
#include "model/report.h"

/* Masked: what the rules call personal is hidden as they say. Unknown members are left out then,
 * for nobody can say what is in them. */
enum json_mask { JSON_OPEN, JSON_MASKED };

/* A report in the form of contract.md §3 (record, …, body, then unknown members in their places).
 * The values of unknown members and of fields of format JSON are written as they are: valid JSON.
 */
void json_write_report(const struct schema *schema, const Dualgate__V1__Report *report,
                       enum json_mask mask, struct buf *out);
/* Any message of the schema, plain. */
void json_write_message(const struct message_type *type, const ProtobufCMessage *message,
                        enum json_mask mask, struct buf *out);

#endif
