/* SPDX-License-Identifier: Apache-2.0 */
/* One run of settings_load(), shared by its two files: what was found, and how it is told. Private
 * to conf/. */
#ifndef CONF_SETTINGS_LOAD_H
#define CONF_SETTINGS_LOAD_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "conf/settings.h"

/* Where a setting has its value from; line 0: default. */
struct place {
    const char *source; /* the file, or the environment variable */
    int line, column;
};

struct load {
    struct settings *s;
    const char *path;
    struct buf *errors;
    bool wrong;
    bool nomem;
    struct place *places; /* by row of the table */
};

/* Begins a line of errors with the place and, unless NULL, the name. */
void load_complain(struct load *l, struct place at, const char *name);
/* A whole line. */
void load_complain_text(struct load *l, struct place at, const char *name, const char *text);
/* The value as a person wrote it, shortened and without line ends. */
void load_put_value(struct buf *out, const char *text);
/* Stores a value, or says what is wrong with it. */
void load_store(struct load *l, const struct setting *row, const char *text, struct place at);
/* Stores everything of a YAML text. ERR_SYNTAX: it is none. */
MUST_CHECK enum err load_yaml(struct load *l, struct span text);

#endif
