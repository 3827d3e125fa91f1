/* SPDX-License-Identifier: Apache-2.0 */
/* The register out of its tables into memory: loaded when the session comes up, and again whenever
 * register.version or the civil day has changed. For: a whole, consistent snapshot (one REPEATABLE
 * READ transaction, read in pages). Not for: using it, or deciding when the old snapshot may go. A
 * database that is away changes nothing: the last snapshot goes on being used. */
#ifndef PG_REGISTER_LOAD_H
#define PG_REGISTER_LOAD_H

#include <stdint.h>
#include <uv.h>

#include "base/err.h"
#include "model/register.h"
#include "pg/conn.h"

struct register_load;

struct register_load_ops {
    /* A new snapshot; it is the callee's to free. version: register.version. */
    void (*loaded)(void *ctx, struct registry *registry, int64_t version);
};

/* A connection of its own. config's texts are copied; ops must live as long as the loader.
 * ERR_NOMEM or ERR_SYNTAX. */
MUST_CHECK enum err register_load_new(struct register_load **out, uv_loop_t *loop,
                                      const struct conn_config *config, uint32_t poll_ms,
                                      const struct register_load_ops *ops, void *ctx);
void register_load_start(struct register_load *l);
/* From the next look on. */
void register_load_set_poll(struct register_load *l, uint32_t poll_ms);
/* "" after a snapshot was loaded, else why there is none yet. */
const char *register_load_reason(const struct register_load *l);
/* loaded is not called any more; frees itself, then calls closed. */
void register_load_close(struct register_load *l, void (*closed)(void *arg), void *arg);

#endif
