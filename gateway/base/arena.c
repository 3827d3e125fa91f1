/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks chained from the newest to the oldest; small requests are cut from the newest, a large one
 * gets a block of its own behind it, so that what is left of the newest stays of use. Nothing is
 * given back one by one. Promises that the heap taken never exceeds the cap. */
#include "base/arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

#define ALIGNMENT       _Alignof(max_align_t)
#define BLOCK_FIRST     ((size_t)4096)
#define BLOCK_MAX       ((size_t)262144)
#define BLOCK_KEPT_MAX  ((size_t)65536) /* a reset arena holds on to no more than this */
#define OWN_BLOCK_SHARE 4 /* more than a quarter of the next block: a block of its own */

struct arena_block {
    struct arena_block *older;
    size_t size; /* of bytes[] */
    size_t used;
    max_align_t bytes[];
};

void arena_init(struct arena *a, size_t max_bytes)
{
    *a = (struct arena){.max_bytes = max_bytes};
}

static size_t room(const struct arena *a)
{
    size_t left = a->max_bytes - a->held;
    return left > sizeof(struct arena_block) ? left - sizeof(struct arena_block) : 0;
}

static struct arena_block *take_block(struct arena *a, size_t size)
{
    if (size > room(a)) {
        a->capped = true;
        return NULL;
    }
    struct arena_block *b = mem_alloc(sizeof(*b) + size);
    if (b) {
        *b = (struct arena_block){.size = size};
        a->held += sizeof(*b) + size;
    }
    return b;
}

static size_t next_block_size(const struct arena *a)
{
    size_t size = a->head ? 2 * a->head->size : BLOCK_FIRST - sizeof(struct arena_block);
    return size > BLOCK_MAX ? BLOCK_MAX : size;
}

/* A block with room for size bytes, linked in; NULL when heap or cap say no. */
static struct arena_block *grow(struct arena *a, size_t size)
{
    size_t common = next_block_size(a);
    bool own = a->head && size > common / OWN_BLOCK_SHARE;
    /* Near the cap the exact size may still fit. */
    bool exact = own || size > common || common > room(a);
    struct arena_block *b = take_block(a, exact ? size : common);
    if (!b) {
        return NULL;
    }
    if (own) {
        b->older = a->head->older;
        a->head->older = b;
    } else {
        b->older = a->head;
        a->head = b;
    }
    return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
    if (size > a->max_bytes) {
        a->capped = true;
        return NULL;
    }
    size_t rounded = size ? (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
    struct arena_block *b = a->head;
    if (!b || b->size - b->used < rounded) {
        b = grow(a, rounded);
    }
    if (!b) {
        return NULL;
    }
    void *out = (char *)b->bytes + b->used;
    b->used += rounded;
    a->used += rounded;
    return out;
}

void *arena_zalloc(struct arena *a, size_t size)
{
    void *out = arena_alloc(a, size);
    if (out) {
        memset(out, 0, size);
    }
    return out;
}

char *arena_strndup(struct arena *a, const char *text, size_t len)
{
    char *out = len == SIZE_MAX ? NULL : arena_alloc(a, len + 1);
    if (out) {
        if (len) {
            memcpy(out, text, len);
        }
        out[len] = '\0';
    }
    return out;
}

char *arena_strdup(struct arena *a, const char *text)
{
    return arena_strndup(a, text, strlen(text));
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *out = len < 0 ? NULL : arena_alloc(a, (size_t)len + 1);
    if (out) {
        va_start(args, format);
        (void)vsnprintf(out, (size_t)len + 1, format, args);
        va_end(args);
    }
    return out;
}

void arena_reset(struct arena *a)
{
    struct arena_block *b = a->head;
    while (b && b->older) {
        struct arena_block *older = b->older;
        mem_free(b);
        b = older;
    }
    if (b && b->size > BLOCK_KEPT_MAX) {
        mem_free(b);
        b = NULL;
    }
    if (b) {
        b->used = 0;
    }
    a->head = b;
    a->used = 0;
    a->capped = false;
    a->held = b ? sizeof(*b) + b->size : 0;
}

void arena_free(struct arena *a)
{
    struct arena_block *b = a->head;
    while (b) {
        struct arena_block *older = b->older;
        mem_free(b);
        b = older;
    }
    arena_init(a, a->max_bytes);
}
