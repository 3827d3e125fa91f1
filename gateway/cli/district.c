/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/district.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/district_dice.h"
#include "model/size_class.h"
#include "model/uscc.h"

#define ARENA_BYTES_MAX    ((size_t)4 << 30)
#define ORG_CODE_BODY      6
#define COMPANY_CODES      10000000
#define ENTITY_SMALL_STAFF 20

static const char code_letters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
#define CODE_LETTERS ((uint64_t)(sizeof code_letters - 1))

/* ---- codes ---- */

/* Walks all numbers below modulus without meeting one twice: stride and modulus share no factor. */
static uint64_t spread(uint64_t seed, const char *label, uint64_t number, uint64_t modulus,
                       uint64_t stride)
{
    struct dice d;
    dice_seed(&d, seed, label, 0, 0);
    return (dice_below(&d, modulus) + number % modulus * stride) % modulus;
}

void district_uscc(uint64_t seed, const char head[2], uint64_t number, char out[DISTRICT_USCC + 1])
{
    uint64_t modulus = 1;
    for (size_t i = 0; i < ORG_CODE_BODY; i++) {
        modulus *= CODE_LETTERS;
    }
    uint64_t body = spread(seed, "uscc", number, modulus, 15485863);
    char *org = out + 8;
    snprintf(out, DISTRICT_USCC + 1, "%.2s410411MA", head);
    for (size_t i = 0; i < ORG_CODE_BODY; i++) {
        org[2 + ORG_CODE_BODY - 1 - i] = code_letters[body % CODE_LETTERS];
        body /= CODE_LETTERS;
    }
    out[16] = org_code_check_character(org);
    out[17] = uscc_check_character(out);
    out[DISTRICT_USCC] = '\0';
}

/* ---- one entity ---- */

static const char *pick(struct dice *dice, const struct words_list *list)
{
    return list->at[dice_below(dice, list->n)];
}

static const struct words_sector *choose_sector(struct dice *dice, size_t index)
{
    unsigned sum = 0;
    if (index < WORDS_SECTORS) {
        return &words_sectors[index];
    }
    for (size_t i = 0; i < WORDS_SECTORS; i++) {
        sum += words_sectors[i].share;
    }
    uint64_t at = dice_below(dice, sum);
    size_t i = 0;
    while (at >= words_sectors[i].share) {
        at -= words_sectors[i++].share;
    }
    return &words_sectors[i];
}

static const struct words_township *choose_township(struct dice *dice, size_t index)
{
    return &words_townships[index < WORDS_TOWNSHIPS ? index : dice_below(dice, WORDS_TOWNSHIPS)];
}

/* Every sector's first entity runs, so that a small district is a whole one too. */
static void choose_state(struct dice *dice, struct district_entity *e)
{
    static const struct {
        const char *state;
        unsigned below; /* of a hundred */
    } shares[] = {
        {"NOT_BUILT", 8}, {"BUILDING", 20}, {"BUILT", 35}, {"EFFECTIVE", 45}, {"RUNNING", 100},
    };
    uint64_t at = dice_below(dice, 100);
    size_t i = 0;
    while (at >= shares[i].below) {
        i++;
    }
    e->build_state = e->index < WORDS_SECTORS ? "RUNNING" : shares[i].state;
    bool ready = e->index < WORDS_SECTORS || i >= 2;
    if (!ready) {
        e->habit = HABIT_NONE;
    } else if (e->index >= WORDS_SECTORS && dice_chance(dice, 7)) {
        e->habit = HABIT_SILENT;
    } else {
        bool small = e->index >= WORDS_SECTORS && e->staff < ENTITY_SMALL_STAFF;
        e->habit = small ? HABIT_SMALL : HABIT_FULL;
    }
}

