/* SPDX-License-Identifier: Apache-2.0 */
/* Who owns a lane: whoever holds its advisory lock, on the very session that writes its batches.
 * For: connecting, asking for the lock, loading the lane's row and the statements that fit the
 * tables, giving all of it up, saying why it is not ours. Not for: what an owner does (pg/lane.h).
 *
 *   start → connects → asks for the lock each lock_poll_ms → [won] → … → [lost] → connects …
 *
 * Promises: won and lost alternate; a request under way is answered before lost; nothing is called
 * after closed. */
#ifndef PG_OWNERSHIP_H
#define PG_OWNERSHIP_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "pg/conn.h"
#include "pg/lane_row.h"
#include "pg/statements.h"

#define OWNERSHIP_REASON_MAX 400

enum ownership_state {
    OWNERSHIP_DOWN,    /* no session */
    OWNERSHIP_ASKING,  /* for the lock */
    OWNERSHIP_WAITING, /* before asking (again) */
    OWNERSHIP_LOADING, /* the lock is ours */
    OWNERSHIP_OWNED,
};

struct ownership_settings {
    int32_t lane;
    const char *who; /* for the log; must live as long */
    uint32_t lock_poll_ms;
    uint32_t fatal_retry_ms;
};

struct ownership_events {
    /* row is borrowed for the call. */
    void (*won)(void *arg, const struct lane_row *row);
    void (*lost)(void *arg);
};

struct ownership {
    struct ownership_settings settings;
    const struct schema *schema;
    const struct ownership_events *events;
    void *arg;
    struct conn *conn;
    struct statements statements;
    bool has_statements;
    enum ownership_state state;
    bool fatal; /* stopped by an error that is nobody's data; asked again slowly */
    char reason[OWNERSHIP_REASON_MAX];
    uv_timer_t wait_timer;
    int handles; /* still open */
    void (*closed)(void *arg);
};

/* Where it lies it stays. Errors of conn_new: then there is nothing to close. */
MUST_CHECK enum err ownership_init(struct ownership *o, uv_loop_t *loop,
                                   const struct schema *schema,
                                   const struct ownership_settings *settings,
                                   const struct conn_config *config,
                                   const struct ownership_events *events, void *arg);
void ownership_start(struct ownership *o);
bool ownership_held(const struct ownership *o);
/* Gives the lock and everything else of the session up; lost comes later. */
void ownership_give_up(struct ownership *o, enum err e, const char *why);
/* lost is called if owned, then closed with the arg of ownership_init. */
void ownership_close(struct ownership *o, void (*closed)(void *arg));
/* After closed. */
void ownership_free(struct ownership *o);

#endif
