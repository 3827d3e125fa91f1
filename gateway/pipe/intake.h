/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to a judged message: limits, topic, who may publish, decoding (JSON, protobuf,
 * adapter) and rules. What is wrong becomes the problem of an entry; nothing is lost and nothing is
 * decided here that needs the database. */
#ifndef PIPE_INTAKE_H
#define PIPE_INTAKE_H

#include "base/clock.h"
#include "base/err.h"
#include "conf/settings.h"
#include "model/register.h"
#include "model/report.h"
#include "model/rules.h"
#include "pipe/message.h"

/* What decoding a native message needs; adapt/ implements it. */
struct native_ops {
    /* What may be kept of the payload, to be read and stored instead of it; or NULL: all of it. */
    enum err (*redact)(void *ctx, struct span adapter, struct span payload, struct arena *arena,
                       struct span *out);
    /* adapter: its name; ERR_NOT_FOUND when there is none. Otherwise as json_read(). */
    enum err (*read)(void *ctx, struct span adapter, struct span payload, struct span charset,
                     const struct reg_publisher *publisher, const struct registry *registry,
                     int64_t received_us, struct arena *arena, struct report_set *out);
    /* After the rules: makes a problem name the field as the sender's format calls it. */
    void (*blame)(void *ctx, struct span adapter, struct report *r, struct arena *arena);
};

struct intake {
    const struct schema *schema;
    const struct registry *registry; /* replaced by its owner between messages */
    const struct clock *clock;
    const char *node;
    struct read_limits limits;
    size_t message_bytes_max;
    size_t arena_bytes_max;
    size_t correlation_bytes_max;
    size_t response_topic_bytes_max;
    int64_t future_tolerance_us;
    struct rule_limits rules;
    const struct native_ops *native;
    void *native_ctx;
};

/* How much is read of a message. */
struct read_limits intake_limits(const struct settings *s);
/* What a district has set of the rules across fields. */
struct rule_limits intake_rules(const struct settings *s);
/* An intake as the settings want it; its owner adds schema, register, clock and native_ctx. */
struct intake intake_of(const struct settings *s, const struct native_ops *native);
/* Always a message with at least one entry, or NULL when out of memory (then the gate must drop).
 */
struct message *intake_take(const struct intake *in, const struct incoming *what);

#endif
