/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of the register's code systems as they come in reports: is it one, in which edition, has
 * that edition run out. What a sender wrote is never changed. Used by field_rules. */
#ifndef MODEL_CODE_RULES_H
#define MODEL_CODE_RULES_H

#include "model/code_book.h"
#include "model/field_rules.h"

/* The codes of one message: fields whose rule names a code system, a CodedValue, which names its
 * own, and classes of GB 6441-1986, which say nothing of an edition. Every field is right by
 * itself. */
void judge_codes(struct judge *j, const struct message_type *type, const ProtobufCMessage *message,
                 const struct path *above);
/* The civil day by which editions are chosen: that of the observation, else of receipt. */
int64_t code_day(const struct rules_context *ctx, const struct report *r);

#endif
