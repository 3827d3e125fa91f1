/* SPDX-License-Identifier: Apache-2.0 */
/* One run of yajl over one text, made safe: yajl does not check its allocations, so a failed one
 * leaves it by a long jump, and all that it held is freed here. Knows nothing of reports. */
#ifndef MODEL_JSON_RUN_H
#define MODEL_JSON_RUN_H

#include <stddef.h>
#include <yajl/yajl_parse.h>

#include "base/err.h"
#include "base/span.h"

#define JSON_FAULT_TEXT_MAX 96

struct json_run;

/* What yajl finds wrong. */
struct json_fault {
    size_t offset; /* bytes from the beginning of the text */
    char text[JSON_FAULT_TEXT_MAX];
};

/* Parses the whole text as one JSON value. *run is set while it lasts, for json_run_at() in
 * callbacks. ERR_OK, ERR_SYNTAX with *fault filled, ERR_INVALID when a callback stopped it,
 * ERR_NOMEM. */
MUST_CHECK enum err json_run(const yajl_callbacks *callbacks, void *ctx, struct span text,
                             const struct json_run **run, struct json_fault *fault);
/* Bytes read so far: inside a callback, the end of the token it is about. */
size_t json_run_at(const struct json_run *run);

/* A value that a database takes as jsonb: valid, not nested deeper than depth_max, no NUL in any
 * string, no number whose exponent or digits explode. ERR_OK, ERR_INVALID or ERR_NOMEM. */
MUST_CHECK enum err json_check(struct span text, unsigned depth_max);
/* The same for one string or number of such a value. */
bool json_string_storable(struct span text);
bool json_number_storable(struct span text);

#endif
