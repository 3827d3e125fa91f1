/* SPDX-License-Identifier: Apache-2.0 */
/* A capped arena: many small allocations of one life, freed together. What belongs to one message
 * lives in the arena of that message; the cap bounds what foreign bytes can make us allocate. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *head;
    size_t used;      /* bytes handed out */
    size_t held;      /* bytes taken from the heap */
    size_t max_bytes; /* cap on held; reaching it makes arena_alloc return NULL */
    bool capped;      /* an allocation was refused by the cap, not by the heap */
};

void arena_init(struct arena *a, size_t max_bytes);
/* Aligned for any type; NULL when the heap or the cap is exhausted. Size 0 gives a valid pointer.
 */
void *arena_alloc(struct arena *a, size_t size);
void *arena_zalloc(struct arena *a, size_t size);
char *arena_strndup(struct arena *a, const char *text, size_t len);
char *arena_strdup(struct arena *a, const char *text);
/* printf into the arena; NULL when exhausted. */
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Keeps the first block for reuse, frees the rest. Everything handed out is gone. */
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif
