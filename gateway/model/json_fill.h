/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON object of one report into its protobuf messages, event by event: members to fields by
 * descriptor, unknown members kept as they were sent, the first thing wrong noted in the report
 * while the rest is still read. Knows the envelope's member `body`, and no record by name. Used by
 * json_read. */
#ifndef MODEL_JSON_FILL_H
#define MODEL_JSON_FILL_H

#include <stdbool.h>

#include "model/json_run.h"
#include "model/json_scalar.h"
#include "model/report.h"

/* Envelope, body, and what bodies hold: no record nests deeper. */
#define FILL_FRAMES_MAX 8
/* Fields of one message that can be told apart when one occurs twice. */
#define FILL_FIELDS_MAX 256

enum fill_member {
    FILL_FIELD,   /* a field of the schema */
    FILL_BODY,    /* `body` of the envelope */
    FILL_UNKNOWN, /* kept as text */
    FILL_IGNORED, /* something is wrong with it already */
};

/* An object being read. */
struct fill_frame {
    const struct message_type *type;
    ProtobufCMessage *message;
    enum fill_member member;
    const struct field_type *field; /* of FILL_FIELD */
    const char *path;               /* of FILL_UNKNOWN */
    size_t next;                    /* senders mostly keep the schema's order: guess first */
    size_t items;                   /* read of a repeated field */
    size_t room;                    /* of its array */
    bool in_array;
    bool body_seen;
    uint64_t seen[FILL_FIELDS_MAX / 64];
};

struct fill {
    struct report *report;
    struct arena *arena;
    struct span text;               /* what positions refer to */
    const struct record_type *body; /* what `body` is read as; NULL: it is passed over */
    bool has_body;                  /* a body was there, read or passed over */
    size_t start;                   /* of the report's object in text */
    size_t bytes_max;
    size_t attached; /* bytes of text that do not count as the report's: attachments inside it */

    struct fill_frame frames[FILL_FRAMES_MAX];
    unsigned n_frames;
    unsigned skipping; /* containers open inside a value that is not read by field */
    size_t value_at;   /* where that value begins */
    size_t unknown_room;
};

/* Every function returns ERR_OK or ERR_NOMEM. `at` is the end of the event's token in text. */

/* The report's '{' has been read. report->env is made. */
MUST_CHECK enum err fill_begin(struct fill *f, const struct message_type *envelope, size_t at);
MUST_CHECK enum err fill_key(struct fill *f, struct span key, size_t at);
MUST_CHECK enum err fill_scalar(struct fill *f, const struct json_scalar *value, size_t at);
MUST_CHECK enum err fill_null(struct fill *f, size_t at);
/* '{' and '['. */
MUST_CHECK enum err fill_open(struct fill *f, bool array, size_t at);
/* '}' and ']'. When the report's own '}' has come, n_frames is 0. */
MUST_CHECK enum err fill_close(struct fill *f, bool array, size_t at);

#endif