static void choose_size(struct dice *dice, struct district_entity *e)
{
    static const struct {
        const char *name;
        int64_t from, to;
        unsigned below;
    } sizes[] = {
        {"LARGE", 1000, 3000, 4},
        {"MEDIUM", 300, 900, 22},
        {"SMALL", 20, 280, 70},
        {"MICRO", 3, 19, 100},
    };
    uint64_t at = e->index < WORDS_SECTORS ? 20 : dice_below(dice, 100);
    size_t i = 0;
    while (at >= sizes[i].below) {
        i++;
    }
    e->staff = dice_between(dice, sizes[i].from, sizes[i].to);
    const struct size_input figures = {
        .industry = e->form->industry, .has_staff = true, .staff = e->staff};
    const ProtobufCEnumValue *computed = protobuf_c_enum_descriptor_get_value(
        &dualgate__v1__size_class__code__descriptor, (int)size_class_of(&figures));
    bool decided = computed && computed->value != DUALGATE__V1__SIZE_CLASS__CODE__UNKNOWN;
    e->size_class = e->form->tier ? NULL : decided ? computed->name : sizes[i].name;
    e->above_scale = i < 2;
}

static void choose_place(struct district *d, struct dice *dice, struct district_entity *e)
{
    const struct words_township *town = choose_township(dice, e->index);
    struct arena *a = &d->arena;
    e->division = arena_printf(a, "%s%s", d->node, town->suffix);
    e->address = arena_printf(a, "平顶山市湛河区%s%s%" PRId64 "号", town->name,
                              pick(dice, &words_streets), dice_between(dice, 1, 299));
    e->lat = arena_printf(a, "33.%05" PRId64, dice_between(dice, 67000, 76000));
    e->lon = arena_printf(a, "113.%05" PRId64, dice_between(dice, 20000, 36000));
}

/* Neighbours in number are far apart in name, and no two names are equal before the tables end. */
static void choose_name(struct district *d, struct district_entity *e)
{
    size_t all = words_brand_first.n * words_brand_second.n;
    size_t at = (size_t)spread(d->seed, "name", e->index, all, 359);
    bool public_body = e->form->kind[0] == 'I' && e->form->tier != NULL;
    e->name = arena_printf(&d->arena, "%s%s%s%s", public_body ? "湛河区" : "平顶山市",
                           words_brand_first.at[at / words_brand_second.n],
                           words_brand_second.at[at % words_brand_second.n], e->form->ending);
}

static void choose_publisher(struct district *d, struct dice *dice, struct district_entity *e)
{
    struct arena *a = &d->arena;
    bool first = e->index < WORDS_SECTORS;
    e->publisher = e->uscc;
    if (strcmp(e->sector->code, "hazchem") == 0) {
        e->company_code = arena_printf(
            a, "41%07" PRIu64, spread(d->seed, "company", e->index, COMPANY_CODES, 15485863));
    }
    if (e->sector->adapter != NULL && e->habit == HABIT_FULL && (first || dice_chance(dice, 40))) {
        e->adapter = e->sector->adapter;
        e->adapter_key = arena_printf(a, "%016" PRIx64, dice_next(dice));
    } else if (e->sector == d->platform_sector) {
        e->publisher = d->platform;
    } else if (first ? e->sector == &words_sectors[5] : dice_chance(dice, 15)) {
        e->publisher = d->service_org;
    }
}

/* ---- its reporting units ---- */

static void choose_persons(struct district *d, struct dice *dice, struct district_unit *u)
{
    for (size_t i = 0; i < DISTRICT_PERSONS; i++) {
        u->persons[i].name = arena_printf(&d->arena, "%s%s", pick(dice, &words_surnames),
                                          pick(dice, &words_given_names));
        u->persons[i].phone =
            arena_printf(&d->arena, "1383750%04" PRId64, dice_between(dice, 0, 9999));
    }
}

