/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the steps of one field over one text of a source. */
#ifndef ADAPT_STEPS_H
#define ADAPT_STEPS_H

#include "adapt/mapping.h"
#include "model/reason.h"
#include "model/register.h"

struct steps_context {
    const struct registry *registry;
    struct arena *arena;
};

/* What came out: a canonical text, nothing (absent), or why the source's text is not taken. */
struct steps_result {
    bool absent;
    enum reason reason;
    struct span text;
    struct span blamed; /* with a reason: the text as the failing step saw it */
};

/* ERR_NOMEM only. */
MUST_CHECK enum err steps_run(const struct steps_context *ctx, const struct target *target,
                              struct span text, struct steps_result *out);

#endif
