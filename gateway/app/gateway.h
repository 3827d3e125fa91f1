/* SPDX-License-Identifier: Apache-2.0 */
/* The composition root: makes every part, joins them, and takes them down in the right order. */
#ifndef APP_GATEWAY_H
#define APP_GATEWAY_H

#include <uv.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "conf/settings.h"

struct gateway;

/* settings and clock outlive it. On error what is wrong is in errors, a line each, and nothing is
 * left but handles that close when the loop runs. */
MUST_CHECK enum err gateway_new(struct gateway **out, uv_loop_t *loop,
                                const struct settings *settings, const struct clock *clock,
                                struct buf *errors);
void gateway_start(struct gateway *g);
/* settings have changed, in place: those who keep copies are told. */
void gateway_follow(struct gateway *g);
/* Reads all adapters again; those that are right take the place of the old ones between two
 * batches. What is wrong is in complaints, a line each, and stays as it was: ERR_INVALID. */
MUST_CHECK enum err gateway_renew_adapters(struct gateway *g, struct buf *complaints);
/* Looks whether the password files still say what was read at the start; who says otherwise is
 * logged, and needs a restart. ERR_IO or ERR_INVALID with a complaint. */
MUST_CHECK enum err gateway_check_passwords(const struct gateway *g, struct buf *complaints);
/* Drains for at most drain.timeout_ms, closes everything, frees it, calls closed. */
void gateway_stop(struct gateway *g, void (*closed)(void *arg), void *arg);

#endif
