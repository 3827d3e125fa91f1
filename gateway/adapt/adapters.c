/* SPDX-License-Identifier: Apache-2.0 */
/* The set of adapters, read from a folder of folders. */
#include "adapt/adapters.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "adapt/load.h"
#include "base/alloc.h"
#include "base/digest.h"

#define ADAPTERS_MAX           64
#define MAPPING_FILE           "mapping.yaml"
#define MAPPING_FILE_BYTES_MAX ((size_t)1 << 20)
#define PATH_CHARS_MAX         1024

struct adapters {
    const struct schema *schema;
    struct read_limits limits;
    struct adapter {
        struct mapping *mapping;
        uint8_t text[DIGEST_BYTES]; /* what it was made from */
    } items[ADAPTERS_MAX];
    size_t count;
};

static int by_name(const void *a, const void *b)
{
    const struct adapter *x = a;
    const struct adapter *y = b;
    return strcmp(x->mapping->name, y->mapping->name);
}

static enum err adapters_new(const struct schema *schema, const struct read_limits *limits,
                             struct adapters **out)
{
    *out = mem_zalloc(sizeof **out);
    if (!*out) {
        return ERR_NOMEM;
    }
    (*out)->schema = schema;
    (*out)->limits = *limits;
    return ERR_OK;
}

/* ERR_INVALID with complaints; ERR_NOT_FOUND when the folder holds no mapping. */
static enum err add(struct adapters *a, const char *dir, const char *name, struct buf *complaints)
{
    char path[PATH_CHARS_MAX];
    int len = snprintf(path, sizeof path, "%s/%s/" MAPPING_FILE, dir, name);
    if (len < 0 || (size_t)len >= sizeof path) {
        return ERR_NOT_FOUND;
    }
    struct arena arena;
    arena_init(&arena, 2 * MAPPING_FILE_BYTES_MAX);
    struct span text;
    struct mapping *m = NULL;
    uint8_t digest[DIGEST_BYTES] = {0};
    enum err err = load_file(path, MAPPING_FILE_BYTES_MAX, &arena, &text);
    if (err == ERR_OK) {
        digest_of(text, digest);
        err = mapping_compile(text, path, name, a->schema, &m, complaints);
    } else if (err == ERR_IO || err == ERR_FULL) {
        buf_printf(complaints, "%s: cannot be read\n", path);
        err = ERR_INVALID;
    }
    arena_free(&arena);
    if (err == ERR_OK && a->count == ADAPTERS_MAX) {
        buf_printf(complaints, "%s: more than %d adapters\n", path, ADAPTERS_MAX);
        mapping_free(m);
        return ERR_INVALID;
    }
    if (err == ERR_OK) {
        struct adapter *item = &a->items[a->count++];
        item->mapping = m;
        memcpy(item->text, digest, sizeof digest);
    }
    return err;
}

/* README.md stands beside the adapters. */
static bool is_folder(DIR *handle, const char *name)
{
    struct stat st;
    return name[0] != '.' && fstatat(dirfd(handle), name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

static enum err add_all(struct adapters *a, const char *dir, DIR *handle, struct buf *complaints)
{
    enum err worst = ERR_OK;
    for (const struct dirent *entry; (entry = readdir(handle)) != NULL;) {
        if (!is_folder(handle, entry->d_name)) {
            continue;
        }
        enum err err = add(a, dir, entry->d_name, complaints);
        if (err == ERR_NOMEM) {
            return err;
        }
        if (err == ERR_INVALID) {
            worst = err;
        }
    }
    qsort(a->items, a->count, sizeof a->items[0], by_name);
    return worst;
}

enum err adapters_load(const char *dir, const struct schema *schema,
                       const struct read_limits *limits, struct adapters **out,
                       struct buf *complaints)
{
    *out = NULL;
    DIR *handle = opendir(dir);
    if (!handle) {
        return ERR_NOT_FOUND;
    }
    enum err err = adapters_new(schema, limits, out);
    if (err == ERR_OK) {
        err = add_all(*out, dir, handle, complaints);
    }
    (void)closedir(handle);
    if (err == ERR_NOMEM) {
        adapters_free(*out);
        *out = NULL;
    }
    return err;
}

enum err adapters_load_one(const char *dir, const char *name, const struct schema *schema,
                           const struct read_limits *limits, struct adapters **out,
                           struct buf *complaints)
{
    enum err err = adapters_new(schema, limits, out);
    if (err == ERR_OK) {
        err = add(*out, dir, name, complaints);
    }
    if (err != ERR_OK) {
        adapters_free(*out);
        *out = NULL;
    }
    return err;
}

void adapters_free(struct adapters *a)
{
    if (!a) {
        return;
    }
    for (size_t i = 0; i < a->count; i++) {
        mapping_free(a->items[i].mapping);
    }
    mem_free(a);
}

size_t adapters_count(const struct adapters *a)
{
    return a->count;
}

const struct mapping *adapters_at(const struct adapters *a, size_t i)
{
    return a->items[i].mapping;
}

static const struct adapter *find(const struct adapters *a, struct span name)
{
    for (size_t i = 0; i < a->count; i++) {
        if (span_is(name, a->items[i].mapping->name)) {
            return &a->items[i];
        }
    }
    return NULL;
}

const struct mapping *adapters_find(const struct adapters *a, struct span name)
{
    const struct adapter *item = find(a, name);
    return item ? item->mapping : NULL;
}

void adapters_drop(struct adapters *a, size_t i)
{
    mapping_free(a->items[i].mapping);
    a->count--;
    memmove(&a->items[i], &a->items[i + 1], (a->count - i) * sizeof a->items[0]);
}

void adapters_inherit(struct adapters *into, struct adapters *from)
{
    size_t kept = 0;
    for (size_t i = 0; i < from->count; i++) {
        struct adapter item = from->items[i];
        if (into->count < ADAPTERS_MAX && !find(into, span_of(item.mapping->name))) {
            into->items[into->count++] = item;
        } else {
            from->items[kept++] = item;
        }
    }
    from->count = kept;
    qsort(into->items, into->count, sizeof into->items[0], by_name);
}

bool adapters_same(const struct adapters *a, const struct adapters *b, struct span name)
{
    const struct adapter *x = find(a, name);
    const struct adapter *y = find(b, name);
    return x && y && memcmp(x->text, y->text, sizeof x->text) == 0;
}

void adapters_set_limits(struct adapters *a, const struct read_limits *limits)
{
    a->limits = *limits;
}

const struct read_limits *adapters_limits(const struct adapters *a)
{
    return &a->limits;
}

const struct schema *adapters_schema(const struct adapters *a)
{
    return a->schema;
}
