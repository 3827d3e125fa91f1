/* SPDX-License-Identifier: Apache-2.0 */
/* Linear probing, at most three quarters full, deletion by moving back what follows: no tombstones,
 * so a map that lives for months stays as fast as a new one. Promises that a failed map_put leaves
 * the map as it was. */
#include "base/map.h"

#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"

#define CAP_FIRST ((size_t)16)

static uint64_t rotl(uint64_t v, int by)
{
    return v << by | v >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[0] = rotl(v[0], 32);
    v[2] += v[3];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[2] = rotl(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
}

/* SipHash-1-3 (Aumasson and Bernstein), in the machine's byte order. */
static uint64_t hash_of(const struct map *m, struct span key)
{
    uint64_t v[4] = {m->seed[0] ^ 0x736f6d6570736575, m->seed[1] ^ 0x646f72616e646f6d,
                     m->seed[0] ^ 0x6c7967656e657261, m->seed[1] ^ 0x7465646279746573};
    uint64_t word;
    size_t at = 0;
    for (; at + 8 <= key.len; at += 8) {
        memcpy(&word, key.at + at, 8);
        sip_word(v, word);
    }
    word = 0;
    if (key.len > at) {
        memcpy(&word, key.at + at, key.len - at);
    }
    sip_word(v, word | (uint64_t)key.len << 56);
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void map_init(struct map *m)
{
    *m = (struct map){0};
}

void map_free(struct map *m)
{
    mem_free(m->slots);
    map_init(m);
}

void map_clear(struct map *m)
{
    if (m->count) {
        memset(m->slots, 0, m->cap * sizeof(*m->slots));
        m->count = 0;
    }
}

/* The slot of the key, or the free one where it belongs. The map has slots. */
static struct map_slot *find(const struct map *m, struct span key, uint64_t hash)
{
    size_t at = (size_t)hash & (m->cap - 1);
    while (m->slots[at].value && (m->slots[at].hash != hash || !span_eq(m->slots[at].key, key))) {
        at = (at + 1) & (m->cap - 1);
    }
    return &m->slots[at];
}

void *map_get(const struct map *m, struct span key)
{
    return m->count ? find(m, key, hash_of(m, key))->value : NULL;
}

static enum err grow(struct map *m)
{
    struct map bigger = {.cap = m->cap ? 2 * m->cap : CAP_FIRST, .count = m->count};
    memcpy(bigger.seed, m->seed, sizeof(m->seed));
    if (!m->slots && random_bytes(bigger.seed, sizeof(bigger.seed)) != ERR_OK) {
        bigger.seed[0] = (uint64_t)(uintptr_t)m; /* weaker, but address layout is random too */
    }
    bigger.slots = mem_zalloc(bigger.cap * sizeof(*bigger.slots));
    if (!bigger.slots) {
        return ERR_NOMEM;
    }
    const struct map_slot *slot;
    for (size_t at = 0; (slot = map_next(m, &at)) != NULL;) {
        *find(&bigger, slot->key, slot->hash) = *slot;
    }
    mem_free(m->slots);
    *m = bigger;
    return ERR_OK;
}

enum err map_put(struct map *m, struct span key, void *value)
{
    if (m->cap) {
        struct map_slot *had = find(m, key, hash_of(m, key));
        if (had->value) {
            had->value = value;
            return ERR_OK;
        }
    }
    if (m->count + 1 > m->cap / 4 * 3) {
        enum err e = grow(m);
        if (e != ERR_OK) {
            return e;
        }
    }
    uint64_t hash = hash_of(m, key);
    *find(m, key, hash) = (struct map_slot){key, value, hash};
    m->count++;
    return ERR_OK;
}

/* Closes the gap at `hole`: moves back every follower whose home does not lie between. */
static void close_gap(struct map *m, size_t hole)
{
    size_t mask = m->cap - 1;
    for (size_t at = (hole + 1) & mask; m->slots[at].value; at = (at + 1) & mask) {
        size_t home = (size_t)m->slots[at].hash & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            m->slots[hole] = m->slots[at];
            hole = at;
        }
    }
    m->slots[hole] = (struct map_slot){0};
}

void *map_take(struct map *m, struct span key)
{
    struct map_slot *slot = m->count ? find(m, key, hash_of(m, key)) : NULL;
    if (!slot || !slot->value) {
        return NULL;
    }
    void *value = slot->value;
    close_gap(m, (size_t)(slot - m->slots));
    m->count--;
    return value;
}

const struct map_slot *map_next(const struct map *m, size_t *at)
{
    while (m->slots && *at < m->cap) {
        const struct map_slot *slot = &m->slots[(*at)++];
        if (slot->value) {
            return slot;
        }
    }
    return NULL;
}
