/* SPDX-License-Identifier: Apache-2.0 */
/* One line per event on stderr: time, level, who, then key=value pairs. Repeats of the same (who,
 * format) within ten seconds are counted and said once.
 *
 *   log_warn("lane 1", "event=commit_failed sqlstate=%s batch=%" PRId64, state, no);
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/clock.h"

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

void log_set_level(enum log_level level);
/* Of "debug", "info", "warn" or "error"; LOG_LEVEL_INFO of anything else. */
enum log_level log_level_of(const char *word);
void log_set_clock(const struct clock *clock);
/* Writes the counts of repeats whose ten seconds are over; call once a second or so. */
void log_flush_repeats(void);
/* Writes all counts and forgets them; call at the end. */
void log_finish(void);

/* A text of several lines, each a line of its own (event=… text="…"): none is taken for a repeat.
 */
void log_lines(enum log_level level, const char *who, const char *event, const char *text);

void log_write(enum log_level level, const char *who, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_debug(who, ...) log_write(LOG_LEVEL_DEBUG, who, __VA_ARGS__)
#define log_info(who, ...)  log_write(LOG_LEVEL_INFO, who, __VA_ARGS__)
#define log_warn(who, ...)  log_write(LOG_LEVEL_WARN, who, __VA_ARGS__)
#define log_error(who, ...) log_write(LOG_LEVEL_ERROR, who, __VA_ARGS__)

#endif
