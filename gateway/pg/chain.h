/* SPDX-License-Identifier: Apache-2.0 */
/* The hash chain of a lane's batches, the same for whoever writes it and whoever verifies it:
 *
 *   hash = SHA-256(prev_hash ‖ lane ‖ no ‖ for each report: ledger_no ‖ content hash ‖ verdict)
 *
 * numbers big-endian (lane 4 bytes, no and ledger_no 8), verdict one byte (Verdict.Code of
 * proto/report.proto); reports by ledger number: first those the batch claimed, with the verdict of
 * then, after them the parked ones of earlier batches that it released or let expire, with theirs.
 * prev_hash of a lane's first batch is empty. */
#ifndef PG_CHAIN_H
#define PG_CHAIN_H

#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "pipe/message.h"

/* A place in the chain of a lane. */
struct chain_link {
    int64_t no;
    uint8_t hash[DIGEST_BYTES];
    size_t hash_len; /* 0 before the first batch */
};

/* Starts in b, which it empties. */
void chain_begin(struct buf *b, struct span prev_hash, int32_t lane, int64_t no);
void chain_add(struct buf *b, int64_t ledger_no, const uint8_t hash[DIGEST_BYTES], enum verdict v);
/* ERR_NOMEM when something did not fit. */
MUST_CHECK enum err chain_end(struct buf *b, uint8_t out[DIGEST_BYTES]);

#endif
