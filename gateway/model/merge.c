/* SPDX-License-Identifier: Apache-2.0 */
/* Sector and division come first: who leads, and in which township the unit lies, follows from
 * them. A list's own word on its sector counts by the sector that it names itself, so that the lead
 * of what is claimed is heard and two leads that both claim the unit leave it open. */
#include "model/merge.h"

static const char *const role_names[MERGE_ROLES] = {"COMMITTEE", "LEAD", "CO", "TOWNSHIP"};

const char *merge_role_name(enum merge_role role)
{
    return role_names[role];
}

enum merge_role merge_role_of(struct span name)
{
    int role = 0;
    while (role < MERGE_ROLES && !span_is(name, role_names[role])) {
        role++;
    }
    return (enum merge_role)role;
}

/* ---- equal ---- */

static const struct span spaces[] = {{" ", 1},  {"\t", 1},       {"\n", 1},
                                     {"\r", 1}, {"\xC2\xA0", 2}, {"\xE3\x80\x80", 3}};

static void skip_spaces(struct span *s)
{
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        if (span_starts(*s, spaces[i])) {
            s->at += spaces[i].len;
            s->len -= spaces[i].len;
            i = (size_t)-1;
        }
    }
}

/* The next byte, a full-width form as its ASCII one; -1 at the end. */
static int next_byte(struct span *s)
{
    skip_spaces(s);
    if (s->len == 0) {
        return -1;
    }
    const unsigned char *b = (const unsigned char *)s->at;
    bool wide = s->len >= 3 && b[0] == 0xEF && (b[1] == 0xBC || b[1] == 0xBD);
    unsigned code = wide ? 0xF000u | ((b[1] & 0x3Fu) << 6) | (b[2] & 0x3Fu) : 0;
    wide = code >= 0xFF01 && code <= 0xFF5E;
    s->at += wide ? 3 : 1;
    s->len -= wide ? 3 : 1;
    return wide ? (int)(code - 0xFF01 + '!') : b[0];
}

bool merge_same(const struct merge_field *field, const char *a, const char *b)
{
    if (!a || !b) {
        return a == b;
    }
    if (!field->prose) {
        return strcmp(a, b) == 0;
    }
    struct span left = span_of(a);
    struct span right = span_of(b);
    int byte;
    do {
        byte = next_byte(&left);
        if (byte != next_byte(&right)) {
            return false;
        }
    } while (byte >= 0);
    return true;
}

/* ---- roles ---- */

struct place {
    const char *sector, *division; /* NULL: not known */
};

static const struct merge_sector *sector_of(const struct merge_rules *rules, const char *code)
{
    for (size_t i = 0; code && i < rules->n_sectors; i++) {
        if (strcmp(rules->sectors[i].code, code) == 0) {
            return &rules->sectors[i];
        }
    }
    return NULL;
}

static bool among(const char *list, const char *word)
{
    struct span rest = span_of(list);
    bool found = false;
    while (rest.at && !found) {
        found = span_is(span_cut(&rest, ' '), word);
    }
    return found;
}

static bool has_role(const struct merge_rules *rules, const struct merge_org *org,
                     enum merge_role role, const struct place *place)
{
    const struct merge_sector *sector = sector_of(rules, place->sector);
    switch (role) {
    case MERGE_COMMITTEE:
        return strcmp(org->kind, "COMMITTEE") == 0;
    case MERGE_LEAD:
        return sector && strcmp(sector->lead, org->code) == 0;
    case MERGE_CO:
        return sector && among(sector->co, org->code);
    case MERGE_TOWNSHIP:
        return strcmp(org->kind, "TOWNSHIP") == 0 && place->division && org->division[0] &&
               span_starts(span_of(place->division), span_of(org->division));
    case MERGE_ROLES:
        break;
    }
    return false;
}

/* ---- one field ---- */

struct question {
    const struct merge_rules *rules;
    const struct merge_claim *claims;
    size_t n;
    size_t field;
    struct place place; /* as far as it is decided */
};

static bool is_bad(const struct merge_claim *claim, size_t field)
{
    return claim->bad >> field & 1;
}

static bool speaks(const struct merge_claim *claim, size_t field)
{
    return claim->values[field] || is_bad(claim, field);
}

static bool holds(const struct question *q, const struct merge_claim *claim, enum merge_role role)
{
    struct place place = q->place;
    if (q->field == q->rules->sector) {
        place.sector = claim->values[q->field];
    }
    if (q->field == q->rules->division) {
        place.division = claim->values[q->field];
    }
    return has_role(q->rules, claim->org, role, &place);
}

