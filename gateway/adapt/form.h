/* SPDX-License-Identifier: Apache-2.0 */
/* Text with holes: the answer of a sector's own form. "${id}" stands for a value written as JSON (a
 * string with its quotes, a number bare), everything else for itself. */
#ifndef ADAPT_FORM_H
#define ADAPT_FORM_H

#include "adapt/mapping.h"

/* Values of the holes; those that a form does not use may be empty. */
struct form_values {
    struct span request;
    size_t count, failed;
    struct span items; /* JSON already */
    struct span id, word, text;
};

/* False with *wrong the hole that does not exist. text must outlive the form. ERR_NOMEM is *wrong
 * at NULL. */
bool form_compile(struct span text, struct arena *arena, struct form *out, struct span *wrong);
void form_write(const struct form *form, const struct form_values *values, struct buf *out);

#endif
