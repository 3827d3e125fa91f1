/* SPDX-License-Identifier: Apache-2.0 */
/* A gate and a lane joined: what comes in by the one is committed by the other, receipted, and only
 * then acknowledged. For: the order of these steps and what happens when one fails. Not for: any of
 * the steps. Promises: a message is acknowledged only after its batch has committed and the broker
 * has taken its receipts; whatever else happens, the broker delivers it again. */
#ifndef APP_PAIR_H
#define APP_PAIR_H

#include <stdbool.h>
#include <uv.h>

#include "base/clock.h"
#include "base/err.h"
#include "conf/settings.h"
#include "mqtt/client.h"
#include "pipe/intake.h"
#include "pipe/settle.h"

struct pair;

/* What a pair shares with the rest of the process. All outlive it. */
struct pair_env {
    uv_loop_t *loop;
    const struct settings *settings;
    const struct schema *schema;
    const struct clock *clock;
    const struct intake *intake;
    const char *conninfo;      /* of PostgreSQL, see pg/conninfo.h */
    const char *mqtt_password; /* or NULL */
    struct client *receipts;
    const struct native_answer_ops *native;
    void *native_ctx;
};

struct pair_ops {
    /* A batch was committed: there may be something to feed on. */
    void (*on_committed)(void *ctx);
    /* A batch is at its end and its messages are freed. */
    void (*on_landed)(void *ctx);
};

/* Second receipts that a pair has under way at most. */
uint32_t pair_late_max(const struct settings *s);
MUST_CHECK enum err pair_new(struct pair **out, int32_t lane_no, const struct pair_env *env,
                             const struct pair_ops *ops, void *ctx);
void pair_start(struct pair *p);
/* Receipts can be published and the register is loaded: only then is anything taken in. */
void pair_allow(struct pair *p, bool allowed);
/* Once a second: counters of what was released or expired meanwhile, and a gate that could not be
 * made. */
void pair_tick(struct pair *p);
/* The settings have changed. */
void pair_follow(struct pair *p);
/* Come to rest, and stay there with what is committed unacknowledged, until told otherwise: then
 * what reports point into may be exchanged. */
void pair_rest(struct pair *p, bool rest);
/* Nothing is held: the register may be exchanged. */
bool pair_idle(const struct pair *p);
/* Why this pair takes nothing in now, or NULL. */
const char *pair_trouble(const struct pair *p);
/* Takes nothing more, finishes what is held, then calls drained once. */
void pair_drain(struct pair *p, void (*drained)(void *ctx));
/* Drops what is held, closes, frees, calls closed. */
void pair_close(struct pair *p, void (*closed)(void *arg), void *arg);

#endif
