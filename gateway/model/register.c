/* SPDX-License-Identifier: Apache-2.0 */
/* The register in memory: rows and texts in one arena, found by hash maps. A snapshot is built by
 * one writer, then only read, and is replaced whole when the tables change. */
#include "model/register.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/map.h"

/* Far above any district's register; there so that a runaway table cannot take the machine down. */
#define REGISTER_BYTES_MAX ((size_t)1 << 30)
/* Longest key that is looked for: USCC or publisher, unit, sector and separators. */
#define KEY_BYTES_MAX 512

/* An entity may publish for itself without a row of its own; that publisher stands beside its unit
 * "". */
struct entity_row {
    struct reg_unit unit;
    struct reg_publisher self;
};

/* Likewise an organisation. */
struct org_row {
    struct reg_org org;
    struct reg_publisher self;
};

struct registry {
    struct arena arena;
    struct code_book *codes;
    struct map sectors;
    struct map orgs; /* struct org_row */
    struct map divisions;
    struct map units;         /* "uscc|unit" */
    struct map entities;      /* uscc: struct entity_row */
    struct map companies;     /* company code: struct reg_unit of unit "" */
    struct map organisations; /* organisation code: the same, or `several` */
    struct reg_unit several;
    struct map publishers;
    struct map authorisations; /* "publisher|uscc|sector" */
};

struct key {
    char bytes[KEY_BYTES_MAX];
    size_t len; /* 0: too long to exist */
};

static void key_add(struct key *k, struct span part)
{
    if (part.len >= sizeof k->bytes - k->len) {
        k->len = sizeof k->bytes;
        return;
    }
    if (part.len > 0) {
        memcpy(k->bytes + k->len, part.at, part.len);
    }
    k->len += part.len;
    k->bytes[k->len++] = '|';
}

/* Joins the parts, each ended by '|'. Gives an empty span, which no row has, where they are too
 * long. */
static struct span key_of(struct key *k, struct span a, struct span b, struct span c)
{
    k->len = 0;
    key_add(k, a);
    key_add(k, b);
    key_add(k, c);
    return k->len < sizeof k->bytes ? (struct span){k->bytes, k->len} : SPAN_NONE;
}

enum err registry_new(struct registry **out)
{
    *out = mem_zalloc(sizeof **out);
    if (!*out) {
        return ERR_NOMEM;
    }
    struct registry *r = *out;
    enum err err = code_book_new(&r->codes);
    if (err != ERR_OK) {
        mem_free(r);
        *out = NULL;
        return err;
    }
    arena_init(&r->arena, REGISTER_BYTES_MAX);
    map_init(&r->sectors);
    map_init(&r->orgs);
    map_init(&r->divisions);
    map_init(&r->units);
    map_init(&r->entities);
    map_init(&r->companies);
    map_init(&r->organisations);
    map_init(&r->publishers);
    map_init(&r->authorisations);
    return ERR_OK;
}

void registry_free(struct registry *r)
{
    if (!r) {
        return;
    }
    map_free(&r->sectors);
    map_free(&r->orgs);
    map_free(&r->divisions);
    map_free(&r->units);
    map_free(&r->entities);
    map_free(&r->companies);
    map_free(&r->organisations);
    map_free(&r->publishers);
    map_free(&r->authorisations);
    arena_free(&r->arena);
    code_book_free(r->codes);
    mem_free(r);
}

/* Replaces *text by a copy; NULL becomes "". */
static bool own(struct registry *r, const char **text)
{
    *text = arena_strdup(&r->arena, *text ? *text : "");
    return *text != NULL;
}

enum err registry_add_sector(struct registry *r, const struct reg_sector *row)
{
    struct reg_sector *mine = arena_alloc(&r->arena, sizeof *mine);
    if (!mine) {
        return ERR_NOMEM;
    }
    *mine = *row;
    if (!own(r, &mine->code) || !own(r, &mine->profile) || !own(r, &mine->lead_org) ||
        !own(r, &mine->co_orgs)) {
        return ERR_NOMEM;
    }
    return map_put(&r->sectors, span_of(mine->code), mine);
}

