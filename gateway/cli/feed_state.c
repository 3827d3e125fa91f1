/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/feed_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/digest.h"

#define STATE_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define LINE_CHARS_MAX  512
#define CLIENT_WORD     "client"

static enum err put(struct feed_state *s, struct span topic, int64_t last)
{
    struct feed_position *p = map_get(&s->positions, topic);
    if (p == NULL) {
        p = arena_zalloc(&s->arena, sizeof *p);
        char *name = arena_strndup(&s->arena, topic.at, topic.len);
        if (p == NULL || name == NULL) {
            return ERR_NOMEM;
        }
        p->topic = name;
        enum err e = map_put(&s->positions, span_of(name), p);
        if (e != ERR_OK) {
            return e;
        }
    }
    p->last = last;
    return ERR_OK;
}

/* "client HEX" or "TOPIC SEQ". */
static enum err take_line(struct feed_state *s, struct span line)
{
    struct span rest = line;
    struct span first = span_cut(&rest, ' ');
    if (rest.at == NULL) {
        return ERR_SYNTAX;
    }
    if (span_is(first, CLIENT_WORD)) {
        if (rest.len != sizeof s->client_id - 1) {
            return ERR_SYNTAX;
        }
        memcpy(s->client_id, rest.at, rest.len);
        return ERR_OK;
    }
    char *end = NULL;
    int64_t seq = strtoll(rest.at, &end, 10);
    return end == rest.at ? ERR_SYNTAX : put(s, first, seq);
}

static enum err load(struct feed_state *s)
{
    char line[LINE_CHARS_MAX];
    FILE *f = fopen(s->path, "re");
    if (f == NULL) {
        return errno == ENOENT ? ERR_OK : ERR_IO;
    }
    enum err e = ERR_OK;
    while (e == ERR_OK && fgets(line, sizeof line, f) != NULL) {
        struct span text = span_trim(span_of(line));
        if (text.len > 0) {
            e = take_line(s, text);
        }
    }
    (void)fclose(f);
    return e;
}

enum err feed_state_open(struct feed_state *s, const char *path, int64_t since)
{
    uint8_t chance[16];
    *s = (struct feed_state){.path = path, .since = since};
    arena_init(&s->arena, STATE_BYTES_MAX);
    map_init(&s->positions);
    enum err e = random_bytes(chance, sizeof chance);
    if (e != ERR_OK) {
        return e;
    }
    hex_encode(chance, sizeof chance, s->client_id);
    return path != NULL ? load(s) : ERR_OK;
}

enum err feed_state_take(struct feed_state *s, struct span topic, int64_t seq, int64_t prev,
                         enum feed_step *out)
{
    const struct feed_position *p = map_get(&s->positions, topic);
    int64_t last = p != NULL ? p->last : -1;
    if (seq <= s->since || seq <= last) {
        *out = FEED_REPEAT;
        return ERR_OK;
    }
    /* A topic that is new to us may begin anywhere, unless we were told from where. */
    bool known = last >= 0 || s->since > 0;
    int64_t reached = last > s->since ? last : s->since;
    *out = known && prev > reached ? FEED_GAP : FEED_NEXT;
    return put(s, topic, seq);
}

enum err feed_state_save(const struct feed_state *s)
{
    char partial[LINE_CHARS_MAX];
    if (s->path == NULL) {
        return ERR_OK;
    }
    int n = snprintf(partial, sizeof partial, "%s.partial", s->path);
    FILE *f = n > 0 && (size_t)n < sizeof partial ? fopen(partial, "we") : NULL;
    if (f == NULL) {
        return ERR_IO;
    }
    bool ok = fprintf(f, CLIENT_WORD " %s\n", s->client_id) > 0;
    size_t at = 0;
    for (const struct map_slot *slot = map_next(&s->positions, &at); slot && ok;
         slot = map_next(&s->positions, &at)) {
        const struct feed_position *p = slot->value;
        ok = fprintf(f, "%s %" PRId64 "\n", p->topic, p->last) > 0;
    }
    ok = fclose(f) == 0 && ok;
    return ok && rename(partial, s->path) == 0 ? ERR_OK : ERR_IO;
}

void feed_state_close(struct feed_state *s)
{
    map_free(&s->positions);
    arena_free(&s->arena);
}
