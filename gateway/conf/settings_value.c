/* SPDX-License-Identifier: Apache-2.0 */
/* One value of the table: its default, text to value, value to text. Judges a value alone; what
 * concerns several settings is settings_load.c's. */
#include "conf/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define DIGITS          "0123456789"
#define ARENA_BYTES_MAX ((size_t)1 << 20)

static bool parse_integer(const char *text, int64_t *out)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    size_t n = strspn(digits, DIGITS);
    if (n == 0 || digits[n] != '\0' || (n > 1 && digits[0] == '0')) {
        return false;
    }
    errno = 0;
    *out = strtoll(text, NULL, 10);
    return errno == 0;
}

static bool parse_decimal(const char *text, double *out)
{
    char *end;
    if (text[0] == '\0' || text[strspn(text, DIGITS "-.")] != '\0') {
        return false;
    }
    *out = strtod(text, &end);
    return *end == '\0';
}

static enum err out_of_range(const struct setting *row, struct buf *why)
{
    buf_printf(why, "must be from %" PRId64 " to %" PRId64, row->min, row->max);
    if (row->unit) {
        buf_printf(why, " %s", row->unit);
    }
    return ERR_INVALID;
}

static enum err store_integer(const struct setting *row, const char *text, void *to,
                              struct buf *why)
{
    int64_t v;
    if (!parse_integer(text, &v)) {
        buf_puts(why, "must be a whole number");
        return ERR_INVALID;
    }
    if (v < row->min || v > row->max) {
        return out_of_range(row, why);
    }
    *(int64_t *)to = v;
    return ERR_OK;
}

static enum err store_decimal(const struct setting *row, const char *text, void *to,
                              struct buf *why)
{
    double v;
    if (!parse_decimal(text, &v)) {
        buf_puts(why, "must be a number");
        return ERR_INVALID;
    }
    if (v < (double)row->min || v > (double)row->max) {
        return out_of_range(row, why);
    }
    *(double *)to = v;
    return ERR_OK;
}

static enum err store_bool(const char *text, void *to, struct buf *why)
{
    bool yes = strcmp(text, "true") == 0;
    if (!yes && strcmp(text, "false") != 0) {
        buf_puts(why, "must be true or false");
        return ERR_INVALID;
    }
    *(bool *)to = yes;
    return ERR_OK;
}

static bool is_one_of(const char *words, struct span text)
{
    for (struct span rest = span_of(words); rest.at;) {
        if (span_eq(span_cut(&rest, ' '), text)) {
            return true;
        }
    }
    return false;
}

static enum err check_string(const struct setting *row, const char *text, struct buf *why)
{
    struct span s = span_of(text);
    if (utf8_valid_prefix(s) != s.len || utf8_text_prefix(s) != s.len) {
        buf_puts(why, "holds characters that are no text");
    } else if (row->words && !is_one_of(row->words, s)) {
        buf_printf(why, "must be one of: %s", row->words);
    } else if (row->charset && text[strspn(text, row->charset)] != '\0') {
        buf_printf(why, "may hold only the characters %s", row->charset);
    } else if ((int64_t)s.len < row->min || (int64_t)s.len > row->max) {
        buf_printf(why, "must have from %" PRId64 " to %" PRId64 " bytes", row->min, row->max);
    } else {
        return ERR_OK;
    }
    return ERR_INVALID;
}

static enum err store_string(struct settings *s, const struct setting *row, const char *text,
                             void *to, struct buf *why)
{
    enum err e = check_string(row, text, why);
    if (e != ERR_OK) {
        return e;
    }
    const char *copy = arena_strdup(&s->arena, text);
    if (!copy) {
        return ERR_NOMEM;
    }
    *(const char **)to = copy;
    return ERR_OK;
}

enum err setting_store(struct settings *s, const struct setting *row, const char *text,
                       struct buf *why)
{
    void *to = (char *)s + row->at;
    switch (row->type) {
    case SETTING_INTEGER:
        return store_integer(row, text, to, why);
    case SETTING_BOOL:
        return store_bool(text, to, why);
    case SETTING_DECIMAL:
        return store_decimal(row, text, to, why);
    case SETTING_STRING:
    case SETTING_PATH:
        return store_string(s, row, text, to, why);
    }
    return ERR_INVALID;
}

/* Defaults are right by test, so nothing is checked here and nothing can fail. */
static void set_default(struct settings *s, const struct setting *row)
{
    void *to = (char *)s + row->at;
    switch (row->type) {
    case SETTING_INTEGER:
        (void)parse_integer(row->initial, to);
        break;
    case SETTING_BOOL:
        *(bool *)to = row->initial[0] == 't';
        break;
    case SETTING_DECIMAL:
        (void)parse_decimal(row->initial, to);
        break;
    case SETTING_STRING:
    case SETTING_PATH:
        *(const char **)to = row->initial;
        break;
    }
}

void settings_default(struct settings *s)
{
    *s = (struct settings){0};
    arena_init(&s->arena, ARENA_BYTES_MAX);
    size_t count;
    const struct setting *table = settings_table(&count);
    for (size_t i = 0; i < count; i++) {
        set_default(s, &table[i]);
    }
}

void settings_free(struct settings *s)
{
    arena_free(&s->arena);
}

void setting_write(const struct settings *s, const struct setting *row, struct buf *out)
{
    const void *from = (const char *)s + row->at;
    switch (row->type) {
    case SETTING_INTEGER:
        buf_printf(out, "%" PRId64, *(const int64_t *)from);
        break;
    case SETTING_BOOL:
        buf_puts(out, *(const bool *)from ? "true" : "false");
        break;
    case SETTING_DECIMAL:
        buf_printf(out, "%.12g", *(const double *)from);
        break;
    case SETTING_STRING:
    case SETTING_PATH:
        buf_json_string(out, span_of(*(const char *const *)from));
        break;
    }
}

void setting_environment_name(const struct setting *row, struct buf *out)
{
    buf_puts(out, "DUALGATE_");
    for (const char *c = row->name; *c; c++) {
        buf_putc(out, *c == '.' ? '_' : *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c);
    }
}
