/* SPDX-License-Identifier: Apache-2.0 */
/* On bytes, before anything is read or kept. */
#include "adapt/form_rows.h"

#define KEY_CHARS_MAX 128

static int hex(char c)
{
    char lower = (char)(c | 0x20);
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The key without its escapes; a key too long to be known is empty. */
static struct span plain_key(struct span key, char room[KEY_CHARS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < key.len && n < KEY_CHARS_MAX; i++) {
        bool escape = key.at[i] == '%' && i + 2 < key.len && hex(key.at[i + 1]) >= 0 &&
                      hex(key.at[i + 2]) >= 0;
        int code = escape ? hex(key.at[i + 1]) << 4 | hex(key.at[i + 2]) : key.at[i];
        room[n++] = (char)code;
        i += escape ? 2 : 0;
    }
    return (struct span){room, n < KEY_CHARS_MAX ? n : 0};
}

/* The name itself, or that of a numbered row: rows[0].name, rows[0][name]. */
static struct span own_name(struct span key)
{
    bool bracket = key.len > 0 && key.at[key.len - 1] == ']';
    struct span name = {key.at, key.len - (bracket ? 1 : 0)};
    const char *mark = name.len > 0 ? memrchr(name.at, bracket ? '[' : '.', name.len) : NULL;
    return mark ? (struct span){mark + 1, (size_t)(name.at + name.len - mark - 1)} : key;
}

/* What the mapping calls it: danger.id of rows[0].danger.id and of rows[0][danger.id]. */
static struct span name_in_row(struct span key)
{
    const char *mark = key.len > 0 ? memchr(key.at, ']', key.len) : NULL;
    if (!mark || mark + 1 == key.at + key.len) {
        return key;
    }
    bool bracket = mark[1] == '[' && key.at[key.len - 1] == ']';
    size_t begin = (size_t)(mark + 2 - key.at);
    return (struct span){key.at + begin, key.len - begin - (bracket ? 1 : 0)};
}

/* Keys beyond ASCII are taken for known: passwords are not torn at them. */
static bool may_be_key(struct span key, const struct map *known)
{
    for (size_t i = 0; i < key.len; i++) {
        if ((key.at[i] & 0x80) != 0) {
            return true;
        }
    }
    return map_get(known, key) != NULL || map_get(known, name_in_row(key)) != NULL;
}

enum err form_redact(struct span bytes, struct words secret, const struct map *known,
                     struct arena *arena, struct span *out)
{
    struct buf text;
    bool hides = false; /* what comes is, or may be, a piece of a secret */
    bool any = false;
    buf_init(&text, 0);
    for (struct span rest = bytes; rest.at;) {
        char room[KEY_CHARS_MAX];
        struct span piece = span_cut(&rest, '&');
        struct span value = piece;
        struct span written = span_cut(&value, '=');
        struct span key = plain_key(written, room);
        bool is_secret = words_hold(secret, key) || words_hold(secret, own_name(key));
        hides = is_secret || (hides && piece.len > 0 && (!value.at || !may_be_key(key, known)));
        any = any || hides;
        buf_put_span(&text, is_secret ? written : hides ? SPAN_LIT("***") : piece);
        buf_puts(&text, is_secret && value.at ? "=***" : "");
        buf_puts(&text, rest.at ? "&" : "");
    }
    char *copy = any && !buf_failed(&text) ? arena_strndup(arena, text.data, text.len) : NULL;
    *out = any ? (struct span){copy, text.len} : bytes;
    enum err err = buf_failed(&text) || (any && !copy) ? ERR_NOMEM : ERR_OK;
    buf_free(&text);
    return err;
}
