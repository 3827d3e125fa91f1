/* SPDX-License-Identifier: Apache-2.0 */
/* Reports that wait for their parent, as the transaction leaves them: parked, waiting for another
 * parent now, or at their end, released or expired, with their second receipts. For: filling those
 * rows. Not for: reading them (pg/parked.h). Promises: keys stand sorted, by ledger number. */
#ifndef PG_WAITING_H
#define PG_WAITING_H

#include "pg/steps.h"

#define WAITING_STEPS 4 /* beside the rows of shared tables */

/* Those parked or moved; the msg_ids of those that expired are free again. */
MUST_CHECK enum err waiting_write(struct steps *s, const struct write_context *c);
/* Released and expired ones together, by ledger number; in the arena of the steps. */
MUST_CHECK enum err waiting_resolved(struct steps *s, const struct plan *p, struct plan_list *out);
/* Takes them out, with their verdict and receipt. */
MUST_CHECK enum err waiting_resolve(struct steps *s, const struct write_context *c,
                                    const struct plan_list *resolved);

#endif
