/* SPDX-License-Identifier: Apache-2.0 */
/* The heap behind one door, with a count of what is out and a trap for tests. It does not recover
 * from exhaustion: it says NULL and the caller decides. The counters are atomic, so a thread of the
 * pool may allocate as well. */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_size_t live;
static atomic_size_t asked;
static atomic_size_t fail_at; /* value of `asked` that fails; 0: none */

static bool refused(void)
{
    size_t n = atomic_fetch_add_explicit(&asked, 1, memory_order_relaxed) + 1;
    return n == atomic_load_explicit(&fail_at, memory_order_relaxed);
}

static void *counted(void *block)
{
    if (block) {
        atomic_fetch_add_explicit(&live, 1, memory_order_relaxed);
    }
    return block;
}

void *mem_alloc(size_t size)
{
    return refused() ? NULL : counted(malloc(size ? size : 1));
}

void *mem_zalloc(size_t size)
{
    return refused() ? NULL : counted(calloc(1, size ? size : 1));
}

void *mem_realloc(void *old, size_t size)
{
    if (!old) {
        return mem_alloc(size);
    }
    return refused() ? NULL : realloc(old, size ? size : 1);
}

char *mem_strndup(const char *text, size_t len)
{
    char *copy = len == SIZE_MAX ? NULL : mem_alloc(len + 1);
    if (copy) {
        if (len) {
            memcpy(copy, text, len);
        }
        copy[len] = '\0';
    }
    return copy;
}

char *mem_strdup(const char *text)
{
    return mem_strndup(text, strlen(text));
}

void mem_free(void *block)
{
    if (block) {
        atomic_fetch_sub_explicit(&live, 1, memory_order_relaxed);
        free(block);
    }
}

size_t mem_fail_at(size_t n)
{
    atomic_store_explicit(&fail_at, n, memory_order_relaxed);
    return atomic_exchange_explicit(&asked, 0, memory_order_relaxed);
}

size_t mem_live(void)
{
    return atomic_load_explicit(&live, memory_order_relaxed);
}
