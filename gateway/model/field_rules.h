/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that stand as options beside a field, applied to a message by descriptor: presence,
 * length, range, number of items, format. Gives what has one canonical form that form, in place.
 * Knows no record and no field by name. Used by rules. */
#ifndef MODEL_FIELD_RULES_H
#define MODEL_FIELD_RULES_H

#include "model/path.h"
#include "model/rules.h"

/* What the fields of one report are judged by. */
struct judge {
    const struct rules_context *ctx;
    struct report *report;
    struct arena *arena;
    bool about_org;              /* about an organisation and not a reporting unit */
    const struct reg_unit *unit; /* NULL before the register was asked, or about_org */
    const struct reg_org *org;   /* NULL before the register was asked, or not about_org */
    const char *division;        /* as registered; NULL before the register was asked */
    const char *profile;         /* of the unit; "" before, and of organisations */
    bool keys_only;              /* a DELETE: nothing but the key is required */
    enum err e;                  /* ERR_NOMEM stops the judging */
};

/* Judges every field of a message; above is NULL for the envelope. Stops at the first problem. */
void judge_message(struct judge *j, const struct message_type *type, ProtobufCMessage *message,
                   const struct path *above);
/* The division in *text against the node and the register: mapped in place where it is retired or
 * unknown, with a finding. */
void judge_division(struct judge *j, const struct path *path, const struct field_type *field,
                    char **text);

#endif
