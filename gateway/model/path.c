/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of fields as the sender wrote them. */
#include "model/path.h"

#include <stdio.h>

static size_t write_path(const struct path *p, char out[PATH_TEXT_MAX])
{
    size_t len = p->up ? write_path(p->up, out) : 0;
    const char *dot = p->up ? "." : "";
    int n = p->is_item
                ? snprintf(out + len, PATH_TEXT_MAX - len, "%s%s[%zu]", dot, p->name, p->index)
                : snprintf(out + len, PATH_TEXT_MAX - len, "%s%s", dot, p->name);
    len += n > 0 ? (size_t)n : 0;
    return len < PATH_TEXT_MAX ? len : PATH_TEXT_MAX - 1;
}

const char *path_text(const struct path *p, char out[PATH_TEXT_MAX])
{
    write_path(p, out);
    return out;
}
