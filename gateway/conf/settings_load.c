/* SPDX-License-Identifier: Apache-2.0 */
/* File, environment, and what concerns several settings. Goes through everything before it judges,
 * so that a person corrects a file once, not once per error; every problem is told with its place.
 */
#include "conf/settings_load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "conf/secret.h"

#define FILE_BYTES_MAX ((size_t)1 << 20)
#define VALUE_CHARS    60 /* of a wrong value that are shown */

/* Of two settings the first must not be greater than the second. */
static const struct {
    const char *low, *high;
} orders[] = {
    {"mqtt.backoff_first_ms", "mqtt.backoff_max_ms"},
    {"pg.backoff_first_ms", "pg.backoff_max_ms"},
    {"batch.messages_max", "mqtt.receive_maximum"},
    {"intake.report_bytes_max", "intake.message_bytes_max"},
    {"intake.message_bytes_max", "intake.arena_bytes_max"},
    {"rules.lat_min", "rules.lat_max"},
    {"rules.lon_min", "rules.lon_max"},
};

void load_complain(struct load *l, struct place at, const char *name)
{
    l->wrong = true;
    if (at.line > 0) {
        buf_printf(l->errors, "%s:%d:%d: ", at.source, at.line, at.column);
    } else if (at.source) {
        buf_printf(l->errors, "%s: ", at.source);
    }
    if (name) {
        buf_printf(l->errors, "%s: ", name);
    }
}

void load_complain_text(struct load *l, struct place at, const char *name, const char *text)
{
    load_complain(l, at, name);
    buf_printf(l->errors, "%s\n", text);
}

void load_put_value(struct buf *out, const char *text)
{
    struct span s = span_of(text);
    s.len = utf8_valid_prefix(s);
    struct span shown = utf8_clip(s, VALUE_CHARS);
    buf_json_string(out, shown);
    if (shown.len < s.len) {
        buf_puts(out, "…");
    }
}

static struct place *place_of(struct load *l, const struct setting *row)
{
    size_t count;
    return &l->places[row - settings_table(&count)];
}

void load_store(struct load *l, const struct setting *row, const char *text, struct place at)
{
    struct buf why;
    buf_init(&why, 0);
    enum err e = setting_store(l->s, row, text, &why);
    if (e == ERR_OK) {
        *place_of(l, row) = at;
    } else if (e == ERR_INVALID && !buf_failed(&why)) {
        load_complain(l, at, row->name);
        load_put_value(l->errors, text);
        buf_printf(l->errors, " %s\n", buf_text(&why));
    } else {
        l->nomem = true;
    }
    buf_free(&why);
}

static enum err take_file(struct load *l)
{
    struct buf text;
    buf_init(&text, FILE_BYTES_MAX);
    struct place whole = {l->path, 0, 0};
    enum err e = file_read(l->path, &text);
    if (e == ERR_NOT_FOUND || e == ERR_IO) {
        load_complain_text(l, whole, "cannot be read", strerror(errno));
        e = ERR_IO;
    } else if (e == ERR_FULL) {
        load_complain_text(l, whole, NULL, "is larger than a configuration can be");
        e = ERR_IO;
    } else if (e == ERR_OK && utf8_valid_prefix(buf_span(&text)) != text.len) {
        load_complain_text(l, whole, NULL, "is no UTF-8 text");
        e = ERR_SYNTAX;
    } else if (e == ERR_OK) {
        e = load_yaml(l, buf_span(&text));
    }
    buf_free(&text);
    return e;
}

/* --- the environment, and what concerns several settings --- */

static void take_environment(struct load *l)
{
    size_t count;
    const struct setting *table = settings_table(&count);
    for (size_t i = 0; i < count; i++) {
        struct buf name;
        buf_init(&name, 0);
        setting_environment_name(&table[i], &name);
        const char *kept = arena_strdup(&l->s->arena, buf_text(&name));
        const char *value = table[i].file_only || !kept ? NULL : getenv(kept);
        if (value) {
            load_store(l, &table[i], value, (struct place){kept, 0, 0});
        }
        l->nomem |= !kept || buf_failed(&name);
        buf_free(&name);
    }
}

static double number_of(const struct settings *s, const struct setting *row)
{
    const void *from = (const char *)s + row->at;
    return row->type == SETTING_DECIMAL ? *(const double *)from : (double)*(const int64_t *)from;
}

static void check_orders(struct load *l)
{
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        const struct setting *low = settings_find(orders[i].low);
        const struct setting *high = settings_find(orders[i].high);
        if (number_of(l->s, low) <= number_of(l->s, high)) {
            continue;
        }
        struct place at = *place_of(l, low);
        load_complain(l, at.source ? at : *place_of(l, high), low->name);
        setting_write(l->s, low, l->errors);
        buf_printf(l->errors, " must not be above %s, which is ", high->name);
        setting_write(l->s, high, l->errors);
        buf_putc(l->errors, '\n');
    }
}

static void check_secrets(struct load *l)
{
    size_t count;
    const struct setting *table = settings_table(&count);
    for (size_t i = 0; i < count; i++) {
        const char *path =
            table[i].secret ? *(const char **)(void *)((char *)l->s + table[i].at) : "";
        struct buf why;
        buf_init(&why, 0);
        if (path[0] && secret_check(path, &why) != ERR_OK) {
            load_complain(l, *place_of(l, &table[i]), table[i].name);
            load_put_value(l->errors, path);
            buf_printf(l->errors, " %s\n", buf_text(&why));
        }
        buf_free(&why);
    }
}

enum err settings_load(struct settings *s, const char *path, struct buf *errors)
{
    size_t count;
    (void)settings_table(&count);
    settings_default(s);
    struct load l = {.s = s, .path = path, .errors = errors};
    l.places = arena_zalloc(&s->arena, count * sizeof(*l.places));
    if (!l.places) {
        return ERR_NOMEM;
    }
    s->file = path ? arena_strdup(&s->arena, path) : NULL;
    l.nomem = path && !s->file;
    enum err e = path ? take_file(&l) : ERR_OK;
    take_environment(&l);
    check_orders(&l);
    check_secrets(&l);
    if (l.nomem || buf_failed(errors)) {
        return ERR_NOMEM;
    }
    return e == ERR_OK && l.wrong ? ERR_INVALID : e;
}
