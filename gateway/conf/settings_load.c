/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file and the environment. Goes through everything before it judges, so that a
 * person corrects a file once, not once per error; every problem is told with its place. */
#include "conf/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libfyaml.h>

#include "base/utf8.h"
#include "conf/secret.h"

#define FILE_BYTES_MAX ((size_t)1 << 20)
#define NAME_BYTES     64
#define VALUE_CHARS    60 /* of a wrong value that are shown */

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

/* Begins a line of errors: place and name. */
static void complain(struct load *l, struct place at, const char *name)
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

static void complain_text(struct load *l, struct place at, const char *name, const char *text)
{
    complain(l, at, name);
    buf_printf(l->errors, "%s\n", text);
}

/* The value as a person wrote it, shortened and without line ends. */
static void put_value(struct buf *out, const char *text)
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

static void store(struct load *l, const struct setting *row, const char *text, struct place at)
{
    struct buf why;
    buf_init(&why, 0);
    enum err e = setting_store(l->s, row, text, &why);
    if (e == ERR_OK) {
        *place_of(l, row) = at;
    } else if (e == ERR_INVALID && !buf_failed(&why)) {
        complain(l, at, row->name);
        put_value(l->errors, text);
        buf_printf(l->errors, " %s\n", buf_text(&why));
    } else {
        l->nomem = true;
    }
    buf_free(&why);
}

/* --- the file --- */

static struct place mark_of(const struct load *l, struct fy_node *node)
{
    const struct fy_mark *mark = NULL;
    if (node && fy_node_is_scalar(node)) {
        struct fy_token *token = fy_node_get_scalar_token(node);
        mark = token ? fy_token_start_mark(token) : NULL;
    }
    return mark ? (struct place){l->path, mark->line + 1, mark->column + 1}
                : (struct place){l->path, 0, 0};
}

/* Quoted text is no number; an empty plain value is no value at all. */
static const char *wrong_shape(const struct setting *row, struct fy_node *value)
{
    if (!value || !fy_node_is_scalar(value)) {
        return "must be a single value";
    }
    if (fy_node_is_alias(value)) {
        return "aliases are not allowed here";
    }
    bool text = row->type == SETTING_STRING || row->type == SETTING_PATH;
    bool plain = fy_node_get_style(value) == FYNS_PLAIN;
    if (plain && fy_node_get_scalar_length(value) == 0) {
        return "has no value";
    }
    return text || plain ? NULL : "is quoted, but must be a number or a truth value";
}

static void take_value(struct load *l, const struct setting *row, struct fy_node *key,
                       struct fy_node *value)
{
    struct place at = mark_of(l, value);
    if (at.line == 0) {
        at = mark_of(l, key);
    }
    const char *wrong = wrong_shape(row, value);
    if (wrong) {
        complain_text(l, at, row->name, wrong);
        return;
    }
    size_t len;
    const char *bytes = fy_node_get_scalar(value, &len);
    const char *text = fy_node_get_scalar0(value);
    if (!bytes || !text) {
        l->nomem = true;
    } else if (memchr(bytes, '\0', len)) {
        complain_text(l, at, row->name, "holds characters that are no text");
    } else {
        store(l, row, text, at);
    }
}

static bool is_group(const char *name)
{
    size_t count;
    size_t len = strlen(name);
    const struct setting *table = settings_table(&count);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(table[i].name, name, len) == 0 && table[i].name[len] == '.') {
            return true;
        }
    }
    return false;
}

/* The pair before `pair` with the same key, or NULL. */
static struct fy_node_pair *earlier(struct fy_node *map, struct fy_node_pair *pair, const char *key)
{
    void *at = NULL;
    struct fy_node_pair *other;
    while ((other = fy_node_mapping_iterate(map, &at)) != NULL && other != pair) {
        const char *text = fy_node_get_scalar0(fy_node_pair_key(other));
        if (text && strcmp(text, key) == 0) {
            return other;
        }
    }
    return NULL;
}

static void take_map(struct load *l, struct fy_node *map, const char *group);

static void take_named(struct load *l, struct fy_node_pair *pair, const char *name)
{
    struct fy_node *key = fy_node_pair_key(pair);
    struct fy_node *value = fy_node_pair_value(pair);
    const struct setting *row = settings_find(name);
    if (row) {
        take_value(l, row, key, value);
    } else if (!is_group(name)) {
        complain_text(l, mark_of(l, key), name, "unknown setting");
    } else if (value && fy_node_is_mapping(value)) {
        take_map(l, value, name);
    } else if (value && !(fy_node_is_scalar(value) && fy_node_get_scalar_length(value) == 0)) {
        complain_text(l, mark_of(l, key), name, "must be a map of settings");
    }
}

