/* SPDX-License-Identifier: Apache-2.0 */
/* The only door to the heap. Every function may return NULL; callers say ERR_NOMEM.
 * Tests make the n-th allocation fail with mem_fail_at(). */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

void *mem_alloc(size_t size);
void *mem_zalloc(size_t size);
void *mem_realloc(void *old, size_t size);
/* Copies len bytes and ends them with NUL. */
char *mem_strndup(const char *text, size_t len);
char *mem_strdup(const char *text);
void mem_free(void *block);

/* Tests: the n-th allocation from now (1 = the next) returns NULL, later ones succeed again; 0
 * turns it off. Returns how many allocations were asked for since the last call. */
size_t mem_fail_at(size_t n);
/* Blocks given out and not yet freed. */
size_t mem_live(void);

#endif
