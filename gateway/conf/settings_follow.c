/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/settings_follow.h"

#include <string.h>

static size_t size_of(enum setting_type type)
{
    switch (type) {
    case SETTING_INTEGER:
        return sizeof(int64_t);
    case SETTING_BOOL:
        return sizeof(bool);
    case SETTING_DECIMAL:
        return sizeof(double);
    case SETTING_STRING:
    case SETTING_PATH:
        break;
    }
    return sizeof(const char *);
}

static bool is_text(const struct setting *row)
{
    return row->type == SETTING_STRING || row->type == SETTING_PATH;
}

static bool same(const struct setting *row, const char *a, const char *b)
{
    if (is_text(row)) {
        return strcmp(*(const char *const *)(const void *)a,
                      *(const char *const *)(const void *)b) == 0;
    }
    return memcmp(a, b, size_of(row->type)) == 0;
}

size_t settings_follow(struct settings *running, const struct settings *fresh, settings_differ tell,
                       void *arg)
{
    size_t changed = 0;
    size_t count;
    const struct setting *table = settings_table(&count);
    for (const struct setting *row = table; row < table + count; row++) {
        char *to = (char *)running + row->at;
        const char *from = (const char *)fresh + row->at;
        if (!same(row, to, from)) {
            tell(arg, row, running, fresh);
            changed += row->reloadable;
        }
        if (row->reloadable) {
            memcpy(to, from, size_of(row->type)); /* a text that is the same moves house too */
        }
    }
    return changed;
}