enum err registry_add_division(struct registry *r, const struct reg_division *row)
{
    struct reg_division *mine = arena_alloc(&r->arena, sizeof *mine);
    if (!mine) {
        return ERR_NOMEM;
    }
    *mine = *row;
    if (!own(r, &mine->code) || (mine->mapped_to && !own(r, &mine->mapped_to))) {
        return ERR_NOMEM;
    }
    return map_put(&r->divisions, span_of(mine->code), mine);
}

/* Who publishes as itself, in canonical form. */
static struct reg_publisher publisher_itself(const char *code, const char *kind)
{
    return (struct reg_publisher){.code = code,
                                  .kind = kind,
                                  .adapters = "",
                                  .charset = "",
                                  .key = "",
                                  .company_code = "",
                                  .active = true};
}

enum org_kind org_kind_of(struct span word)
{
    static const struct {
        const char *word;
        enum org_kind kind;
    } kinds[] = {{"DEPARTMENT", ORG_DEPARTMENT},
                 {"TOWNSHIP", ORG_TOWNSHIP},
                 {"COMMITTEE", ORG_COMMITTEE},
                 {"GOVERNMENT", ORG_GOVERNMENT},
                 {"UPPER", ORG_UPPER}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (span_is(word, kinds[i].word)) {
            return kinds[i].kind;
        }
    }
    return ORG_OTHER;
}

enum err registry_add_org(struct registry *r, const struct reg_org *row)
{
    struct org_row *mine = arena_alloc(&r->arena, sizeof *mine);
    if (!mine) {
        return ERR_NOMEM;
    }
    mine->org = *row;
    if (!own(r, &mine->org.code) || !own(r, &mine->org.division) || !own(r, &mine->org.sectors)) {
        return ERR_NOMEM;
    }
    mine->self = publisher_itself(mine->org.code, "ORG");
    mine->self.active = row->active;
    return map_put(&r->orgs, span_of(mine->org.code), mine);
}

#define USCC_CHARS         18
#define ORGANISATION_AT    8
#define ORGANISATION_CHARS 9

static enum err put_organisation(struct registry *r, struct reg_unit *unit)
{
    if (strlen(unit->uscc) != USCC_CHARS) {
        return ERR_OK;
    }
    struct span code = {unit->uscc + ORGANISATION_AT, ORGANISATION_CHARS};
    const struct reg_unit *other = map_get(&r->organisations, code);
    bool doubled = other && (other == &r->several || strcmp(other->uscc, unit->uscc) != 0);
    return map_put(&r->organisations, code, doubled ? &r->several : unit);
}

static enum err put_entity(struct registry *r, struct entity_row *row)
{
    row->self = publisher_itself(row->unit.uscc, "ENTITY");
    row->self.company_code = row->unit.company_code;
    enum err e = map_put(&r->entities, span_of(row->unit.uscc), row);
    if (e == ERR_OK && row->unit.company_code[0] != '\0') {
        e = map_put(&r->companies, span_of(row->unit.company_code), &row->unit);
    }
    return e == ERR_OK ? put_organisation(r, &row->unit) : e;
}

enum err registry_add_unit(struct registry *r, const struct reg_unit *row, const char *sector)
{
    const struct reg_sector *known = registry_sector(r, span_of(sector));
    if (!known) {
        return ERR_NOT_FOUND;
    }
    struct entity_row *mine = arena_alloc(&r->arena, sizeof *mine);
    if (!mine) {
        return ERR_NOMEM;
    }
    mine->unit = *row;
    mine->unit.sector = known;
    bool by_sector = !row->profile || row->profile[0] == '\0';
    mine->unit.profile = by_sector ? known->profile : row->profile;
    if ((!by_sector && !own(r, &mine->unit.profile)) || !own(r, &mine->unit.co_sectors) ||
        !own(r, &mine->unit.uscc) || !own(r, &mine->unit.unit) || !own(r, &mine->unit.division) ||
        !own(r, &mine->unit.company_code) || !own(r, &mine->unit.name) ||
        !own(r, &mine->unit.industry)) {
        return ERR_NOMEM;
    }
    struct key k;
    struct span key = key_of(&k, span_of(mine->unit.uscc), span_of(mine->unit.unit), SPAN_NONE);
    if (key.len == 0) {
        return ERR_INVALID;
    }
    const char *kept = arena_strndup(&r->arena, key.at, key.len);
    if (!kept) {
        return ERR_NOMEM;
    }
    enum err e = map_put(&r->units, (struct span){kept, key.len}, &mine->unit);
    if (e == ERR_OK && mine->unit.unit[0] == '\0') {
        e = put_entity(r, mine);
    }
    return e;
}

