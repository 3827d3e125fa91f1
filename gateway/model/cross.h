/* SPDX-License-Identifier: Apache-2.0 */
/* Rules across the fields of one record: the only place where the gateway's C knows what a record
 * means. A table of them, each with its reason. Used by rules, after every field was found right by
 * itself. */
#ifndef MODEL_CROSS_H
#define MODEL_CROSS_H

#include "model/rules.h"

/* Notes the first thing wrong, adds findings, clears what is to be ignored. Nothing to do for a
 * DELETE. */
void cross_judge(const struct rules_context *ctx, const struct reg_unit *unit, struct report *r,
                 struct arena *arena);

#endif
