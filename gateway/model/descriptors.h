/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptor set as protoc wrote it: messages and code lists by full name, and the options
 * beside them, which protobuf-c keeps as unknown fields because it knows no extensions. Only for
 * model/schema, which joins this with the C descriptors and then forgets it. */
#ifndef MODEL_DESCRIPTORS_H
#define MODEL_DESCRIPTORS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"
#include "google/protobuf/descriptor.pb-c.h"

/* Unpacks into the arena. ERR_SYNTAX when the bytes are no descriptor set, ERR_NOMEM. */
MUST_CHECK enum err descriptors_read(struct span bytes, struct arena *arena,
                                     const Google__Protobuf__FileDescriptorSet **out);
/* By full name without the leading dot, "dualgate.v1.Hazard"; NULL when the set has none. */
const Google__Protobuf__DescriptorProto *
descriptors_message(const Google__Protobuf__FileDescriptorSet *set, const char *full_name);
/* "dualgate.v1.HazardLevel.Code" */
const Google__Protobuf__EnumDescriptorProto *
descriptors_enum(const Google__Protobuf__FileDescriptorSet *set, const char *full_name);
const Google__Protobuf__FieldDescriptorProto *
descriptors_field(const Google__Protobuf__DescriptorProto *message, uint32_t number);
/* The extension `tag` of an options message (may be NULL), unpacked as `type` into the arena; *out
 * is NULL where the option is not given. ERR_SYNTAX, ERR_NOMEM. */
MUST_CHECK enum err descriptors_option(const ProtobufCMessage *options, uint32_t tag,
                                       const ProtobufCMessageDescriptor *type, struct arena *arena,
                                       ProtobufCMessage **out);

#endif
