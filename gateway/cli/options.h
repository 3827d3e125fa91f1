/* SPDX-License-Identifier: Apache-2.0 */
/* A command's options as a table: what each is called, what it takes and where that goes. For:
 * every subcommand. Not for: operands, and what options mean together; the command looks at those
 * itself. Promises: --help everywhere, and one form of complaint. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One of flag, text, number and take says what it takes. */
struct option_row {
    const char *name;
    bool *flag;        /* set true; the option takes no value */
    const char **text; /* points into argv */
    int64_t *number;   /* digits only, min to max */
    int64_t min, max;
    bool (*take)(void *to, const char *text); /* true when the text is right */
    void *to;
    const char *expected; /* of take: "of the form YYYY-MM", the end of "… is not" */
    char letter;          /* short form, or 0 */
};

/* What options_read returns after --help: the command has nothing more to do. */
#define OPTIONS_HELP (-1)

/* command: as people type it ("register import"); argv[0] is no option. CLI_DONE with optind at
 * the first operand (argv is reordered), CLI_USAGE after a complaint on stderr, OPTIONS_HELP after
 * printing usage. */
int options_read(const char *command, int argc, char **argv, const struct option_row *rows,
                 size_t n, const char *usage);

/* take of a row whose `to` is a const char *: a civil date, YYYY-MM-DD. */
bool options_date(void *to, const char *text);
#define OPTIONS_DATE_EXPECTED "a date (2020-11-05)"

#define OPTIONS_COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

#endif
