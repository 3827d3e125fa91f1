/* SPDX-License-Identifier: Apache-2.0 */
/* The schema as data: every record, its fields and their rules, read at start from the descriptor
 * set that the build embeds (proto/, options of proto/rules.proto) and joined with the C
 * descriptors. The rest of the program knows records only through this. Immutable after
 * schema_load(). */
#ifndef MODEL_SCHEMA_H
#define MODEL_SCHEMA_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "report.pb-c.h"
#include "rules.pb-c.h"

/* One value of a code list. */
struct code_value {
    int number;
    const char *name;                   /* RECTIFYING */
    struct span json;                   /* "RECTIFYING" with its quotes */
    const Dualgate__V1__CodeRule *rule; /* NULL when the value has no option */
};

/* What a source sends for a value. */
struct code_alias {
    const char *text; /* "hazchem:0" */
    const struct code_value *value;
};

struct code_list {
    const ProtobufCEnumDescriptor *desc;
    const struct code_value *values; /* by number */
    size_t n_values;
    const struct code_alias *aliases; /* by text */
    size_t n_aliases;
};

struct field_type {
    const ProtobufCFieldDescriptor *desc; /* name, type, label, offsets */
    const Dualgate__V1__FieldRule *rule;  /* never NULL: an empty rule where none is given */
    struct span key;                      /* "level": with quotes and colon, as JSON wants it */
    const struct code_list *codes;        /* of enums, else NULL */
    const struct message_type *message;   /* of submessages, else NULL */
};

struct message_type {
    const ProtobufCMessageDescriptor *desc;
    const char *name;                /* snake_case of the message's short name: risk_unit */
    const struct field_type *fields; /* in the order of desc->fields */
    size_t n_fields;
    const uint16_t *slots; /* of message_field(): 1 + index of a field, 0 for none */
    size_t slot_mask;
};

/* A record: a case of Report.content. */
struct record_type {
    const char *name; /* also its table in schema exchange, and its topic level */
    const struct message_type *message;
    const Dualgate__V1__RecordRule *rule;    /* never NULL */
    const ProtobufCFieldDescriptor *content; /* the case in Report; its id is Report.content_case */
    const struct record_type *via;           /* hazard_transition: hazard; else NULL */
    const struct record_type *moves;         /* supervision: hazard; else NULL */
    const ProtobufCFieldDescriptor *org;     /* the field that names the organisation; else NULL */
    unsigned ops;                            /* bit 1u << Op.Code; hazard's hold TRANSITION too */
    size_t index;                            /* 0 .. n_records-1 */
    bool about_unit, about_org;              /* whom it may be about: one or both */
    bool by_publisher, by_org;               /* who may publish it: one or both */
};

struct schema {
    const struct message_type *report; /* the envelope */
    const struct record_type *records;
    size_t n_records;
    struct schema_store *store; /* owner of all the above */
};

/* ERR_SYNTAX or ERR_INVALID with *why set to a static text when the embedded set is not what the C
 * descriptors say or an option contradicts itself; the log names the place. Nothing to free then.
 */
MUST_CHECK enum err schema_load(struct schema **out, const char **why);
/* The same from a given set; `why` gets the place and what is wrong there. */
MUST_CHECK enum err schema_load_from(struct span set, struct schema **out, struct buf *why);
void schema_free(struct schema *s);

/* NULL when there is no such record. */
const struct record_type *schema_record(const struct schema *s, struct span name);
/* The record whose message is the body of `record` under `op`: itself, or the one that comes via
 * it. NULL when the record does not take the op. */
const struct record_type *schema_body_of(const struct schema *s, const struct record_type *record,
                                         Dualgate__V1__Op__Code op);
/* NULL when the message has no such field. */
const struct field_type *message_field(const struct message_type *m, struct span name);
/* By name, or NULL. */
const struct code_value *code_by_name(const struct code_list *list, struct span name);
const struct code_value *code_by_number(const struct code_list *list, int number);
/* By "system:code" alias, or NULL. */
const struct code_value *code_by_alias(const struct code_list *list, struct span system,
                                       struct span code);

#endif
