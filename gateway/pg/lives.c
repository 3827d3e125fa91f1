/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/lives.h"

#include <string.h>

#include "codes.pb-c.h"
#include "pg/life_events.h"
#include "pg/rows.h"

#define SECTOR_OF_ORGANISATIONS "org"
#define PAST_FIRST              ((size_t)16)
/* dp/v1/{node}/{sector}/… */
#define TOPIC_LEVELS_BEFORE_SECTOR 3

static const struct record_type *life_of_type(const struct schema *schema,
                                              const struct record_type *type)
{
    const struct record_type *moved =
        type->rule->moves ? schema_record(schema, span_of(type->rule->moves)) : type->via;
    if (life_kept(type)) {
        return type;
    }
    return moved && life_kept(moved) ? moved : NULL;
}

void lives_types(const struct schema *schema, const struct record_type **out)
{
    for (size_t i = 0; i < schema->n_records; i++) {
        out[i] = life_of_type(schema, &schema->records[i]);
    }
}

bool lives_by_authority(const struct plan_item *it)
{
    if (it->entry->message) {
        return span_is(it->entry->message->address.sector, SECTOR_OF_ORGANISATIONS);
    }
    struct span topic = it->parked->topic;
    for (int i = 0; i < TOPIC_LEVELS_BEFORE_SECTOR; i++) {
        (void)span_cut(&topic, '/');
    }
    return span_is(span_cut(&topic, '/'), SECTOR_OF_ORGANISATIONS);
}

static enum err begin_life(struct plan *p, struct plan_head *h)
{
    if (h->life) {
        return ERR_OK;
    }
    struct plan_life *l = arena_zalloc(&p->arena, sizeof *l);
    if (!l) {
        return ERR_NOMEM;
    }
    l->head = h;
    life_track_begin(&l->track);
    h->life = l;
    return plan_push_life(p, l);
}

enum err lives_name(struct plan *p, struct plan_item *it)
{
    const struct report *r = &it->entry->report;
    struct plan_head *h = it->beside ? it->beside : it->via ? it->via : it->head;
    enum err e = begin_life(p, h);
    it->said = e == ERR_OK ? arena_zalloc(&p->arena, sizeof *it->said) : NULL;
    if (!it->said) {
        return ERR_NOMEM;
    }
    const char *by = it->parked ? it->parked->publisher : it->entry->message->publisher;
    if (life_event_of(r, lives_by_authority(it), by, &it->said->event)) {
        it->said->order = r->order;
        it->said->tie = it->tie;
        it->life = h->life;
    }
    return ERR_OK;
}

void lives_found(struct plan_life *l, const struct life_stored *stored)
{
    l->token = stored->token;
    l->unit = stored->unit;
    l->has_row = stored->has_row;
    life_track_base(&l->track, &stored->life, &stored->order, stored->tie);
}

size_t lives_wanting_past(struct plan *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_items; i++) {
        struct plan_life *l = p->items[i]->life;
        if (l && l->head->known && !l->past_asked && !l->past_wanted &&
            life_track_is_past(&l->track, &p->items[i]->said->order, p->items[i]->said->tie)) {
            l->past_wanted = true;
            n++;
        }
    }
    return n;
}

enum err lives_add_past(struct plan *p, struct plan_life *l, struct life_said *said)
{
    if (l->n_past == l->cap_past) {
        size_t cap = l->cap_past ? 2 * l->cap_past : PAST_FIRST;
        struct life_said **wider = arena_alloc(&p->arena, cap * sizeof(struct life_said *));
        if (!wider) {
            return ERR_NOMEM;
        }
        if (l->n_past) {
            memcpy(wider, l->past, l->n_past * sizeof(struct life_said *));
        }
        l->past = wider;
        l->cap_past = cap;
    }
    l->past[l->n_past++] = said;
    return ERR_OK;
}

void lives_past(struct plan_life *l, bool complete)
{
    if (complete) {
        life_track_past(&l->track, l->past, l->n_past);
    }
}

bool lives_say_less(const struct plan_item *it)
{
    const struct hazard_life *life = it->life ? &it->life->track.now : NULL;
    int major = DUALGATE__V1__HAZARD_LEVEL__CODE__MAJOR;
    return life && (life->found_by != it->said->event.found_by ||
                    (it->said->event.level == major && life->level != major));
}

/* An organisation may act for the unit that its report names; the record is found by the entity
 * alone, and may be another unit's. */
static bool is_of_another_unit(const struct plan_item *it)
{
    const struct plan_life *l = it->life;
    const char *unit = l->content ? rows_text(l->content->entry->report.env->unit).at : l->unit;
    return unit && strcmp(unit, rows_text(it->entry->report.env->unit).at) != 0;
}

bool lives_take(struct plan *p, struct plan_item *it, enum reason *why)
{
    struct life_findings found; /* large: only its number is set */
    found.n = 0;
    *why = REASON_NONE;
    if (it->said->event.authority && is_of_another_unit(it)) {
        *why = REASON_NOT_AUTHORISED;
        return false;
    }
    enum err e = life_track_add(&it->life->track, &p->arena, it->said, &found, why);
    if (e == ERR_OK && *why == REASON_NONE && found.n > 0) {
        it->found = arena_alloc(&p->arena, sizeof *it->found);
        if (it->found) {
            *it->found = found;
        }
        e = it->found ? ERR_OK : ERR_NOMEM;
    }
    p->starved = p->starved || e != ERR_OK;
    return e == ERR_OK && *why == REASON_NONE;
}

void lives_taken(struct plan_item *it, bool newest)
{
    struct plan_life *l = it->life;
    l->last = it;
    if (!newest || it->beside) {
        return;
    }
    l->newest = it;
    if (it->said->event.kind == LIFE_VERSION) {
        l->content = it;
    }
}

void lives_settle(const struct plan_item *it)
{
    struct entry *e = it->entry;
    for (size_t i = 0; it->found && e->message && i < it->found->n; i++) {
        const struct life_finding *f = &it->found->at[i];
        report_find(&e->report, &e->message->arena, finding_word(f->code), f->field, f->reported,
                    f->expected);
    }
}
