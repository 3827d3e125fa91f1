/* SPDX-License-Identifier: Apache-2.0 */
/* Code systems of the register with their editions, codes and what became of codes from one edition
 * to another: part of the register's snapshot, built by one writer, then only read. For: saying
 * whether a text is a code of an edition, in whatever form sources write it. Not for: judging, and
 * never for rewriting a value. */
#ifndef MODEL_CODE_BOOK_H
#define MODEL_CODE_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

/* An edition of a code system. */
struct code_edition {
    const char *system;  /* "gbt4754" */
    const char *version; /* "2017" */
    int64_t first_day;   /* days since 1970-01-01 on which it is in force, both ends included */
    int64_t last_day;    /* INT64_MAX: no end is known */
    bool complete;       /* false: the table is known to lack codes */
    bool nested;         /* set by the book: its codes have codes above them */
    size_t longest;      /* likewise: bytes of its longest code, which are those of the leaves */
    struct code_edition *next;
};

struct code_row {
    const struct code_edition *edition;
    const char *code; /* canonical: "C2614" */
    const char *name;
};

struct code_book;

MUST_CHECK enum err code_book_new(struct code_book **out);
void code_book_free(struct code_book *b);
/* Texts are copied. */
MUST_CHECK enum err code_book_add_edition(struct code_book *b, const struct code_edition *row);
/* ERR_NOT_FOUND when the edition was not added. parent: NULL or "" for none. */
MUST_CHECK enum err code_book_add_code(struct code_book *b, const char *system, const char *version,
                                       const char *code, const char *name, const char *parent);
MUST_CHECK enum err code_book_add_map(struct code_book *b, const char *system,
                                      const char *from_version, const char *from_code,
                                      const char *to_version, const char *to_code);

/* No system at all. */
bool code_book_is_empty(const struct code_book *b);
/* NULL when there is no such edition. */
const struct code_edition *code_book_edition(const struct code_book *b, struct span system,
                                             struct span version);
/* The edition in force on a day; before the first one, the first; NULL for an unknown system. */
const struct code_edition *code_book_edition_on(const struct code_book *b, struct span system,
                                                int64_t day);
/* The code that a text means in an edition, or NULL. Of gbt4754 it may be written in lower case,
 * without its letter ("2614") or padded to the length of the longest ("C2600", "C0000",
 * "I63XX000B"); of gb6441 with one to three digits ("5", "05", "050"). */
const struct code_row *code_book_find(const struct code_book *b, const struct code_edition *e,
                                      struct span text);
/* By the code's name; NULL when no code of the edition bears it. */
const struct code_row *code_book_find_name(const struct code_book *b, const struct code_edition *e,
                                           struct span name);
/* The same in the newest edition that has it, another than e. */
const struct code_row *code_book_find_elsewhere(const struct code_book *b,
                                                const struct code_edition *e, struct span text);
/* Whether an edition whose table is not complete may well have the code: a leaf whose code above is
 * there, or any text where the table has no levels. */
bool code_book_may_have(const struct code_book *b, const struct code_edition *e, struct span text);
/* What a code became in another edition (itself in its own), or NULL where that is not one code. */
const struct code_row *code_book_map(const struct code_book *b, const struct code_row *row,
                                     const struct code_edition *to);

#endif
