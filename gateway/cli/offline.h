/* SPDX-License-Identifier: Apache-2.0 */
/* What a command needs to judge reports without a running gateway: schema, adapters, and the
 * register as the database has it now. */
#ifndef CLI_OFFLINE_H
#define CLI_OFFLINE_H

#include "adapt/adapt.h"
#include "base/buf.h"
#include "conf/settings.h"
#include "pipe/intake.h"

struct offline {
    struct schema *schema;
    struct adapters *adapters;
    struct registry *registry;
    struct intake intake; /* ready when offline_open succeeded */
};

/* What is wrong is appended to errors, a line each. Close in any case. */
MUST_CHECK enum err offline_open(struct offline *o, const struct settings *s, struct buf *errors);
void offline_close(struct offline *o);

#endif
