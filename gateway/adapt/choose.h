/* SPDX-License-Identifier: Apache-2.0 */
/* Which record each row of a message is, and which other rows stand inside it: the list of what is
 * to be translated, what holds others before what it holds. */
#ifndef ADAPT_CHOOSE_H
#define ADAPT_CHOOSE_H

#include "adapt/container.h"

/* Appends the rows of the contents to jobs. ERR_OK with the message's problem set when the contents
 * have none, have too many, or do not say what they are; ERR_NOMEM. */
MUST_CHECK enum err choose_rows(struct reading *r, const struct contents *contents,
                                struct jobs *jobs);

#endif
