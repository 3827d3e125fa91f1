/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts (contract.md §4): one per message, an item per report, made only from a committed batch.
 */
#ifndef PIPE_RECEIPT_H
#define PIPE_RECEIPT_H

#include "base/buf.h"
#include "pipe/batch.h"

/* What a receipt item says; also stored for the second receipt of a parked report. */
struct receipt_item {
    uint32_t index;
    const char *msg_id; /* or NULL */
    const char *record; /* or NULL */
    const char *id;     /* or NULL */
    enum verdict verdict;
    int64_t ledger_no;
    const uint8_t *hash; /* or NULL */
    const struct problem *problem;
    const struct warning *warnings;
    const struct finding *findings;
    const uint8_t *payload_hash; /* of an unreadable message, else NULL */
};

void receipt_write(const char *node, const struct batch *batch, const struct message *m,
                   struct buf *out);
/* Without warnings and findings: for a receipt that would be larger than the broker takes. */
void receipt_write_brief(const char *node, const struct batch *batch, const struct message *m,
                         struct buf *out);
void receipt_write_item(const struct receipt_item *item, struct buf *out);
/* The second receipt of a report that was parked: released or expired. */
void receipt_write_late(const char *node, int32_t lane, int64_t batch_no, int64_t received_us,
                        int64_t committed_us, const struct receipt_item *item, struct buf *out);
/* Where it goes: the response topic if allowed, else …/down/receipt. */
void receipt_topic(const struct message *m, struct buf *out);
/* …/down/receipt/native of the topic the message came on. */
void receipt_topic_native(const struct message *m, struct buf *out);

#endif