static void take_pair(struct load *l, struct fy_node *map, struct fy_node_pair *pair,
                      const char *group)
{
    struct fy_node *key = fy_node_pair_key(pair);
    const char *text = key && fy_node_is_scalar(key) ? fy_node_get_scalar0(key) : NULL;
    if (!text || strchr(text, '.') || strlen(group) + strlen(text) + 2 > NAME_BYTES) {
        complain(l, mark_of(l, key), NULL);
        put_value(l->errors, text ? text : "");
        buf_puts(l->errors, " unknown setting\n");
        return;
    }
    char name[NAME_BYTES];
    (void)snprintf(name, sizeof(name), group[0] ? "%s.%s" : "%s%s", group, text);
    struct fy_node_pair *first = earlier(map, pair, text);
    if (first) {
        struct place at = mark_of(l, fy_node_pair_key(first));
        complain(l, mark_of(l, key), name);
        buf_printf(l->errors, "stands twice, first in line %d\n", at.line);
        return;
    }
    take_named(l, pair, name);
}

static void take_map(struct load *l, struct fy_node *map, const char *group)
{
    void *at = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(map, &at)) != NULL) {
        take_pair(l, map, pair, group);
    }
}

/* libfyaml also prints what it collects; nobody wants it twice. */
static void print_nothing(struct fy_diag *diag, void *user, const char *text, size_t len)
{
    (void)diag;
    (void)user;
    (void)text;
    (void)len;
}

static enum err tell_syntax(struct load *l, struct fy_diag *diag)
{
    void *at = NULL;
    bool told = false;
    for (struct fy_diag_error *e; (e = fy_diag_errors_iterate(diag, &at)) != NULL; told = true) {
        complain_text(l, (struct place){l->path, e->line, e->column}, NULL, e->msg);
    }
    if (!told) {
        complain_text(l, (struct place){l->path, 1, 1}, NULL, "is no YAML");
    }
    return ERR_SYNTAX;
}

/* libfyaml makes no document, and no complaint, of a file that holds only comments. */
static bool has_content(struct span text)
{
    while (text.len > 0) {
        struct span line = span_trim(span_cut(&text, '\n'));
        if (line.len > 0 && line.at[0] != '#') {
            return true;
        }
    }
    return false;
}

static enum err take_yaml(struct load *l, struct span text)
{
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = print_nothing;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    if (!diag) {
        return ERR_NOMEM;
    }
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg cfg = {.flags = FYPCF_ALLOW_DUPLICATE_KEYS, .diag = diag};
    struct fy_document *doc = fy_document_build_from_string(&cfg, text.at, text.len);
    enum err e = ERR_OK;
    struct fy_node *root = doc ? fy_document_root(doc) : NULL;
    if (!doc) {
        e = tell_syntax(l, diag);
    } else if (root && fy_node_is_mapping(root)) {
        take_map(l, root, "");
    } else if (root && !(fy_node_is_scalar(root) && fy_node_get_scalar_length(root) == 0)) {
        complain_text(l, (struct place){l->path, 1, 1}, NULL, "must be a map of settings");
    }
    fy_document_destroy(doc);
    fy_diag_destroy(diag);
    return e;
}

static enum err read_file(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return ERR_IO;
    }
    enum err e = ERR_NOMEM;
    for (char *to; (to = buf_reserve(out, 4096)) != NULL;) {
        ssize_t n = read(fd, to, 4096);
        if (n <= 0) {
            e = n == 0 ? ERR_OK : ERR_IO;
            break;
        }
        out->len += (size_t)n;
    }
    (void)close(fd);
    return e;
}

static enum err take_file(struct load *l)
{
    struct buf text;
    buf_init(&text, FILE_BYTES_MAX);
    errno = 0;
    enum err e = read_file(l->path, &text);
    if (e != ERR_OK) {
        complain(l, (struct place){l->path, 0, 0}, NULL);
        buf_printf(l->errors, "cannot be read: %s\n", errno ? strerror(errno) : err_text(e));
    } else if (utf8_valid_prefix(buf_span(&text)) != text.len) {
        complain_text(l, (struct place){l->path, 0, 0}, NULL, "is no UTF-8 text");
        e = ERR_SYNTAX;
    } else if (has_content(buf_span(&text))) {
        e = take_yaml(l, buf_span(&text));
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
            store(l, &table[i], value, (struct place){kept, 0, 0});
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
        complain(l, at.source ? at : *place_of(l, high), low->name);
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
            complain(l, *place_of(l, &table[i]), table[i].name);
            put_value(l->errors, path);
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
    enum err e = path ? take_file(&l) : ERR_OK;
    take_environment(&l);
    check_orders(&l);
    check_secrets(&l);
    if (l.nomem || buf_failed(errors)) {
        return ERR_NOMEM;
    }
    return e == ERR_OK && l.wrong ? ERR_INVALID : e;
}
