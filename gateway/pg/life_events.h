/* SPDX-License-Identifier: Apache-2.0 */
/* Which reports say something about a hazard's life, and what: the one place that knows their
 * messages. For: filling a model/life.h event from a report or from a stored version. Not for:
 * deciding anything. */
#ifndef PG_LIFE_EVENTS_H
#define PG_LIFE_EVENTS_H

#include "base/arena.h"
#include "model/life.h"
#include "model/report.h"
#include "model/schema.h"

/* The record whose life is kept. */
#define LIFE_RECORD "hazard"

/* Does this record keep a life? */
bool life_kept(const struct record_type *type);
/* False when the type says nothing. by and the report's texts are kept by address. */
bool life_event_of(const struct report *r, bool authority, const char *by, struct life_event *out);

/* An event of which nothing is given but its kind. */
struct life_event life_event_none(enum life_kind kind);
/* What the code of an extension's decision, a supervision's state or a withdrawal's decision does.
 */
enum life_act life_act_of(enum life_kind kind, int code);
enum life_act life_act_named(enum life_kind kind, struct span code);
/* Number by name in a code list; 0 for none. */
int life_code(const ProtobufCEnumDescriptor *list, struct span name);

#endif
