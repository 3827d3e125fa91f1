/* SPDX-License-Identifier: Apache-2.0 */
/* One report in memory: the protobuf envelope, what was found wrong with it, and what the rest of
 * the program needs from it. Made by json_read, proto_read or an adapter; judged by rules;
 * everything it points to lives in the arena of its message. */
#ifndef MODEL_REPORT_H
#define MODEL_REPORT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/span.h"
#include "model/reason.h"
#include "model/schema.h"

/* Why a report (or a whole message) is not taken. The first problem found is the one reported. */
struct problem {
    enum reason reason; /* REASON_NONE: nothing wrong */
    const char *field; /* path as the sender wrote it: "body.level", "[3].body.level" is index+path;
                          or NULL */
    const char *label_zh; /* what people call the field, or NULL */
    const char *label_en;
    const char *value; /* the offending value, clipped, or NULL */
};

/* A disagreement that does not hinder storing. */
struct finding {
    struct finding *next;
    const char *code; /* a word of the closed list in model/finding.h */
    const char *field;
    const char *reported; /* or NULL */
    const char *expected; /* or NULL */
};

struct attachment; /* model/attachments.h */

struct warning {
    struct warning *next;
    const char *text; /* path of an unknown member, … */
};

/* Total order of the versions of one record (contract.md §3); the ledger number decides last. */
struct order_key {
    int64_t observed_us;       /* microseconds since 1970 UTC; the time received where absent */
    const char *source_system; /* "" where absent */
    uint64_t source_seq;       /* 0 where absent */
    int32_t state_rank;        /* 0 where the record has no ranked code */
};

/* Unknown members or fields that one report may carry, in whatever form it comes. */
#define REPORT_UNKNOWN_MAX 256

struct report {
    Dualgate__V1__Report *env; /* NULL if the report could not be read at all */
    const struct record_type
        *type;              /* of the body: hazard_transition for a TRANSITION; NULL if unknown */
    ProtobufCMessage *body; /* the set case of env->content, or NULL */
    uint32_t index;         /* place in the message */
    struct span raw;        /* the bytes of this report as sent (a slice of the payload) */
    struct problem problem;
    struct finding *findings;
    struct warning *warnings;
    const void *native; /* of an adapter: where the values came from, or NULL */
    bool by_org;        /* said by an organisation on its own topic: an authority's word */
    struct attachment *attachments; /* what the body names by its hash */
    bool starved; /* something found could not be noted: the reader or judge says ERR_NOMEM */

    /* As read, so that a receipt can name what is refused; final after report_settle_identity(). */
    const char *msg_id; /* lower case with dashes once the rules have passed */
    const char *id;     /* normalised: UUID as 32 lower-case hex, composite key joined by | */
    const char *id_as_sent;
    const char *township; /* 9 digits, from the register */
    struct order_key order;
    uint8_t hash[DIGEST_BYTES]; /* canonical content hash */
    uint8_t raw_hash[DIGEST_BYTES];
    bool raw_hashed; /* raw_hash is known already: the report is the whole message */
};

/* All reports of one message. */
struct report_set {
    struct report *items; /* in the arena */
    size_t count;
    struct problem problem; /* of the message as a whole; then count is 0 */
};

/* Of what a report brings along; see conf/settings. */
struct attachment_limits {
    size_t bytes_max; /* of one, decoded */
    size_t count_max; /* in a report */
};

/* Limits of reading; see conf/settings. */
struct read_limits {
    size_t reports_max;
    size_t report_bytes_max; /* without what it brings along */
    unsigned depth_max;
    struct attachment_limits attachments;
};

/* Record the first problem only. field and value are copied into the arena (value clipped to 200
 * chars). */
void report_reject(struct report *r, struct arena *a, enum reason reason, const char *field,
                   const struct field_type *type, struct span value);
void report_warn(struct report *r, struct arena *a, const char *text);
void report_find(struct report *r, struct arena *a, const char *code, const char *field,
                 const char *reported, const char *expected);

/* Canonical name of the record as the sender knows it ("hazard" for a hazard_transition). */
const char *report_record_name(const struct report *r);

/* The operation of a report that names none: UPSERT, or ZERO for a record that takes nothing else.
 */
Dualgate__V1__Op__Code report_default_op(const struct record_type *record);
/* The operation a report names, or that default. */
Dualgate__V1__Op__Code report_op(const struct report *r, const struct record_type *record);
/* The record whose message the body must be, by the topic's record (or NULL), the envelope's
 * `record` and `op`. NULL with a problem noted when they do not agree. Changes nothing else. */
const struct record_type *report_body_record(struct report *r, struct arena *a,
                                             const struct schema *schema,
                                             const struct record_type *topic_record);

/* True when the path ("body.level") leads to a field of the schema: a kept member of that path
 * would be written beside, and be taken for, the real one. */
bool report_path_is_field(const struct schema *schema, const struct record_type *record,
                          const char *path);
/* Refuses kept members without a name, and those whose path is that of a field of the schema: a
 * member "body.level" of the envelope, or one that a sender of protobuf put there by hand. */
void report_check_members(struct report *r, struct arena *a, const struct schema *schema);

/* Takes msg_id and id over as they were read, where not set yet. */
void report_name(struct report *r);
/* The id that the record's own fields give: the field `id`, or the parts of a composite key joined
 * by '|', absent ones left out.
 * "" where there is none, NULL when the arena is exhausted. r->type and r->body are set. */
const char *report_key(const struct report *r, struct arena *a);

/* Computes id, order and hashes. received_us: time the message was received. ERR_NOMEM only. */
MUST_CHECK enum err report_settle_identity(struct report *r, struct arena *a, int64_t received_us);

#endif
