/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of a running process follow those read anew. For: taking what may change at run time,
 * and naming what may not. Not for: reading or judging (settings_load), telling those who keep a
 * copy of a value. */
#ifndef CONF_SETTINGS_FOLLOW_H
#define CONF_SETTINGS_FOLLOW_H

#include "conf/settings.h"

/* A setting that differs: running still has the old value, fresh the new one; row->reloadable says
 * whether it is taken. */
typedef void (*settings_differ)(void *arg, const struct setting *row,
                                const struct settings *running, const struct settings *fresh);

/* Copies every reloadable value of fresh into running; tells each difference. The texts of running
 * are fresh's then: fresh must outlive them, until the next call with another. The number of
 * settings that were changed. */
size_t settings_follow(struct settings *running, const struct settings *fresh, settings_differ tell,
                       void *arg);

#endif
