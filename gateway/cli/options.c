/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/number.h"
#include "model/civil_time.h"

#define ROWS_MAX   24
#define FIRST_ROW  256 /* above every character, so that letters stay themselves */
#define HELP_VALUE (FIRST_ROW + ROWS_MAX)

static bool take(const struct option_row *row, const char *text)
{
    int64_t number;
    if (row->flag) {
        return *row->flag = true;
    }
    if (row->text) {
        *row->text = text;
        return true;
    }
    if (!row->number) {
        return row->take(row->to, text);
    }
    if (!number_typed(text, row->max, &number) || number < row->min) {
        return false;
    }
    *row->number = number;
    return true;
}

static void complain(const char *command, const struct option_row *row, const char *text)
{
    fprintf(stderr, "dualgate %s: --%s: \"%s\" is not ", command, row->name, text);
    if (row->number) {
        fprintf(stderr, "a number from %" PRId64 " to %" PRId64 "\n", row->min, row->max);
    } else {
        fprintf(stderr, "%s\n", row->expected ? row->expected : "possible there");
    }
}

static const struct option_row *row_of(const struct option_row *rows, size_t n, int c)
{
    if (c >= FIRST_ROW) {
        return (size_t)(c - FIRST_ROW) < n ? &rows[c - FIRST_ROW] : NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (rows[i].letter != '\0' && rows[i].letter == c) {
            return &rows[i];
        }
    }
    return NULL;
}

bool options_date(void *to, const char *text)
{
    struct civil_date day;
    if (!date_parse(span_of(text), &day)) {
        return false;
    }
    *(const char **)to = text;
    return true;
}

int options_read(const char *command, int argc, char **argv, const struct option_row *rows,
                 size_t n, const char *usage)
{
    struct option longs[ROWS_MAX + 2] = {{NULL, 0, NULL, 0}};
    char letters[2 * ROWS_MAX + 1] = "";
    size_t used = 0;
    n = n < ROWS_MAX ? n : ROWS_MAX;
    for (size_t i = 0; i < n; i++) {
        int argument = rows[i].flag ? no_argument : required_argument;
        longs[i] = (struct option){rows[i].name, argument, NULL, FIRST_ROW + (int)i};
        if (rows[i].letter != '\0') {
            letters[used++] = rows[i].letter;
            letters[used++] = ':';
        }
    }
    longs[n] = (struct option){"help", no_argument, NULL, HELP_VALUE};
    optind = 0;
    for (int c = getopt_long(argc, argv, letters, longs, NULL); c != -1;
         c = getopt_long(argc, argv, letters, longs, NULL)) {
        const struct option_row *row = row_of(rows, n, c);
        if (c == HELP_VALUE) {
            fputs(usage, stdout);
            return OPTIONS_HELP;
        }
        if (row == NULL) {
            return CLI_USAGE; /* getopt has said what it does not know */
        }
        if (!take(row, optarg)) {
            complain(command, row, optarg);
            return CLI_USAGE;
        }
    }
    return CLI_DONE;
}
