/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/spool.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/digest.h"
#include "model/field_format.h"

#define UUID_DIGITS     32
#define SPOOL_BYTES_MAX ((size_t)2 * 1024 * 1024 * 1024)

/* What is being read: the input file, and where errors go. */
struct reading {
    const char *file;
    size_t line;
    const struct spool_defaults *defaults;
    struct buf *errors;
    FILE *outbox;
    size_t wrong;
};

static void complain(struct reading *r, const char *what, const char *value)
{
    r->wrong++;
    buf_printf(r->errors, "%s:%zu: %s%s%s%s\n", r->file, r->line, what, value ? " \"" : "",
               value ? value : "", value ? "\"" : "");
}

static const char *text_member(const json_t *report, const char *name, const char *otherwise)
{
    const char *text = json_string_value(json_object_get(report, name));
    return text ? text : otherwise;
}

static enum err fresh_msg_id(char out[UUID_TEXT + 1])
{
    uint8_t chance[10];
    enum err e = random_bytes(chance, sizeof chance);
    if (e == ERR_OK) {
        uuid7_of(clock_wall_us(&clock_system) / 1000, chance, out);
    }
    return e;
}

/* One report to one line of the outbox. */
static enum err write_report(struct reading *r, json_t *report)
{
    if (!json_is_object(report)) {
        complain(r, "a report must be a JSON object", NULL);
        return ERR_OK;
    }
    const struct spool_defaults *d = r->defaults;
    const char *record = text_member(report, "record", d->record);
    const char *sector = text_member(report, "sector", d->sector);
    const char *publisher = d->publisher ? d->publisher : text_member(report, "uscc", NULL);
    if (record == NULL || sector == NULL || publisher == NULL) {
        complain(r, "the report lacks",
                 record == NULL   ? "record"
                 : sector == NULL ? "sector"
                                  : "uscc");
        return ERR_OK;
    }
    char made[UUID_TEXT + 1];
    const char *msg_id = text_member(report, "msg_id", NULL);
    if (msg_id == NULL) {
        enum err e = fresh_msg_id(made);
        if (e != ERR_OK || json_object_set_new(report, "msg_id", json_string(made)) != 0) {
            return e != ERR_OK ? e : ERR_NOMEM;
        }
        msg_id = made;
    }
    char *payload = json_dumps(report, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15));
    if (payload == NULL) {
        return ERR_NOMEM;
    }
    int n = fprintf(r->outbox, "%s\tdp/v1/%s/%s/%s/up/%s\t%s\n", msg_id, d->node, sector, publisher,
                    record, payload);
    void (*release)(void *) = NULL;
    json_get_alloc_funcs(NULL, &release);
    release(payload);
    return n < 0 ? ERR_IO : ERR_OK;
}

static enum err read_line(struct reading *r, struct span line)
{
    json_error_t why;
    json_t *value = json_loadb(line.at, line.len, JSON_REJECT_DUPLICATES, &why);
    if (value == NULL) {
        complain(r, why.text, NULL);
        return ERR_OK;
    }
    enum err e = write_report(r, value);
    json_decref(value);
    return e;
}

static enum err read_array(struct reading *r, struct span text)
{
    json_error_t why;
    json_t *array = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &why);
    if (array == NULL) {
        r->line = (size_t)(why.line > 0 ? why.line : 1);
        complain(r, why.text, NULL);
        return ERR_OK;
    }
    enum err e = ERR_OK;
    for (size_t i = 0; i < json_array_size(array) && e == ERR_OK; i++) {
        r->line = i + 1;
        e = write_report(r, json_array_get(array, i));
    }
    json_decref(array);
    return e;
}

static enum err read_all(struct reading *r, struct span text)
{
    if (span_starts(text, SPAN_LIT("\xEF\xBB\xBF"))) {
        text = (struct span){text.at + 3, text.len - 3};
    }
    struct span trimmed = span_trim(text);
    if (trimmed.len > 0 && trimmed.at[0] == '[') {
        return read_array(r, trimmed);
    }
    enum err e = ERR_OK;
    for (struct span rest = text; rest.at != NULL && e == ERR_OK;) {
        struct span line = span_trim(span_cut(&rest, '\n'));
        r->line++;
        if (line.len > 0) {
            e = read_line(r, line);
        }
    }
    return e;
}

