/* SPDX-License-Identifier: Apache-2.0 */
/* Small normalisations of foreign text. Codes, numbers and dates are folded to half width before
 * they are read; prose never is. */
#ifndef ADAPT_FOLD_H
#define ADAPT_FOLD_H

#include "base/arena.h"
#include "base/span.h"

/* White space off both ends: ASCII's, U+00A0, U+3000 and U+FEFF. */
struct span fold_trim(struct span text);
/* Full-width forms U+FF01..U+FF5E to ASCII, U+3000 to a space. The text itself when it holds none;
 * at NULL when the arena is exhausted. */
struct span fold_width(struct span text, struct arena *arena);

#endif
