/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule across fields is given, and the words it speaks with. Used by the files that hold
 * such rules (model/cross*.c) and by nobody else. */
#ifndef MODEL_CROSS_RULE_H
#define MODEL_CROSS_RULE_H

#include "model/finding.h"
#include "model/rules.h"

struct cross {
    struct report *report; /* body present, of the rule's record, every field right by itself */
    struct arena *arena;
    const struct reg_unit *unit;
    const struct registry *registry;
    const struct rule_limits *limits;
    bool by_node; /* made by the node out of another report */
    int64_t day;  /* by which editions of codes are chosen */
};

/* field: of the body. value and the texts of a finding may be NULL. */
void cross_reject(const struct cross *c, enum reason why, const char *field, const char *value);
void cross_find(const struct cross *c, enum finding_code code, const char *field,
                const char *reported, const char *expected);
/* The finding when both are given and differ. */
void cross_compare(const struct cross *c, enum finding_code code, const char *field,
                   const char *reported, const char *expected);
/* Neither absent nor empty. */
bool cross_given(const char *text);
/* A text of the body by the field's name; NULL where absent. */
const char *cross_text(const struct cross *c, const char *field);
/* The name of a code, "" for a number that the list lacks. */
const char *cross_code_text(const ProtobufCEnumDescriptor *list, int number);

#endif
