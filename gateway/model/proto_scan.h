/* SPDX-License-Identifier: Apache-2.0 */
/* Judges the bytes of one protobuf Report before they are unpacked: framing, wire types, text,
 * codes, how often fields occur. What passes can be unpacked without growing by more than a small
 * factor. */
#ifndef MODEL_PROTO_SCAN_H
#define MODEL_PROTO_SCAN_H

#include "model/report.h"

/* Notes the first thing wrong in r->problem, and unknown fields as warnings ("body.#150"). */
MUST_CHECK enum err proto_scan(const struct schema *schema, struct span bytes,
                               const struct read_limits *limits, struct arena *arena,
                               struct report *r);
/* Bytes of text in it that do not count as the report's: attachments inside its body. */
size_t proto_attached(const struct schema *schema, struct span bytes);
/* Of bytes that must not be unpacked: makes r->env with the envelope's good strings alone, and
 * r->id_as_sent, so that a receipt can name the report. */
MUST_CHECK enum err proto_salvage(const struct schema *schema, struct span bytes,
                                  struct arena *arena, struct report *r);

#endif
