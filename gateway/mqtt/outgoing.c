/* SPDX-License-Identifier: Apache-2.0 */
/* See outgoing.h. What has ended waits in `finished` until it may be told: detach, free, call. */
#include "mqtt/outgoing.h"

#include <assert.h>
#include <stddef.h>

#include "base/alloc.h"

/* A quarter of the packet ids: none is given out twice at a time. */
#define WINDOW_MAX 16384

struct outgoing_entry {
    struct list link; /* in free, slots[mid] or finished */
    int mid;          /* written by the library before it sends */
    enum err result;
    outgoing_done done;
    void *arg;
};

enum err outgoing_init(struct outgoing *o, uint32_t max)
{
    *o = (struct outgoing){0};
    list_init(&o->free);
    list_init(&o->finished);
    uint32_t room = max > WINDOW_MAX ? WINDOW_MAX : max > 0 ? max : 1;
    uint32_t slots = 1;
    while (slots < room) {
        slots *= 2;
    }
    o->pool = mem_zalloc(room * sizeof(*o->pool));
    o->slots = mem_zalloc(slots * sizeof(*o->slots));
    if (!o->pool || !o->slots) {
        return ERR_NOMEM;
    }
    o->slot_mask = slots - 1;
    for (uint32_t i = 0; i < slots; i++) {
        list_init(&o->slots[i]);
    }
    for (uint32_t i = 0; i < room; i++) {
        list_append(&o->free, &o->pool[i].link);
    }
    return ERR_OK;
}

void outgoing_free(struct outgoing *o)
{
    mem_free(o->pool);
    mem_free(o->slots);
}

bool outgoing_is_full(const struct outgoing *o)
{
    return list_empty(&o->free);
}

uint32_t outgoing_count(const struct outgoing *o)
{
    return o->count;
}

static struct list *slot_of(struct outgoing *o, int mid)
{
    return &o->slots[(uint32_t)mid & o->slot_mask];
}

int *outgoing_begin(struct outgoing *o, outgoing_done done, void *arg)
{
    assert(!list_empty(&o->free) && !o->begun);
    struct outgoing_entry *entry = LIST_ITEM(o->free.next, struct outgoing_entry, link);
    list_remove(&entry->link);
    *entry = (struct outgoing_entry){.done = done, .arg = arg};
    list_init(&entry->link);
    o->begun = entry;
    return &entry->mid;
}

void outgoing_commit(struct outgoing *o)
{
    struct outgoing_entry *entry = o->begun;
    o->begun = NULL;
    o->count++;
    /* Unless it has finished already. */
    if (list_empty(&entry->link)) {
        list_append(slot_of(o, entry->mid), &entry->link);
    }
}

void outgoing_abandon(struct outgoing *o)
{
    struct outgoing_entry *entry = o->begun;
    o->begun = NULL;
    list_remove(&entry->link);
    list_append(&o->free, &entry->link);
}

static struct outgoing_entry *find(struct outgoing *o, int mid)
{
    if (o->begun && o->begun->mid == mid) {
        return o->begun;
    }
    struct list *slot = slot_of(o, mid);
    LIST_EACH (it, slot) {
        struct outgoing_entry *entry = LIST_ITEM(it, struct outgoing_entry, link);
        if (entry->mid == mid) {
            return entry;
        }
    }
    return NULL;
}

static void finish(struct outgoing *o, struct outgoing_entry *entry, enum err result)
{
    list_remove(&entry->link);
    entry->result = result;
    list_append(&o->finished, &entry->link);
}

bool outgoing_finish(struct outgoing *o, int mid, enum err result)
{
    struct outgoing_entry *entry = find(o, mid);
    if (entry) {
        finish(o, entry, result);
    }
    return entry != NULL;
}

bool outgoing_finish_all(struct outgoing *o, enum err result)
{
    bool any = false;
    for (uint32_t i = 0; i <= o->slot_mask; i++) {
        struct list *at;
        while ((at = o->slots[i].next) != &o->slots[i]) {
            finish(o, LIST_ITEM(at, struct outgoing_entry, link), result);
            any = true;
        }
    }
    return any;
}

void outgoing_tell(struct outgoing *o)
{
    struct list *at;
    while ((at = list_pop(&o->finished)) != NULL) {
        struct outgoing_entry *entry = LIST_ITEM(at, struct outgoing_entry, link);
        outgoing_done done = entry->done;
        void *arg = entry->arg;
        enum err result = entry->result;
        list_append(&o->free, &entry->link);
        o->count--;
        if (done) {
            done(arg, result);
        }
    }
}