enum voices { VOICES_NONE, VOICES_ONE, VOICES_SEVERAL };

/* What those who hold a role say (MERGE_ROLES: all); *value is theirs when it is one. */
static enum voices listen(const struct question *q, enum merge_role role, const char **value)
{
    enum voices voices = VOICES_NONE;
    *value = NULL;
    for (size_t i = 0; i < q->n && voices != VOICES_SEVERAL; i++) {
        const struct merge_claim *claim = &q->claims[i];
        if (!speaks(claim, q->field) || (role != MERGE_ROLES && !holds(q, claim, role))) {
            continue;
        }
        const char *said = claim->values[q->field];
        bool another =
            voices == VOICES_ONE && !merge_same(&q->rules->fields[q->field], *value, said);
        voices = another || is_bad(claim, q->field) ? VOICES_SEVERAL : VOICES_ONE;
        *value = *value ? *value : said;
    }
    return voices;
}

static struct merge_decision decide(const struct question *q)
{
    const struct merge_field *field = &q->rules->fields[q->field];
    struct merge_decision d = {.outcome = MERGE_SILENT};
    enum voices all = listen(q, MERGE_ROLES, &d.value);
    if (all != VOICES_SEVERAL) {
        d.outcome = all == VOICES_ONE ? MERGE_AGREED : MERGE_SILENT;
        return d;
    }
    d.differs = true;
    d.outcome = MERGE_OPEN;
    enum voices voices = VOICES_NONE;
    for (size_t i = 0; i < field->n_deciders && voices == VOICES_NONE; i++) {
        d.role = field->deciders[i];
        voices = listen(q, d.role, &d.value);
    }
    if (voices == VOICES_ONE) {
        d.outcome = MERGE_DECIDED;
    } else {
        d.value = NULL;
    }
    return d;
}

/* ---- all of them ---- */

const char *merge_value(const struct merge_verdict *verdict, size_t field,
                        const char *const *current)
{
    const struct merge_decision *d = &verdict->fields[field];
    bool said = d->outcome == MERGE_AGREED || d->outcome == MERGE_DECIDED;
    return said ? d->value : current ? current[field] : NULL;
}

static bool several_orgs(const struct merge_claim *claims, size_t n)
{
    bool several = false;
    for (size_t i = 1; i < n && !several; i++) {
        several = strcmp(claims[i].org->code, claims[0].org->code) != 0;
    }
    return several;
}

static bool changes(const struct merge_rules *rules, const struct merge_verdict *v,
                    const char *const *current)
{
    bool found = !current;
    for (size_t i = 0; i < rules->n_fields && !found; i++) {
        found = !merge_same(&rules->fields[i], merge_value(v, i, current), current[i]);
    }
    return found;
}

static bool may_come_alone(const struct question *q)
{
    bool may = false;
    for (size_t i = 0; i < q->rules->presence.n_deciders && !may; i++) {
        may = has_role(q->rules, q->claims[0].org, q->rules->presence.deciders[i], &q->place);
    }
    return may;
}

void merge_decide(const struct merge_rules *rules, const struct merge_claim *claims, size_t n,
                  const char *const *current, struct merge_verdict *out)
{
    struct question q = {.rules = rules, .claims = claims, .n = n};
    *out = (struct merge_verdict){.alone = !several_orgs(claims, n)};
    q.field = rules->sector;
    out->fields[q.field] = decide(&q);
    q.place.sector = merge_value(out, q.field, current);
    q.field = rules->division;
    out->fields[q.field] = decide(&q);
    q.place.division = merge_value(out, q.field, current);
    out->resolved = true;
    for (q.field = 0; q.field < rules->n_fields; q.field++) {
        const struct merge_field *field = &rules->fields[q.field];
        if (q.field != rules->sector && q.field != rules->division) {
            out->fields[q.field] = decide(&q);
        }
        bool open = out->fields[q.field].outcome == MERGE_OPEN;
        bool missing = field->required && !open && !merge_value(out, q.field, current);
        out->missing = out->missing || missing;
        out->resolved =
            out->resolved && !missing && !(open && (field->blocking || field->required));
    }
    out->presence_open = out->alone && changes(rules, out, current) && !may_come_alone(&q);
    out->resolved = out->resolved && !out->presence_open;
}
