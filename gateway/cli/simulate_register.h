/* SPDX-License-Identifier: Apache-2.0 */
/* The district into the register: what is there already stays as it is. */
#ifndef CLI_SIMULATE_REGISTER_H
#define CLI_SIMULATE_REGISTER_H

#include "base/buf.h"
#include "cli/district.h"
#include "conf/settings.h"

/* One transaction. What went wrong is appended to why. */
MUST_CHECK enum err sim_register(const struct settings *settings, const struct district *d,
                                 struct buf *why);

#endif
