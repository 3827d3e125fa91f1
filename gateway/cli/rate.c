/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rate.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/options.h"
#include "model/civil_time.h"
#include "pg/sync.h"

#define RATE_CHARS 32

struct options {
    char month[16]; /* YYYY-MM-01 */
    bool json;
};

static const char usage_text[] =
    "usage: dualgate rate [--month YYYY-MM] [--json]\n\n"
    "n of d reporting units that are built and running and have an accepted report or zero report\n"
    "observed in the month (Asia/Shanghai; default: this month), by township and sector.\n"
    "Where d is 0 there is no rate.\n";

static const char select_rate[] =
    "select r.township, coalesce(v.name, ''), r.sector, coalesce(s.name, ''), r.n, r.d\n"
    "  from indicator.report_rate($1::date) r\n"
    "  left join register.division v on v.code = r.township\n"
    "  left join register.sector s on s.code = r.sector\n"
    " order by 1, 3";

/* Percent to two places, rounded half up by integers, and never 100.00 for n < d; "-" where d is 0.
 */
static void write_rate(int64_t n, int64_t d, char out[RATE_CHARS])
{
    if (d <= 0) {
        snprintf(out, RATE_CHARS, "-");
        return;
    }
    int64_t hundredths = (n * 20000 + d) / (2 * d);
    if (hundredths >= 10000 && n < d) {
        hundredths = 9999;
    }
    snprintf(out, RATE_CHARS, "%" PRId64 ".%02" PRId64 " %%", hundredths / 100, hundredths % 100);
}

static void print_line(const char *township, const char *sector, int64_t n, int64_t d)
{
    char rate[RATE_CHARS];
    write_rate(n, d, rate);
    printf("%-12s %-20s %8" PRId64 " of %8" PRId64 "  %s\n", township, sector, n, d, rate);
}

static void print_text(const struct pg_result *rows, const char *month)
{
    int64_t n_all = 0;
    int64_t d_all = 0;
    printf("report rate of %.7s\n%-12s %-20s %8s    %8s\n", month, "township", "sector", "n", "d");
    for (size_t i = 0; i < sync_rows(rows); i++) {
        int64_t n = strtoll(sync_text(rows, i, 4), NULL, 10);
        int64_t d = strtoll(sync_text(rows, i, 5), NULL, 10);
        print_line(sync_text(rows, i, 0), sync_text(rows, i, 2), n, d);
        n_all += n;
        d_all += d;
    }
    print_line("all", "", n_all, d_all);
}

static void print_json(const struct pg_result *rows, const char *month)
{
    struct buf out;
    buf_init(&out, 0);
    buf_printf(&out, "{\"month\":\"%.7s\",\"rows\":[", month);
    for (size_t i = 0; i < sync_rows(rows); i++) {
        static const char *const names[] = {"township", "township_name", "sector", "sector_name"};
        buf_puts(&out, i > 0 ? ",{" : "{");
        for (int c = 0; c < 4; c++) {
            buf_printf(&out, "\"%s\":", names[c]);
            buf_json_string(&out, span_of(sync_text(rows, i, c)));
            buf_putc(&out, ',');
        }
        buf_printf(&out, "\"n\":%s,\"d\":%s}", sync_text(rows, i, 4), sync_text(rows, i, 5));
    }
    buf_puts(&out, "]}");
    puts(buf_text(&out));
    buf_free(&out);
}

struct month {
    struct civil_date first, last;
};

static bool take_month(void *to, const char *text)
{
    struct month *m = to;
    return strlen(text) == 7 && period_parse(span_of(text), &m->first, &m->last);
}

static int parse(int argc, char **argv, struct options *o)
{
    struct month month = {.first = date_of_time(clock_wall_us(&clock_system))};
    const struct option_row rows[] = {
        {.name = "month", .to = &month, .take = take_month, .expected = "of the form YYYY-MM"},
        {.name = "json", .flag = &o->json},
    };
    int code = options_read("rate", argc, argv, rows, OPTIONS_COUNT(rows), usage_text);
    if (code != CLI_DONE) {
        return code;
    }
    if (optind != argc) {
        fputs(usage_text, stderr);
        return CLI_USAGE;
    }
    snprintf(o->month, sizeof o->month, "%04u-%02u-01", (unsigned)month.first.year % 10000,
             (unsigned)month.first.month % 100);
    return CLI_DONE;
}

int cli_rate(int argc, char **argv, const struct settings *settings)
{
    struct options o = {.json = false};
    int code = parse(argc, argv, &o);
    if (code != CLI_DONE) {
        return code < 0 ? CLI_DONE : code;
    }
    struct sync *db = NULL;
    struct pg_result *rows = NULL;
    struct buf why;
    buf_init(&why, 0);
    enum err e = sync_open(&db, settings, "dualgate rate", &why);
    if (e == ERR_OK) {
        const char *const params[] = {o.month};
        e = sync_query(db, select_rate, params, 1, &rows);
    }
    if (e != ERR_OK) {
        fprintf(stderr, "dualgate rate: %s\n", db ? sync_error(db) : buf_text(&why));
    } else if (o.json) {
        print_json(rows, o.month);
    } else {
        print_text(rows, o.month);
    }
    sync_free(rows);
    sync_close(db);
    buf_free(&why);
    return e == ERR_OK ? CLI_DONE : CLI_WRONG;
}
