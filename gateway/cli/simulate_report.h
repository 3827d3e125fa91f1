/* SPDX-License-Identifier: Apache-2.0 */
/* One report as the simulator thinks of it: canonical names and values, not yet in any form. It is
 * written as canonical JSON here, or in a sector's own form by cli/simulate_native. */
#ifndef CLI_SIMULATE_REPORT_H
#define CLI_SIMULATE_REPORT_H

#include "base/buf.h"
#include "cli/district.h"
#include "cli/district_dice.h"

#define SIM_MEMBERS_MAX 48

struct sim_member {
    const char *name;
    const char *value;
    bool raw; /* value is JSON already */
};

struct sim_report {
    const struct district_unit *unit;
    const char *record, *op; /* op NULL: UPSERT */
    char msg_id[UUID_TEXT + 1];
    const char *uscc, *division, *sector;
    const char *channel;
    int64_t observed_us;
    uint64_t seq; /* of its source; 0: none */
    struct sim_member members[SIM_MEMBERS_MAX];
    size_t n_members;
};

/* Of the unit, with everything right. */
void sim_report_init(struct sim_report *r, const struct district_unit *unit, const char *record,
                     struct dice *dice, int64_t observed_us);
/* Texts are borrowed until the report has been written. A value NULL is left out. */
void sim_put(struct sim_report *r, const char *name, const char *value);
void sim_put_raw(struct sim_report *r, const char *name, const char *json);
/* Another value for a member that is there; NULL takes it out. */
void sim_change(struct sim_report *r, const char *name, const char *value);
/* NULL when there is none, or when it is a list or an object. */
const char *sim_value(const struct sim_report *r, const char *name);
void sim_report_json(const struct sim_report *r, struct buf *out);

#endif