enum err registry_add_publisher(struct registry *r, const struct reg_publisher *row)
{
    struct reg_publisher *mine = arena_alloc(&r->arena, sizeof *mine);
    if (!mine) {
        return ERR_NOMEM;
    }
    *mine = *row;
    if (!own(r, &mine->code) || !own(r, &mine->kind) || !own(r, &mine->adapters) ||
        !own(r, &mine->charset) || !own(r, &mine->key) || !own(r, &mine->company_code)) {
        return ERR_NOMEM;
    }
    return map_put(&r->publishers, span_of(mine->code), mine);
}

enum err registry_add_authorisation(struct registry *r, const char *publisher, const char *uscc,
                                    const char *sector)
{
    struct key k;
    struct span key = key_of(&k, span_of(publisher), span_of(uscc), span_of(sector));
    if (key.len == 0) {
        return ERR_INVALID;
    }
    char *kept = arena_strndup(&r->arena, key.at, key.len);
    return kept ? map_put(&r->authorisations, (struct span){kept, key.len}, kept) : ERR_NOMEM;
}

struct code_book *registry_codes_mutable(struct registry *r)
{
    return r->codes;
}

const struct code_book *registry_codes(const struct registry *r)
{
    return r->codes;
}

const struct reg_sector *registry_sector(const struct registry *r, struct span code)
{
    return map_get(&r->sectors, code);
}

const struct reg_division *registry_division(const struct registry *r, struct span code)
{
    return map_get(&r->divisions, code);
}

const struct reg_org *registry_org(const struct registry *r, struct span code)
{
    const struct org_row *row = map_get(&r->orgs, code);
    return row ? &row->org : NULL;
}

const struct reg_unit *registry_unit(const struct registry *r, struct span uscc, struct span unit)
{
    struct key k;
    return map_get(&r->units, key_of(&k, uscc, unit, SPAN_NONE));
}

bool registry_has_entity(const struct registry *r, struct span uscc)
{
    return map_get(&r->entities, uscc) != NULL;
}

const struct reg_unit *registry_unit_by_company(const struct registry *r, struct span company_code)
{
    return map_get(&r->companies, company_code);
}

const struct reg_unit *registry_unit_by_organisation(const struct registry *r, struct span code)
{
    const struct reg_unit *unit = map_get(&r->organisations, code);
    return unit == &r->several ? NULL : unit;
}

const struct reg_publisher *registry_publisher(const struct registry *r, struct span code)
{
    const struct reg_publisher *row = map_get(&r->publishers, code);
    if (row) {
        return row;
    }
    const struct entity_row *entity = map_get(&r->entities, code);
    if (entity) {
        return &entity->self;
    }
    const struct org_row *org = map_get(&r->orgs, code);
    return org ? &org->self : NULL;
}

static bool authorised_by(const struct registry *r, struct span publisher, struct span uscc,
                          struct span sector)
{
    struct key k;
    return map_get(&r->authorisations, key_of(&k, publisher, uscc, sector)) != NULL;
}

bool registry_authorised(const struct registry *r, struct span publisher, struct span uscc,
                         struct span sector)
{
    struct span every = SPAN_LIT("*");
    return authorised_by(r, publisher, uscc, sector) ||
           authorised_by(r, publisher, uscc, SPAN_NONE) ||
           authorised_by(r, publisher, every, sector) ||
           authorised_by(r, publisher, every, SPAN_NONE);
}

size_t registry_unit_count(const struct registry *r)
{
    return r->units.count;
}
