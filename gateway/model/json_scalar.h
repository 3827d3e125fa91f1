/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON string, number or boolean into one item of a protobuf-c field, exactly: no value passes
 * through a double. Judges only the type and the code list; lengths and formats are rules. */
#ifndef MODEL_JSON_SCALAR_H
#define MODEL_JSON_SCALAR_H

#include "base/arena.h"
#include "model/reason.h"
#include "model/schema.h"

enum json_kind { SCALAR_STRING, SCALAR_NUMBER, SCALAR_BOOL };

struct json_scalar {
    enum json_kind kind;
    struct span text; /* the string unescaped, the number as written, "true" or "false" */
};

/* Writes to item (an address of the field's C type). *why is REASON_NONE when it was taken; else
 * the item must not be used. ERR_NOMEM only. */
MUST_CHECK enum err json_scalar_store(const struct field_type *type,
                                      const struct json_scalar *value, struct arena *arena,
                                      void *item, enum reason *why);

#endif
