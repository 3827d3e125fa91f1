/* SPDX-License-Identifier: Apache-2.0 */
/* An adapter run without a gateway: a small register from a file, one native file through the
 * mapping and the common rules. For samples, tests and the command line. */
#ifndef ADAPT_TRIAL_H
#define ADAPT_TRIAL_H

#include "adapt/adapt.h"

/* A register in memory, and who publishes. */
struct trial_register {
    struct registry *registry;
    const char *publisher; /* code of the first row's publisher, in the arena */
    char node[7];          /* of the first row's division */
};

/* A CSV in UTF-8 with the columns uscc,name,division,sector and, as needed, unit, company_code,
 * profile (of the sector; its code if empty), publisher (who reports for it; itself if empty), key
 * (of its envelope). ERR_INVALID with a complaint; ERR_NOT_FOUND without one; ERR_NOMEM. */
MUST_CHECK enum err trial_register_load(const char *path, const char *adapter, struct arena *arena,
                                        struct trial_register *out, struct buf *complaints);
void trial_register_free(struct trial_register *r);

struct trial {
    const struct adapters *adapters;
    struct span adapter;
    const struct registry *registry;
    const struct reg_publisher *publisher;
    const char *node;
    struct span charset; /* or empty */
    int64_t received_us;
};

/* adapt_read(), the rules, and problems in the source's words. ERR_NOT_FOUND, ERR_NOMEM. */
MUST_CHECK enum err trial_run(const struct trial *trial, struct span payload, struct arena *arena,
                              struct report_set *out);

#endif
