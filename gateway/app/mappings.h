/* SPDX-License-Identifier: Apache-2.0 */
/* The adapters in use, and those that will take their place. For: reading them all anew, keeping
 * the old mapping of each that is wrong, exchanging them when nothing points into them. Promises: a
 * mapping is used only after its own samples came out as expected; an adapter whose folder is gone
 * goes on serving until the next start. */
#ifndef APP_MAPPINGS_H
#define APP_MAPPINGS_H

#include "adapt/adapters.h"
#include "base/buf.h"

struct mappings {
    struct adapters *running;
    struct adapters *fresh; /* waits for a moment between batches; or NULL */
};

/* At the start: any that is wrong is an error, told in complaints. */
MUST_CHECK enum err mappings_load(struct mappings *m, const char *dir, const struct schema *schema,
                                  const struct read_limits *limits, struct buf *complaints);
/* Reads all anew. ERR_INVALID with complaints when some are wrong: those stay as they are, the
 * others are taken all the same. ERR_NOT_FOUND (with a complaint), ERR_NOMEM: nothing is taken. */
MUST_CHECK enum err mappings_renew(struct mappings *m, const char *dir, struct buf *complaints);
/* Puts the fresh ones in use, if there are any: only while no message is held. */
void mappings_exchange(struct mappings *m);
/* Reads of messages are limited so from now on. */
void mappings_set_limits(struct mappings *m, const struct read_limits *limits);
void mappings_free(struct mappings *m);

#endif
