/* SPDX-License-Identifier: Apache-2.0 */
/* The register as the rules need it: entities, reporting units, divisions, sectors, organisations,
 * publishers and authorisations, in memory, replaced whole when the tables change. Reports never
 * change it. Lists are words separated by spaces. */
#ifndef MODEL_REGISTER_H
#define MODEL_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"
#include "model/code_book.h"

struct reg_sector {
    const char *code;
    const char *profile;  /* names required_in of the rules */
    const char *lead_org; /* or "" */
    const char *co_orgs;  /* or "" */
};

enum org_kind {
    ORG_OTHER = 0,
    ORG_DEPARTMENT,
    ORG_TOWNSHIP,
    ORG_COMMITTEE,
    ORG_GOVERNMENT,
    ORG_UPPER,
};

/* A department, township, committee office or upper level. */
struct reg_org {
    const char *code;
    enum org_kind kind;
    const char *division; /* what it is responsible for; "" for none */
    const char *sectors;  /* of a department; "" for all */
    bool active;
};

struct reg_division {
    const char *code;      /* 6, 9 or 12 digits */
    const char *mapped_to; /* of a retired one, or NULL */
    bool retired;
};

/* A reporting unit; unit "" is the entity itself. */
struct reg_unit {
    const char *uscc;
    const char *unit;
    const char *division; /* 9 or 12 digits */
    const struct reg_sector *sector;
    const char *co_sectors;   /* further ones, or "" */
    const char *profile;      /* its own, or NULL when added: then the sector's */
    const char *company_code; /* 9 digits of the hazchem registration system, or "" */
    const char *name;
    const char *industry; /* GB/T 4754, in whatever edition and form; "" or NULL when added: none */
};

struct reg_publisher {
    const char *code;         /* identity of the credential; an entity's USCC */
    const char *kind;         /* ENTITY, SERVICE_ORG, PLATFORM, ORG */
    const char *adapters;     /* names separated by spaces, first is the default; "" for none */
    const char *charset;      /* declared encoding of native messages, "" for the adapter's own */
    const char *key;          /* secret text of the adapter's envelope, or "" */
    const char *company_code; /* or "" */
    bool active;
};

struct registry; /* immutable snapshot */

/* Building: add rows (texts are copied), then finish. A row naming an unknown sector is
 * ERR_NOT_FOUND. */
MUST_CHECK enum err registry_new(struct registry **out);
void registry_free(struct registry *r);
MUST_CHECK enum err registry_add_sector(struct registry *r, const struct reg_sector *row);
MUST_CHECK enum err registry_add_division(struct registry *r, const struct reg_division *row);
MUST_CHECK enum err registry_add_org(struct registry *r, const struct reg_org *row);
MUST_CHECK enum err registry_add_unit(struct registry *r, const struct reg_unit *row,
                                      const char *sector);
MUST_CHECK enum err registry_add_publisher(struct registry *r, const struct reg_publisher *row);
/* publisher may report for uscc ("*": for every entity of `sector`; sector "" for all). */
MUST_CHECK enum err registry_add_authorisation(struct registry *r, const char *publisher,
                                               const char *uscc, const char *sector);

/* The snapshot's code systems: to be filled while it is built, then to be read. Never NULL. */
struct code_book *registry_codes_mutable(struct registry *r);
const struct code_book *registry_codes(const struct registry *r);
const struct reg_sector *registry_sector(const struct registry *r, struct span code);
const struct reg_division *registry_division(const struct registry *r, struct span code);
const struct reg_org *registry_org(const struct registry *r, struct span code);
/* "DEPARTMENT"; ORG_OTHER for any other word. */
enum org_kind org_kind_of(struct span word);
/* NULL when the entity has no such unit. */
const struct reg_unit *registry_unit(const struct registry *r, struct span uscc, struct span unit);
bool registry_has_entity(const struct registry *r, struct span uscc);
/* By hazchem company code: the entity's unit "", or NULL. */
const struct reg_unit *registry_unit_by_company(const struct registry *r, struct span company_code);
/* By the old organisation code, nine characters without a dash, that stands in a USCC: the entity's
 * unit "", or NULL when no entity or more than one has it. */
const struct reg_unit *registry_unit_by_organisation(const struct registry *r, struct span code);
/* Registered, or an entity that publishes for itself under its USCC (then kind is ENTITY), or an
 * organisation under its code (then kind is ORG). */
const struct reg_publisher *registry_publisher(const struct registry *r, struct span code);
bool registry_authorised(const struct registry *r, struct span publisher, struct span uscc,
                         struct span sector);
size_t registry_unit_count(const struct registry *r);

#endif