static enum err read_file(const char *path, struct arena *a, struct span *out)
{
    enum err e = ERR_IO;
    FILE *f = fopen(path, "rbe");
    if (f == NULL) {
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    }
    if (fseek(f, 0, SEEK_END) == 0) {
        long size = ftell(f);
        char *text = size >= 0 ? arena_alloc(a, (size_t)size + 1) : NULL;
        if (text != NULL && fseek(f, 0, SEEK_SET) == 0 &&
            fread(text, 1, (size_t)size, f) == (size_t)size) {
            text[size] = '\0';
            *out = (struct span){text, (size_t)size};
            e = ERR_OK;
        }
    }
    (void)fclose(f);
    return e;
}

/* FILE → FILE.outbox, all or nothing. */
static enum err make_outbox(struct spool *s, const char *file, const char *outbox,
                            const struct spool_defaults *d, struct buf *errors)
{
    struct reading r = {.file = file, .defaults = d, .errors = errors};
    struct span text;
    char *partial = arena_printf(&s->arena, "%s.partial", outbox);
    enum err e = partial ? read_file(file, &s->arena, &text) : ERR_NOMEM;
    if (e != ERR_OK) {
        buf_printf(errors, "%s: cannot be read: %s\n", file, err_text(e));
        return e;
    }
    r.outbox = fopen(partial, "wbe");
    if (r.outbox == NULL) {
        buf_printf(errors, "%s: cannot be written: %s\n", partial, strerrordesc_np(errno));
        return ERR_IO;
    }
    e = read_all(&r, text);
    if (e == ERR_OK && r.wrong > 0) {
        e = ERR_INVALID;
    }
    if (e == ERR_OK && (fflush(r.outbox) != 0 || fsync(fileno(r.outbox)) != 0)) {
        e = ERR_IO;
    }
    if (fclose(r.outbox) != 0 && e == ERR_OK) {
        e = ERR_IO;
    }
    if (e == ERR_OK && rename(partial, outbox) != 0) {
        e = ERR_IO;
    }
    if (e != ERR_OK) {
        (void)unlink(partial);
        if (e != ERR_INVALID) {
            buf_printf(errors, "%s: %s\n", outbox, err_text(e));
        }
    }
    return e;
}

/* What a msg_id is found by: receipts bear the one form of a UUID, whatever the sender wrote. */
static struct span key_of(struct span msg_id, char digits[UUID_DIGITS + 1])
{
    return uuid_digits(msg_id, digits) ? (struct span){digits, UUID_DIGITS} : msg_id;
}

static enum err add_item(struct spool *s, struct span line, struct buf *errors)
{
    struct span msg_id = span_cut(&line, '\t');
    struct span topic = span_cut(&line, '\t');
    struct spool_item *item = &s->items[s->count];
    *item = (struct spool_item){
        .msg_id = arena_strndup(&s->arena, msg_id.at, msg_id.len),
        .topic = arena_strndup(&s->arena, topic.at, topic.len),
        .payload = line,
    };
    if (item->msg_id == NULL || item->topic == NULL) {
        return ERR_NOMEM;
    }
    char digits[UUID_DIGITS + 1];
    struct span key = key_of(span_of(item->msg_id), digits);
    const struct spool_item *twin = map_get(&s->by_msg_id, key);
    if (twin != NULL) {
        bool same = span_eq(twin->payload, item->payload);
        if (!same) {
            buf_printf(errors, "msg_id %s stands on two reports that differ\n", item->msg_id);
        }
        return same ? ERR_OK : ERR_INVALID; /* the same report twice is sent once */
    }
    const char *kept = arena_strndup(&s->arena, key.at, key.len);
    if (kept == NULL) {
        return ERR_NOMEM;
    }
    s->count++;
    return map_put(&s->by_msg_id, span_of(kept), item);
}

