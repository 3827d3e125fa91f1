/* SPDX-License-Identifier: Apache-2.0 */
/* Decides the verdict of every report of a batch and what has to be written, from what the database
 * was asked beforehand. For: dedup, conflicts, order of versions, waiting for parents, releasing
 * those who waited, feed positions, counts. Not for: SQL, connections, numbers (it gives offsets;
 * the counters come afterwards). Promises: pure; the same input gives the same plan; the reports
 * are not changed before plan_settle(). Everything lives in one capped arena until plan_reset().
 *
 * Use: plan_add each report; ask the database for what is new in plan->msgs, heads and owners, and
 * tell it the answers; again while reports are added; decide_plan() (pg/decide.h); plan_number;
 * write; after the commit plan_settle. */
#ifndef PG_PLAN_H
#define PG_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "model/schema.h"
#include "pg/life_rows.h"
#include "pg/parked.h"
#include "pipe/message.h"

struct plan_item;

/* The life of a record that has one, as the database has it and as the batch moves it. */
struct plan_life {
    struct plan_head *head;
    struct life_track track;
    const char *token; /* of the head in the database */
    const char *unit;  /* of that head; NULL: there is none */
    bool has_row;
    bool past_wanted, past_asked; /* something older has come: what was said before must be known */
    struct life_said **past;
    size_t n_past, cap_past;

    /* while deciding */
    struct plan_item *content; /* whose body the head shows from now on, or NULL */
    struct plan_item *newest;  /* the version or transition that gives the head's order, or NULL */
    struct plan_item *last;    /* the last thing taken, or NULL */
};

/* A report identity that the batch names. */
struct plan_msg {
    struct span msg_id, publisher;
    bool known; /* claimed before this batch: */
    uint8_t hash[DIGEST_BYTES], raw_hash[DIGEST_BYTES];
    int64_t ledger_no;
    struct plan_item *first; /* who claims it in this batch */
};

/* A record that the batch writes or refers to: as the database has it, and as the batch moves it.
 */
struct plan_head {
    const struct record_type *type;
    struct span uscc, id;
    bool own;   /* some report of the plan is a version of it, or moves it */
    bool known; /* the database has it: */
    struct order_key order;
    int64_t tie;

    /* while deciding */
    bool present;             /* known, or stored by this batch */
    struct plan_item *winner; /* last version that becomes the head */
    struct plan_item *waiting, *waiting_last;
    struct plan_life *life; /* or NULL */
};

/* Heads in the order in which they were first named; asked: how many of them the database was asked
 * about (the asker moves it). */
struct plan_heads {
    struct plan_head **at;
    size_t n, cap, asked;
};

/* Where feed items go. */
struct plan_topic {
    struct span sector, township, record;
    int64_t last_seq; /* of the database; 0 when there is none */
    struct plan_item *last;
};

struct plan_item {
    struct entry *entry;
    size_t place;              /* index in plan->items */
    struct parked_row *parked; /* NULL for a report that just arrived */
    struct plan_msg *msg;      /* NULL when it cannot claim or has claimed before */
    struct plan_head *head;    /* NULL for a report with a problem */
    struct plan_head *via;     /* the record that this one moves, or NULL */
    struct plan_head *beside;  /* the record whose life this one moves from beside it, or NULL */
    struct plan_life *life;    /* that it says something about, or NULL */
    struct life_said *said;
    struct plan_head **parents;
    size_t n_parents;
    const struct plan_item *source; /* of one that is only new: where it comes from, or NULL */
    const char *refused; /* what the database said against it in an earlier try, or NULL */

    enum verdict verdict;          /* NONE: a parked one that goes on waiting */
    struct problem problem;        /* of rejected and conflict */
    struct plan_head *missing;     /* what a parked one waits for */
    const struct plan_item *first; /* of a duplicate in this batch */
    bool claims;
    bool moves;  /* its parent changed though it stays parked */
    int64_t tie; /* ledger number for the order, or a number above all of them */
    int64_t ledger_no;
    int64_t feed_seq, feed_prev;
    struct plan_topic *topic;
    struct plan_item *topic_before;
    struct plan_item *next_waiting;
    struct life_findings *found; /* about the life, or NULL */
};

struct plan_list {
    struct plan_item **at;
    size_t n;
};

struct plan {
    const struct schema *schema;
    struct arena arena;
    struct map msg_map, head_map, topic_map;

    struct plan_item **items; /* in order of arrival, released ones after them */
    size_t n_items, cap_items;
    struct plan_msg **msgs;
    size_t n_msgs, cap_msgs;
    size_t asked_msgs;
    struct plan_heads *heads; /* one for each record type, by its index */
    struct plan_heads owners; /* those that reports may wait for and this batch may store */
    bool *is_parent;          /* by type index: some record names it as its parent */
    const struct record_type *
        *lives;              /* by type index: whose life it says something about, or NULL */
    struct plan_life **life; /* in the order in which they were first named */
    size_t n_life, cap_life;
    bool starved; /* deciding ran out of memory */

    /* what its reports name by hash, sorted, each once; and what of it the database keeps */
    uint8_t (*named)[DIGEST_BYTES];
    size_t n_named;
    uint8_t (*kept)[DIGEST_BYTES];
    size_t n_kept;

    /* filled by decide_plan */
    struct plan_list claims;   /* by ledger number */
    struct plan_list order;    /* every version kept (stored, stale), in order of decision */
    struct plan_list feed;     /* stored, in feed order */
    struct plan_list parked;   /* arrivals that wait */
    struct plan_list moved;    /* parked before, wait for another parent now */
    struct plan_list released; /* parked before, stored or stale now */
    struct plan_list expired;  /* parked before, rejected now */
    struct plan_list refused;  /* arrivals rejected or in conflict */
    struct plan_topic **topics;
    size_t n_topics;
    uint64_t counts[VERDICT_COUNT];
    uint64_t received; /* arrivals; of those that are only new, what is not passed over */
};

MUST_CHECK enum err plan_init(struct plan *p, const struct schema *schema, size_t arena_max_bytes);
void plan_free(struct plan *p);
/* Forgets everything added. */
void plan_reset(struct plan *p);

/* parked: where the entry was waiting before, or NULL. The entry must live until plan_reset. *out
 * (may be NULL) is the item made. */
MUST_CHECK enum err plan_add(struct plan *p, struct entry *e, struct parked_row *parked,
                             struct plan_item **out);
/* The database has this identity. */
void plan_msg_found(struct plan_msg *m, const uint8_t hash[DIGEST_BYTES],
                    const uint8_t raw_hash[DIGEST_BYTES], int64_t ledger_no);
/* The database has this record. order.source_system is copied. */
MUST_CHECK enum err plan_head_found(struct plan *p, struct plan_head *h,
                                    const struct order_key *order, int64_t ledger_no);
/* Keeps a life that was begun. ERR_NOMEM. */
MUST_CHECK enum err plan_push_life(struct plan *p, struct plan_life *l);
/* Is there anything to write? Asked after decide_plan. */
bool plan_empty(const struct plan *p);
/* The counters' values before this batch; topics have their last_seq. */
void plan_number(struct plan *p, int64_t ledger_before, int64_t feed_before);
/* The ledger number that a tie of the order stands for, once numbered. */
int64_t plan_ledger_no(const struct plan *p, int64_t tie);
/* After the commit: verdicts, numbers, problems and hashes into the entries of arrivals. */
void plan_settle(struct plan *p);

#endif
