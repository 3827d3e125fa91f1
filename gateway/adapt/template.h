/* SPDX-License-Identifier: Apache-2.0 */
/* A text made of several values of a row: {省}{市:4}. Between template.c and gather.c. */
#ifndef ADAPT_TEMPLATE_H
#define ADAPT_TEMPLATE_H

#include "adapt/gather.h"

/* *text is at NULL when none of the sources has a value. When only some have, the first that has
 * not is the row's problem. ERR_NOMEM only. */
MUST_CHECK enum err template_fill(struct row *r, const struct target *t, struct span *text);

#endif
