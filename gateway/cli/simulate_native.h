/* SPDX-License-Identifier: Apache-2.0 */
/* Reports in a sector's own form, by walking its mapping from the canonical side to the source's:
 * names, codes, dates, units and envelope all come from adapters/, none stands here. */
#ifndef CLI_SIMULATE_NATIVE_H
#define CLI_SIMULATE_NATIVE_H

#include "adapt/mapping.h"
#include "cli/simulate_report.h"

struct sim_native;

/* The adapters below dir. What is wrong is appended to errors, a line each. */
MUST_CHECK enum err sim_native_open(struct sim_native **out, const char *dir, struct buf *errors);
void sim_native_close(struct sim_native *n);

/* One record in one adapter's form. */
struct sim_form {
    const struct mapping *mapping;
    const struct record_map *record; /* NULL: the adapter does not know the record */
};

/* adapter NULL: none. */
struct sim_form sim_form_of(const struct sim_native *n, const char *adapter, const char *record);
/* Whether the source's codes have a word for this value. */
bool sim_form_says(const struct sim_form *f, const char *field, const char *value);
/* Appends a row; rows stand one after the other, first: nothing is before it. */
void sim_form_row(const struct sim_form *f, const struct sim_report *r, bool first,
                  struct buf *rows);
/* Closes the rows and puts them into the container, the encoding and the envelope. */
MUST_CHECK enum err sim_form_wrap(const struct sim_form *f, struct span rows, const char *key,
                                  struct arena *arena, struct span *payload);

#endif
