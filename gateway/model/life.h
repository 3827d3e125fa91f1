/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a hazard: what is in force after each thing that is said about it. For: the rules of
 * who may move its state, level and deadline, and what waits for the authority. Not for: the order
 * in which things are said (pg/life_track.h), rows. Promises: pure; what is in force after a list
 * of events depends on the list alone; an event that is refused still says what it would do where
 * it is stored already, so that a list can always be gone through to its end. */
#ifndef MODEL_LIFE_H
#define MODEL_LIFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/finding.h"
#include "model/reason.h"

#define LIFE_NO_TIME INT64_MIN
#define LIFE_NO_DAY  INT64_MIN

/* What a unit may not do alone to a hazard that is major or was found by an authority. The numbers
 * are those of WithdrawalKind. */
enum life_request { LIFE_KEEPS = 0, LIFE_VOID = 1, LIFE_DELETE = 2, LIFE_REGRADE = 3 };

enum life_kind {
    LIFE_VERSION,     /* a report of the whole hazard */
    LIFE_TOMBSTONE,   /* its deletion */
    LIFE_TRANSITION,  /* one step of its state */
    LIFE_EXTENSION,   /* of its deadline, asked for or decided */
    LIFE_SUPERVISION, /* listing it and what follows */
    LIFE_DECISION,    /* on a request of the unit */
    LIFE_KINDS
};

/* Of an extension, a supervision or a decision. */
enum life_act {
    LIFE_ACT_NOTES, /* an application, a plan: nothing changes */
    LIFE_ACT_ASKS,
    LIFE_ACT_APPROVES,
    LIFE_ACT_REFUSES,
    LIFE_ACT_LISTS,
    LIFE_ACT_EXTENDS,
    LIFE_ACT_DELISTS,
    LIFE_ACT_ESCALATES
};

/* Codes are numbers of the lists in proto/codes.proto, 0 where none is given. Texts belong to the
 * caller and are kept by address. */
struct life_event {
    enum life_kind kind;
    bool authority; /* an organisation said it */
    const char *by; /* the publisher */
    int64_t at;
    /* of a version; to and round of a transition too */
    int state, level, found_by, supervision;
    bool on_the_spot;
    int64_t deadline; /* days since 1970; of an extension: the new one */
    int round;        /* 0: not given */
    int64_t rectified_at, accepted_at, closed_at;
    int from; /* of a transition */
    enum life_act act;
    int n;                  /* of an extension: which */
    int64_t asked_at;       /* of an extension */
    enum life_request what; /* that a decision is about */
};

/* What is in force, and beside it what was reported last. */
struct hazard_life {
    bool known; /* some version has been stored */
    bool deleted;
    int state, level, found_by, supervision, round;
    int64_t deadline;
    int64_t rectified_at, accepted_at, closed_at;
    const char *lister;           /* who has it on its list; "" nobody */
    bool escalated;               /* handed to the level above: another may list it */
    enum life_request withdrawal; /* waits for the authority */
    int64_t withdrawal_at;
    const char *withdrawal_by;
    enum life_request denied; /* refused before: the same said again asks for nothing */
    int reported_state, reported_level;
    int64_t reported_deadline;
    int extended_by; /* number of the extension approved last, 0: none; and the deadline without it
                      */
    int64_t deadline_before;
    int64_t rejections, reopenings, self_extensions, extensions;
};

#define LIFE_TEXT_MAX     40
#define LIFE_FINDINGS_MAX 8

struct life_finding {
    enum finding_code code;
    const char *field;
    char reported[LIFE_TEXT_MAX], expected[LIFE_TEXT_MAX];
};

struct life_findings {
    struct life_finding at[LIFE_FINDINGS_MAX];
    size_t n;
};

/* A hazard that nothing has been said about. */
struct hazard_life life_none(void);
/* *after: with the event taken, also where *refused says that an arriving report must not be;
 * before and after may be the same. found (or NULL) gets what is worth noting, refused (or NULL)
 * the reason. */
void life_step(const struct hazard_life *before, const struct life_event *e,
               struct hazard_life *after, struct life_findings *found, enum reason *refused);
/* May its unit not withdraw it alone? */
bool life_protected(const struct hazard_life *life);

#endif
