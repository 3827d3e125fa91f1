/* SPDX-License-Identifier: Apache-2.0 */
/* What the database needs once an hour: partitions of today and tomorrow for the raw bytes; days of
 * them and audit rows past their time go. For: that one request. Not for: when, and what if it
 * fails (pg/lane.h). */
#ifndef PG_UPKEEP_H
#define PG_UPKEEP_H

#include <stdint.h>

#include "pg/conn.h"

/* As conn_send. */
MUST_CHECK enum err upkeep_send(struct conn *conn, uint32_t raw_days, uint32_t audit_days,
                                uint32_t attachment_days, conn_done done, void *arg);

#endif
