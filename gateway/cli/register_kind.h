/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the register as files that people prepare: which columns each has, under which
 * headings and words, in one table. Adding a column to the register is a row here and a migration.
 */
#ifndef CLI_REGISTER_KIND_H
#define CLI_REGISTER_KIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

enum value_type {
    VALUE_TEXT,
    VALUE_WORD,   /* one of `words` */
    VALUE_LISTED, /* a code list of record `entity` in the schema, by the column's name */
    VALUE_USCC,
    VALUE_ANY_USCC,     /* or * */
    VALUE_DIVISION,     /* code or name of a known one */
    VALUE_NEW_DIVISION, /* 6, 9 or 12 digits */
    VALUE_SECTOR,       /* code or name of a known one */
    VALUE_BOOL,
    VALUE_COUNT, /* a whole number, not negative */
    VALUE_DECIMAL,
    VALUE_DATE,
    VALUE_COMPANY, /* nine digits */
    VALUE_LIST,    /* several texts separated by ; ， 、 or | */
    VALUE_CODE,    /* text, in half width */
    VALUE_SECTORS, /* several of VALUE_SECTOR */
    VALUE_DOC_NO,  /* 平湛安〔2020〕3号 */
};

struct register_column {
    const char *name;     /* of the table and of the file */
    const char *headings; /* Chinese headings as register_heading() leaves them, separated by | */
    enum value_type type;
    const char *words; /* "NAME=中文,中文|NAME=…"; of VALUE_LISTED: those beyond the list's own */
    bool required;
    bool key;
    bool keyless_default; /* a key column that may be left out: '' then */
};

struct register_kind {
    const char *name;  /* entity */
    const char *table; /* register.entity */
    const struct register_column *columns;
    size_t n_columns;
};

extern const struct register_kind register_kinds[];
extern const size_t register_kinds_count;

/* NULL when there is none. */
const struct register_kind *register_kind_of(const char *name);
/* What matters of a heading, in out: half width, without spaces, * and /, without a note in
 * brackets or a colon at its end. */
struct span register_heading(struct span heading, char *out, size_t size);
/* By canonical name or heading; -1 when the kind has no such column. */
int register_column_of(const struct register_kind *kind, struct span heading);
/* The first kind that has all these columns and whose required ones are all there; NULL when none
 * has. */
const struct register_kind *register_kind_guess(const struct span *headings, size_t n);
/* "" or the value's canonical word in "NAME=中文,中文|…"; NULL when it is none of them. */
const char *register_word(const char *words, struct span value, char *out, size_t size);

#endif
