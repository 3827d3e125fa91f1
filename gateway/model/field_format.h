/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of text that need nothing but the text: which are right, and their one canonical form. */
#ifndef MODEL_FIELD_FORMAT_H
#define MODEL_FIELD_FORMAT_H

#include "base/arena.h"
#include "model/reason.h"
#include "model/schema.h"

/* Replaces *text by its canonical form where that differs. *why is REASON_NONE when the text is
 * right. DIVISION and SECTOR, which need the register, and TEXT always are. ERR_NOMEM only. */
MUST_CHECK enum err field_format(const Dualgate__V1__FieldRule *rule, struct arena *arena,
                                 char **text, enum reason *why);
/* 32 hexadecimal digits with or without the four dashes of a UUID, into 32 lower-case ones. */
bool uuid_digits(struct span text, char out[33]);
/* A date that sources write for "none": epoch 0 in Shanghai, 1900-01-01, 9999-12-31. */
bool date_is_placeholder(const char *canonical);

#endif