static enum err load_outbox(struct spool *s, const char *outbox, struct buf *errors)
{
    struct span text;
    enum err e = read_file(outbox, &s->arena, &text);
    if (e != ERR_OK) {
        return e;
    }
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.at[i] == '\n';
    }
    s->items = arena_zalloc(&s->arena, lines * sizeof *s->items);
    if (s->items == NULL) {
        return ERR_NOMEM;
    }
    for (struct span rest = text; rest.at != NULL && e == ERR_OK;) {
        struct span line = span_cut(&rest, '\n');
        if (line.len > 0) {
            e = add_item(s, line, errors);
        }
    }
    return e;
}

static void take_outcome(struct spool *s, struct spool_item *item, const char *verdict, bool final)
{
    bool ended = item->outcome != NULL;
    if (final) {
        item->outcome = arena_strdup(&s->arena, verdict);
        s->settled += !ended && item->outcome != NULL;
    }
}

/* A journal line: msg_id TAB verdict TAB item. A torn last line is ignored: it is asked for again.
 */
static void load_journal(struct spool *s, struct span text)
{
    for (struct span rest = text; rest.at != NULL;) {
        struct span line = span_cut(&rest, '\n');
        struct span msg_id = span_cut(&line, '\t');
        struct span verdict = span_cut(&line, '\t');
        char digits[UUID_DIGITS + 1];
        struct spool_item *item = map_get(&s->by_msg_id, key_of(msg_id, digits));
        char *word = arena_strndup(&s->arena, verdict.at, verdict.len);
        if (item != NULL && word != NULL && rest.at != NULL) {
            take_outcome(s, item, word, true);
        }
    }
}

enum err spool_open(struct spool *s, const char *file, const struct spool_defaults *d,
                    struct buf *errors)
{
    *s = (struct spool){0};
    arena_init(&s->arena, SPOOL_BYTES_MAX);
    map_init(&s->by_msg_id);
    char *outbox = arena_printf(&s->arena, "%s.outbox", file);
    char *receipts = arena_printf(&s->arena, "%s.receipts", file);
    if (outbox == NULL || receipts == NULL) {
        return ERR_NOMEM;
    }
    s->resumed = access(outbox, F_OK) == 0;
    enum err e = s->resumed ? ERR_OK : make_outbox(s, file, outbox, d, errors);
    if (e == ERR_OK) {
        e = load_outbox(s, outbox, errors);
        if (e == ERR_INVALID && !s->resumed) {
            (void)unlink(outbox);
        }
    }
    if (e != ERR_OK) {
        return e;
    }
    struct span text;
    if (read_file(receipts, &s->arena, &text) == ERR_OK) {
        load_journal(s, text);
    }
    s->journal = fopen(receipts, "abe");
    if (s->journal == NULL) {
        buf_printf(errors, "%s: cannot be written: %s\n", receipts, strerrordesc_np(errno));
        return ERR_IO;
    }
    return ERR_OK;
}

struct spool_item *spool_find(const struct spool *s, const char *msg_id)
{
    char digits[UUID_DIGITS + 1];
    return map_get(&s->by_msg_id, key_of(span_of(msg_id), digits));
}

enum err spool_note(struct spool *s, const char *msg_id, const char *verdict, bool final,
                    struct span item)
{
    struct spool_item *known = spool_find(s, msg_id);
    if (known == NULL) {
        return ERR_OK;
    }
    take_outcome(s, known, verdict, final);
    if (!final) {
        return ERR_OK;
    }
    bool written = fprintf(s->journal, "%s\t%s\t%.*s\n", msg_id, verdict, SPAN_ARG(item)) > 0 &&
                   fflush(s->journal) == 0;
    return written ? ERR_OK : ERR_IO;
}

void spool_finish(struct spool *s, const char *file)
{
    static const char *const ends[] = {"outbox", "receipts"};
    for (size_t i = 0; i < 2; i++) {
        char *path = arena_printf(&s->arena, "%s.%s", file, ends[i]);
        if (path != NULL) {
            (void)unlink(path);
        }
    }
}

void spool_close(struct spool *s)
{
    if (s->journal != NULL) {
        (void)fclose(s->journal);
    }
    map_free(&s->by_msg_id);
    arena_free(&s->arena);
}
