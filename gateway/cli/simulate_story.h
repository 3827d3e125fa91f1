/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that a district sends in a stretch of days: messages in the order in which they are
 * sent, each with what should become of it. Made in memory before the first is sent. */
#ifndef CLI_SIMULATE_STORY_H
#define CLI_SIMULATE_STORY_H

#include "cli/simulate_native.h"
#include "cli/simulate_report.h"
#include "model/reason.h"

#define SIM_DAY_US (INT64_C(86400) * 1000000)

struct sim_message {
    int64_t at_us; /* when it is sent, in the story's time */
    size_t order;  /* as told */
    const char *topic, *content_type;
    struct span payload;
    const char *adapter; /* whose form it has, or NULL */
    size_t reports;
    enum reason reason; /* for which `wrong` is refused; REASON_NONE: all are taken */
    size_t wrong;       /* place of the bad report */
};

struct story {
    struct arena arena;
    const struct district *district;
    const struct sim_native *native;
    struct sim_message *messages;
    size_t count, room;
    bool failed; /* out of memory somewhere */
    /* The message being written. */
    struct buf body;
    struct sim_form form;
    const struct district_unit *unit;
    const char *record;
    size_t reports;
};

void story_init(struct story *s, const struct district *d, const struct sim_native *native);
void story_free(struct story *s);
/* A message of reports of one record and unit, in the form that the unit's entity uses. */
void story_open(struct story *s, const struct district_unit *unit, const char *record);
void story_add(struct story *s, const struct sim_report *r);
/* The finished message, to be changed before the next is closed; NULL when nothing was added or
 * memory is short. */
struct sim_message *story_close(struct story *s, int64_t at_us);
/* A message as another one was, later. */
void story_repeat(struct story *s, size_t index, int64_t at_us);
/* In the order of sending. */
void story_sort(struct story *s);
/* Text in the story's arena; "" when memory is short. */
const char *story_text(struct story *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- who tells it ---- */

struct sim_days {
    int64_t first; /* days since 1970-01-01 */
    int64_t count;
};

/* The risk chain of a unit as far as later reports refer to it. */
struct sim_link {
    const struct words_risk *words;
    char object[ID_CHARS + 1], unit[ID_CHARS + 1], event[ID_CHARS + 1], measure[ID_CHARS + 1],
        task[ID_CHARS + 1], record[ID_CHARS + 1];
};

/* One reporting unit telling. */
struct teller {
    struct story *story;
    const struct district_unit *unit;
    struct sim_days days;
    struct dice dice;
    uint64_t seq;
    struct sim_link links[WORDS_RISKS];
    size_t n_links;
    int64_t checked_us; /* when the first check was done; 0: none yet */
};

void teller_init(struct teller *t, struct story *s, const struct district_unit *unit,
                 struct sim_days days);
/* A moment of working time, 8:00 to 18:00 in Shanghai; days past the last count as the last. */
int64_t teller_time(struct teller *t, int64_t day);
int64_t teller_end(const struct teller *t);
void teller_report(struct teller *t, struct sim_report *r, const char *record, int64_t at_us);
const struct district_person *teller_person(struct teller *t);
const char *teller_pick(struct teller *t, const struct words_list *list);

/* cli/simulate_risk.c: the entity itself, its risks and the checks. */
void tell_risks(struct teller *t);
/* cli/simulate_life.c: hazards through their life, and a zero report a month. */
void tell_hazards(struct teller *t);
/* cli/simulate_wrong.c: what a gateway must refuse, and what comes twice. */
void tell_wrong(struct story *s, struct sim_days days);
/* Everything of the whole district, sorted. ERR_NOMEM only. */
MUST_CHECK enum err story_tell(struct story *s, struct sim_days days);

#endif
