/* SPDX-License-Identifier: Apache-2.0 */
/* The options of records and fields, checked when the schema is joined: words that are none, names
 * that name nothing, combinations that contradict each other. What the rest of the program asks
 * often is written into the record. Only for model/schema. */
#ifndef MODEL_SCHEMA_OPTIONS_H
#define MODEL_SCHEMA_OPTIONS_H

#include "model/schema_join.h"

/* The options of every field of a message; false after a failure, which is noted with its place. */
bool options_check_fields(struct schema_join *j, const struct message_type *m);
/* Those of a record that say whom it is about, who publishes it and what it moves; fills these
 * members of `r`. The records of `s` are all named already. */
bool options_take(struct schema_join *j, const struct schema *s, struct record_type *r);

#endif
