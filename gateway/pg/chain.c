/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/chain.h"

void chain_begin(struct buf *b, struct span prev_hash, int32_t lane, int64_t no)
{
    buf_reset(b);
    buf_put_span(b, prev_hash);
    buf_be32(b, (uint32_t)lane);
    buf_be64(b, (uint64_t)no);
}

void chain_add(struct buf *b, int64_t ledger_no, const uint8_t hash[DIGEST_BYTES], enum verdict v)
{
    buf_be64(b, (uint64_t)ledger_no);
    buf_put(b, hash, DIGEST_BYTES);
    buf_putc(b, (char)((int)v - (int)VERDICT_STORED));
}

enum err chain_end(struct buf *b, uint8_t out[DIGEST_BYTES])
{
    if (buf_failed(b)) {
        return ERR_NOMEM;
    }
    digest_of(buf_span(b), out);
    return ERR_OK;
}
