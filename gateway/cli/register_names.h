/* SPDX-License-Identifier: Apache-2.0 */
/* Divisions, sectors and organisations of the register, found by what lists call them: code, name,
 * a name of their own in the register, and of townships every usual form of the name. */
#ifndef CLI_REGISTER_NAMES_H
#define CLI_REGISTER_NAMES_H

#include "base/err.h"
#include "base/span.h"
#include "model/schema.h"
#include "pg/sync.h"

/* What cells are judged by. Results that are NULL hold nothing. */
struct register_names {
    const struct schema *schema;
    /* code, name, aliases separated by |, of a retired one its successor or "" */
    struct pg_result *divisions;
    struct pg_result *sectors; /* code, name, aliases, lead_org, co_orgs separated by spaces */
    struct pg_result *orgs;    /* code, name, kind, division, sectors separated by spaces */
};

MUST_CHECK enum err register_names_load(struct register_names *names, struct sync *db,
                                        const struct schema *schema);
void register_names_free(struct register_names *names);

enum named { NAMED_ONE, NAMED_NONE, NAMED_SEVERAL };

/* *code is the register's; of a retired division its successor's. */
enum named register_names_division(const struct register_names *names, struct span text,
                                   const char **code);
enum named register_names_sector(const struct register_names *names, struct span text,
                                 const char **code);
/* The row of an organisation by its code, or -1. */
long register_names_org(const struct register_names *names, const char *code);

#endif
