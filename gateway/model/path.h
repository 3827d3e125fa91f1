/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a report something stands, as a chain on the stack. It becomes text only when there is
 * something to say about it, which is seldom. */
#ifndef MODEL_PATH_H
#define MODEL_PATH_H

#include <stdbool.h>
#include <stddef.h>

#define PATH_TEXT_MAX 256

struct path {
    const struct path *up; /* NULL at the top */
    const char *name;
    size_t index; /* of an item of a list */
    bool is_item;
};

/* "body.major_basis.clause", "body.photo_before[2]"; cut where it is longer. Returns out. */
const char *path_text(const struct path *p, char out[PATH_TEXT_MAX]);

#endif
