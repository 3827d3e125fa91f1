/* SPDX-License-Identifier: Apache-2.0 */
/* The feed worker with what it needs: the outbox on a connection of its own, the feed's MQTT
 * client, and the timer that drives them. Runs only while the lock `feed` is ours and the broker is
 * there. */
#ifndef APP_FEEDING_H
#define APP_FEEDING_H

#include <uv.h>

#include "base/clock.h"
#include "base/err.h"
#include "conf/settings.h"
#include "model/schema.h"

struct feeding;

struct feeding_env {
    uv_loop_t *loop;
    const struct settings *settings;
    const struct schema *schema;
    const struct clock *clock;
    const char *conninfo;
    const char *mqtt_password; /* or NULL */
};

MUST_CHECK enum err feeding_new(struct feeding **out, const struct feeding_env *env);
void feeding_start(struct feeding *f);
/* The settings have changed. */
void feeding_follow(struct feeding *f);
/* Something was committed. */
void feeding_wake(struct feeding *f);
/* Why nothing is fed on now, or NULL. */
const char *feeding_trouble(const struct feeding *f);
void feeding_close(struct feeding *f, void (*closed)(void *arg), void *arg);

#endif
