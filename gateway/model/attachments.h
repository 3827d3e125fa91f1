/* SPDX-License-Identifier: Apache-2.0 */
/* Takes photos and documents out of a report: where a field with the rule `attachment` holds a data
 * URI, its bytes are noted beside the report and the field holds `sha256:` and their hash from then
 * on. So the content hash, tables and feeds know only the link, and the same photo sent as bytes or
 * as a link is the same content. Not for: storing them (pg/), serving them (admin/). */
#ifndef MODEL_ATTACHMENTS_H
#define MODEL_ATTACHMENTS_H

#include "model/data_uri.h"
#include "model/report.h"

/* What a field holds that names something by its hash begins with this. */
#define ATTACHMENT_LINK "sha256:"

/* Something that a report names by its hash; in the message's arena. */
struct attachment {
    struct attachment *next;
    uint8_t hash[DIGEST_BYTES];
    const char *field; /* "body.photo_before[0]" */
    enum media kind;   /* MEDIA_NONE: a link, its bytes must have come before */
    struct span bytes;
};

/* A piece of a kept attachment. */
struct attachment_part {
    enum media kind;
    uint64_t size; /* of the whole */
    struct span bytes;
};

/* part is NULL on an error. */
typedef void (*attachment_done)(void *arg, enum err e, const struct attachment_part *part);

/* Does this text in this field stand for bytes of its own, which do not count as the report's? */
bool attachment_inside(const struct field_type *field, struct span text);
/* Goes through the body, in place; r->attachments then lists what it names, each field and hash
 * once. A problem is noted in the report. Called again it finds only links and changes nothing.
 * ERR_NOMEM only. */
MUST_CHECK enum err attachments_settle(struct report *r, const struct attachment_limits *limits,
                                       struct arena *arena);

#endif
