/* SPDX-License-Identifier: Apache-2.0 */
/* Our own outages, told once they are over: reports that waited in the broker meanwhile are not
 * late. For: keeping them until the database is there, and writing them into dg.outage. Not for:
 * noticing them. Promises: a bounded number; when there are more, the last one grows to cover them.
 * One during which another gateway worked on the lane is no outage and is not written. */
#ifndef PG_OUTAGES_H
#define PG_OUTAGES_H

#include "pg/conn.h"

#define OUTAGES_MAX         8
#define OUTAGE_WHAT_CHARS   16
#define OUTAGE_DETAIL_CHARS 256

struct outage {
    char what[OUTAGE_WHAT_CHARS];
    char detail[OUTAGE_DETAIL_CHARS];
    int64_t from_us, to_us;
};

struct outages {
    struct outage at[OUTAGES_MAX];
    size_t n;
    size_t sent; /* of these, in the request under way */
};

void outages_add(struct outages *o, const char *what, int64_t from_us, int64_t to_us,
                 const char *detail);
/* Writes all; then outages_sent(). As conn_send. */
MUST_CHECK enum err outages_send(struct outages *o, struct conn *conn, int32_t lane, conn_done done,
                                 void *arg);
/* They are written, or cannot be: forgets them. */
void outages_sent(struct outages *o);

#endif
