/* SPDX-License-Identifier: Apache-2.0 */
/* Reads kept attachments in pieces, on a session of its own, so that a slow browser never holds up
 * a lane. One request at a time goes to the database; the others wait in a bounded queue. */
#ifndef PG_ATTACHMENT_READER_H
#define PG_ATTACHMENT_READER_H

#include "model/attachments.h"
#include "pg/conn.h"

struct attachment_reader;

/* As conn_new. */
MUST_CHECK enum err attachment_reader_new(struct attachment_reader **out, uv_loop_t *loop,
                                          const struct conn_config *config, uint32_t queue_max);
void attachment_reader_start(struct attachment_reader *r);
/* The piece that begins at `from`. done is called exactly once, later: ERR_NOT_FOUND, or another
 * error, with part NULL. ERR_CLOSED without a session, ERR_FULL, ERR_NOMEM: it is never called. */
MUST_CHECK enum err attachment_reader_ask(struct attachment_reader *r,
                                          const uint8_t hash[DIGEST_BYTES], uint64_t from,
                                          attachment_done done, void *arg);
/* Answers what waits with ERR_CLOSED, frees itself, then calls closed from the loop. */
void attachment_reader_close(struct attachment_reader *r, void (*closed)(void *arg), void *arg);

#endif
