/* SPDX-License-Identifier: Apache-2.0 */
/* Judges one report: the rules of the schema's options, the register, and the rules across fields
 * (model/cross.c). Normalises in place what has one canonical form (UUID, timestamps to +08:00,
 * division mapped). Sets r->problem to the first thing wrong, adds findings and warnings. */
#ifndef MODEL_RULES_H
#define MODEL_RULES_H

#include "model/may.h"
#include "model/register.h"
#include "model/report.h"

/* What a district may set; settings rules.*. */
struct rule_limits {
    double lat_min, lat_max, lon_min,
        lon_max; /* degrees, as reported: coordinates are not converted */
    bool lec_70_is_general;
};

/* Stands in topics, and in the envelope of a report about an organisation, where a sector would. */
#define SECTOR_OF_ORGANISATIONS "org"

struct rules_context {
    const struct schema *schema;
    const struct registry *registry;
    const char *node; /* 6 digits; a division must begin with its significant prefix */
    const struct principal *publisher;
    struct span topic_sector; /* or empty; "org": publisher->org says as which organisation */
    bool by_node;             /* made by the node: may set what senders may not, owes no profile */
    int64_t received_us;
    int64_t future_tolerance_us;      /* setting observed_ahead_max_s */
    const struct rule_limits *limits; /* NULL: the settings' defaults */
    struct attachment_limits attachments;
};

/* ERR_NOMEM when the arena is exhausted; anything wrong with the report is r->problem. */
MUST_CHECK enum err rules_judge(const struct rules_context *ctx, struct report *r,
                                struct arena *arena);

#endif
