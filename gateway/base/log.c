/* SPDX-License-Identifier: Apache-2.0 */
/* Puts a line together in one buffer and hands it to stderr in one write, so that lines of several
 * processes do not mix. Repeats are kept in a small table by hash; two different lines that meet in
 * one place only cost a count being said early. Not for use by several threads at once. */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES   2048
#define KEPT_BYTES       256
#define WHO_BYTES        48
#define REPEAT_SLOTS     64
#define REPEAT_WINDOW_MS 10000

struct repeat {
    uint64_t hash; /* of who and format; 0: free */
    int64_t since_ms;
    uint64_t suppressed;
    enum log_level level;
    char who[WHO_BYTES];
    char last[KEPT_BYTES];
};

static enum log_level threshold = LOG_LEVEL_INFO;
static const struct clock *time_source = &clock_system;
static struct repeat repeats[REPEAT_SLOTS];

void log_set_level(enum log_level level)
{
    threshold = level;
}

void log_set_clock(const struct clock *clock)
{
    time_source = clock ? clock : &clock_system;
}

static const char *const level_words[] = {"debug", "info", "warn", "error"};

enum log_level log_level_of(const char *word)
{
    for (int i = LOG_LEVEL_DEBUG; i <= LOG_LEVEL_ERROR; i++) {
        if (strcmp(word, level_words[i]) == 0) {
            return (enum log_level)i;
        }
    }
    return LOG_LEVEL_INFO;
}

/* Civil date of a day since 1970-01-01 (Howard Hinnant's algorithm): the process's time zone plays
 * no part, and model/ must not be asked from here. */
static void civil_of_day(int64_t day, int *year, int *month, int *mday)
{
    int64_t z = day + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *mday = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

/* Length of what snprintf has really written into a room of `size`. */
static size_t written(int n, size_t size)
{
    if (n < 0) {
        return 0;
    }
    return (size_t)n < size ? (size_t)n : size - 1;
}

static size_t put_head(char *line, size_t size, enum log_level level, const char *who)
{
    int64_t ms = clock_wall_us(time_source) / 1000 + INT64_C(8) * 3600 * 1000;
    int64_t day = ms / 86400000;
    int rest = (int)(ms % 86400000);
    int year;
    int month;
    int mday;
    civil_of_day(day, &year, &month, &mday);
    int n = snprintf(line, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03d+08:00 level=%s who=\"%s\" ",
                     year, month, mday, rest / 3600000, rest / 60000 % 60, rest / 1000 % 60,
                     rest % 1000, level_words[level], who);
    return written(n, size);
}

/* Foreign text may hold line ends; a log line must not. */
static void flatten(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            text[i] = ' ';
        }
    }
}

static void emit(char *line, size_t len)
{
    flatten(line, len);
    line[len++] = '\n';
    for (size_t at = 0; at < len;) {
        ssize_t n = write(STDERR_FILENO, line + at, len - at);
        if (n < 0 && errno != EINTR) {
            return; /* nobody to tell */
        }
        at += n > 0 ? (size_t)n : 0;
    }
}

static void say_count(struct repeat *r)
{
    if (r->suppressed == 0) {
        return;
    }
    char line[LINE_MAX_BYTES];
    size_t size = sizeof(line) - 1;
    size_t len = put_head(line, size, r->level, r->who);
    len += written(snprintf(line + len, size - len, "%s repeated=%" PRIu64, r->last, r->suppressed),
                   size - len);
    emit(line, len);
    r->suppressed = 0;
}

static uint64_t hash_more(uint64_t hash, const char *text)
{
    for (; *text; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    }
    return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

/* The place of this line; one that belonged to another line is emptied first. */
static struct repeat *place_of(const char *who, const char *format, bool *held)
{
    uint64_t hash = hash_more(hash_more(UINT64_C(0xcbf29ce484222325), who), format) | 1;
    struct repeat *r = &repeats[(hash >> 32) % REPEAT_SLOTS];
    *held = r->hash == hash;
    if (!*held) {
        say_count(r);
        *r = (struct repeat){.hash = hash};
    }
    return r;
}

void log_write(enum log_level level, const char *who, const char *format, ...)
{
    if (level < threshold) {
        return;
    }
    char line[LINE_MAX_BYTES];
    size_t size = sizeof(line) - 1; /* the last byte is for the line end */
    size_t head = put_head(line, size, level, who);
    va_list args;
    va_start(args, format);
    size_t body = written(vsnprintf(line + head, size - head, format, args), size - head);
    va_end(args);

    bool held;
    struct repeat *r = place_of(who, format, &held);
    int64_t now = clock_steady_ms(time_source);
    if (held && now - r->since_ms < REPEAT_WINDOW_MS && now >= r->since_ms) {
        r->suppressed++;
        r->level = level;
        (void)snprintf(r->who, sizeof(r->who), "%s", who);
        (void)snprintf(r->last, sizeof(r->last), "%.*s", (int)body, line + head);
        return;
    }
    say_count(r);
    r->since_ms = now;
    emit(line, head + body);
}

void log_lines(enum log_level level, const char *who, const char *event, const char *text)
{
    char line[LINE_MAX_BYTES];
    size_t size = sizeof(line) - 1;
    while (level >= threshold && *text) {
        size_t n = strcspn(text, "\n");
        size_t len = put_head(line, size, level, who);
        len +=
            written(snprintf(line + len, size - len, "event=%s text=\"%.*s\"", event, (int)n, text),
                    size - len);
        if (n > 0) {
            emit(line, len);
        }
        text += n + (text[n] == '\n');
    }
}

void log_flush_repeats(void)
{
    int64_t now = clock_steady_ms(time_source);
    for (size_t i = 0; i < REPEAT_SLOTS; i++) {
        if (now - repeats[i].since_ms >= REPEAT_WINDOW_MS) {
            say_count(&repeats[i]);
        }
    }
}

void log_finish(void)
{
    for (size_t i = 0; i < REPEAT_SLOTS; i++) {
        say_count(&repeats[i]);
        repeats[i] = (struct repeat){0};
    }
}
