/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts against what was meant to come of each message. */
#ifndef CLI_SIMULATE_TALLY_H
#define CLI_SIMULATE_TALLY_H

#include <jansson.h>

#include "cli/simulate_story.h"
#include "pipe/message.h"

struct sim_totals {
    size_t messages, reports;
    size_t verdicts[VERDICT_COUNT]; /* reports by their first receipt */
    size_t reasons[REASON_COUNT];
    size_t released;   /* parked reports that were stored later */
    size_t unexpected; /* reports that became what they should not */
    size_t missing;    /* messages without a receipt */
    size_t repeated;
    bool interrupted;
};

/* The first receipt of a message; what is not as expected is said on stderr, the first few. */
void sim_tally(struct sim_totals *totals, const struct sim_message *m, const json_t *items);
/* A later one, of reports that had been parked. */
void sim_tally_late(struct sim_totals *totals, const json_t *items);

#endif
