/* SPDX-License-Identifier: Apache-2.0 */
/* Rules across fields about what an entity says of itself and what follows from its own figures.
 * Rows of the table in model/cross.c. */
#ifndef MODEL_CROSS_ENTITY_H
#define MODEL_CROSS_ENTITY_H

#include "model/cross_rule.h"

/* The industry against the register's, both in the edition in force; one that is merely less
 * precise does not differ. Nothing is said of a text that is no code. */
void cross_entity_industry(const struct cross *c);
/* Size class and 规模以上 against staff, revenue, assets and industry; institutions have a tier
 * instead. */
void cross_entity_size(const struct cross *c);

#endif
