/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch takes in: the ledger's rows with their msg_ids, the findings, the bytes of the
 * messages. For: filling those rows. Not for: numbering them (plan_number), parked ones of earlier
 * batches (pg/waiting.h). Promises: rows stand in the order of their ledger numbers. */
#ifndef PG_CLAIMS_H
#define PG_CLAIMS_H

#include "pg/steps.h"

MUST_CHECK enum err claims_write(struct steps *s, const struct write_context *c);
/* The word of what the report asks for; never empty. */
struct span claims_op(const struct report *r);
/* Of the message, or of the parked report. */
const char *claims_publisher(const struct plan_item *it);

#endif