static void make_unit(struct district *d, struct dice *dice, struct district_entity *e, size_t i)
{
    struct district_unit *u = &e->units[i];
    *u = (struct district_unit){.entity = e, .index = e->index * DISTRICT_UNITS_MAX + i};
    if (i == 0) {
        u->unit = "";
        u->name = e->name;
        u->division = e->division;
    } else {
        u->unit = arena_printf(&d->arena, "U%02zu", i);
        u->name = arena_printf(&d->arena, "%s第%zu%s", e->name, i, e->sector->unit);
        u->division =
            arena_printf(&d->arena, "%s%s", d->node, choose_township(dice, SIZE_MAX)->suffix);
    }
    choose_persons(d, dice, u);
}

static enum err make_units(struct district *d, struct dice *dice, struct district_entity *e)
{
    bool has_units = e->sector->unit != NULL && (e->index < WORDS_SECTORS || dice_chance(dice, 60));
    e->n_units = has_units ? 1 + (size_t)dice_between(dice, 1, DISTRICT_UNITS_MAX - 1) : 1;
    /* A builder's projects report, not the builder. */
    e->reporting_from = has_units ? 1 : 0;
    e->units = arena_alloc(&d->arena, e->n_units * sizeof *e->units);
    if (e->units == NULL) {
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < e->n_units; i++) {
        make_unit(d, dice, e, i);
    }
    return ERR_OK;
}

static enum err make_entity(struct district *d, size_t index)
{
    struct district_entity *e = &d->entities[index];
    struct dice dice;
    char uscc[DISTRICT_USCC + 1];
    dice_seed(&dice, d->seed, "entity", index, 0);
    *e = (struct district_entity){.index = index};
    e->sector = choose_sector(&dice, index);
    e->form = &e->sector->forms[index < WORDS_SECTORS ? 0 : dice_below(&dice, WORDS_FORMS)];
    district_uscc(d->seed, e->form->head, index, uscc);
    e->uscc = arena_strdup(&d->arena, uscc);
    choose_size(&dice, e);
    choose_state(&dice, e);
    choose_place(d, &dice, e);
    choose_name(d, e);
    choose_publisher(d, &dice, e);
    static const char *const scopes[] = {"CONSOLIDATE", "BUILD", "PILOT", "EXTEND"};
    e->scope = scopes[dice_below(&dice, 4)];
    return make_units(d, &dice, e);
}

/* Texts are asked for without looking; here it shows whether all of them came. */
static bool is_whole(const struct district_entity *e)
{
    bool whole = e->uscc && e->name && e->division && e->address && e->lat && e->lon &&
                 e->publisher && (!e->adapter || e->adapter_key) &&
                 (e->company_code || strcmp(e->sector->code, "hazchem") != 0);
    for (size_t i = 0; i < e->n_units; i++) {
        const struct district_unit *u = &e->units[i];
        whole = whole && u->unit && u->name && u->division;
        for (size_t p = 0; p < DISTRICT_PERSONS; p++) {
            whole = whole && u->persons[p].name && u->persons[p].phone;
        }
    }
    return whole;
}

enum err district_make(struct district *d, uint64_t seed, size_t count, const char *node)
{
    *d = (struct district){.seed = seed, .n_entities = count};
    arena_init(&d->arena, ARENA_BYTES_MAX);
    d->platform_sector = &words_sectors[11];
    d->node = arena_strdup(&d->arena, node);
    d->service_org = arena_printf(&d->arena, "sim-svc-%" PRIu64, seed);
    d->platform = arena_printf(&d->arena, "sim-care-%" PRIu64, seed);
    d->entities = arena_alloc(&d->arena, count * sizeof *d->entities);
    enum err e = d->entities && d->node && d->service_org && d->platform ? ERR_OK : ERR_NOMEM;
    for (size_t i = 0; i < count && e == ERR_OK; i++) {
        e = make_entity(d, i);
        if (e == ERR_OK && !is_whole(&d->entities[i])) {
            e = ERR_NOMEM;
        }
    }
    return e;
}

void district_free(struct district *d)
{
    arena_free(&d->arena);
}
