/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences with places: %1, %2, %3 of a template are filled with what stands in `parts`. Not a
 * printf: templates are tables of ours, parts are foreign text, and no part is ever read as a
 * template. */
#ifndef MODEL_SENTENCE_H
#define MODEL_SENTENCE_H

#include "base/buf.h"
#include "base/span.h"

#define SENTENCE_PARTS       3
#define SENTENCE_VALUE_CHARS 60

struct sentence_parts {
    struct span label;                      /* %1 */
    struct span values[SENTENCE_PARTS - 1]; /* %2, %3: clipped to SENTENCE_VALUE_CHARS characters */
};

void sentence_write(const char *template, const struct sentence_parts *parts, struct buf *out);

#endif
