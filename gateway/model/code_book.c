/* SPDX-License-Identifier: Apache-2.0 */
/* Keys are joined by '|'. A row stands under its code, without its letter too ("2614"), and under
 * its name behind a '='. */
#include "model/code_book.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/map.h"

#define BOOK_BYTES_MAX ((size_t)256 << 20)
#define KEY_BYTES_MAX  512
/* Longest text that can be a code; longer ones are none. */
#define FORM_BYTES_MAX 64
/* "I63XX000B": a letter, four places, and this. */
#define PADDED_TAIL  "000B"
#define PADDED_BYTES 9

struct code_book {
    struct arena arena;
    struct code_edition *editions, *last; /* as added */
    struct map rows;                      /* "system|version|code|" */
    struct map maps;                      /* "system|from|code|to|" to struct code_row */
};

enum err code_book_new(struct code_book **out)
{
    *out = mem_zalloc(sizeof **out);
    if (!*out) {
        return ERR_NOMEM;
    }
    arena_init(&(*out)->arena, BOOK_BYTES_MAX);
    map_init(&(*out)->rows);
    map_init(&(*out)->maps);
    return ERR_OK;
}

void code_book_free(struct code_book *b)
{
    if (b) {
        map_free(&b->rows);
        map_free(&b->maps);
        arena_free(&b->arena);
        mem_free(b);
    }
}

/* ---- keys ---- */

struct key {
    char bytes[KEY_BYTES_MAX];
    size_t len;
};

static bool key_add(struct key *k, struct span part)
{
    if (part.len >= sizeof k->bytes - k->len) {
        return false;
    }
    if (part.len > 0) {
        memcpy(k->bytes + k->len, part.at, part.len);
    }
    k->len += part.len;
    k->bytes[k->len++] = '|';
    return true;
}

/* An empty span, which no row has, where the parts are too long. */
static struct span key_of(struct key *k, const struct code_edition *e, const char *mark,
                          struct span text, const char *to)
{
    k->len = 0;
    bool fits = key_add(k, span_of(e->system)) && key_add(k, span_of(e->version)) &&
                key_add(k, span_of(mark)) && key_add(k, text) && (!to || key_add(k, span_of(to)));
    return fits ? (struct span){k->bytes, k->len} : SPAN_NONE;
}

static enum err put(struct code_book *b, struct map *map, struct span key, void *value)
{
    if (key.len == 0) {
        return ERR_INVALID;
    }
    char *kept = arena_strndup(&b->arena, key.at, key.len);
    return kept ? map_put(map, (struct span){kept, key.len}, value) : ERR_NOMEM;
}

/* ---- building ---- */

enum err code_book_add_edition(struct code_book *b, const struct code_edition *row)
{
    struct code_edition *mine = arena_alloc(&b->arena, sizeof *mine);
    if (!mine) {
        return ERR_NOMEM;
    }
    *mine = (struct code_edition){.system = arena_strdup(&b->arena, row->system),
                                  .version = arena_strdup(&b->arena, row->version),
                                  .first_day = row->first_day,
                                  .last_day = row->last_day,
                                  .complete = row->complete};
    if (!mine->system || !mine->version) {
        return ERR_NOMEM;
    }
    if (b->last) {
        b->last->next = mine;
    } else {
        b->editions = mine;
    }
    b->last = mine;
    return ERR_OK;
}

static struct code_edition *edition_of(const struct code_book *b, struct span system,
                                       struct span version)
{
    struct code_edition *e = b->editions;
    while (e && !(span_is(system, e->system) && span_is(version, e->version))) {
        e = e->next;
    }
    return e;
}

static bool has_letter(const char *code)
{
    return isupper((unsigned char)code[0]) && isdigit((unsigned char)code[1]);
}

enum err code_book_add_code(struct code_book *b, const char *system, const char *version,
                            const char *code, const char *name, const char *parent)
{
    struct key k;
    struct code_edition *e = edition_of(b, span_of(system), span_of(version));
    if (!e) {
        return ERR_NOT_FOUND;
    }
    struct code_row *row = arena_alloc(&b->arena, sizeof *row);
    if (!row) {
        return ERR_NOMEM;
    }
    *row = (struct code_row){e, arena_strdup(&b->arena, code), arena_strdup(&b->arena, name)};
    if (!row->code || !row->name) {
        return ERR_NOMEM;
    }
    size_t len = strlen(code);
    e->nested = e->nested || (parent && parent[0] != '\0');
    e->longest = len > e->longest ? len : e->longest;
    enum err err = put(b, &b->rows, key_of(&k, e, "", span_of(code), NULL), row);
    if (err == ERR_OK && has_letter(code)) {
        err = put(b, &b->rows, key_of(&k, e, "", span_of(code + 1), NULL), row);
    }
    return err == ERR_OK ? put(b, &b->rows, key_of(&k, e, "=", span_of(name), NULL), row) : err;
}

static struct code_row *exact(const struct code_book *b, const struct code_edition *e,
                              struct span code)
{
    struct key k;
    return map_get(&b->rows, key_of(&k, e, "", code, NULL));
}

enum err code_book_add_map(struct code_book *b, const char *system, const char *from_version,
                           const char *from_code, const char *to_version, const char *to_code)
{
    struct key k;
    const struct code_edition *from = edition_of(b, span_of(system), span_of(from_version));
    const struct code_edition *to = edition_of(b, span_of(system), span_of(to_version));
    struct code_row *target = to ? exact(b, to, span_of(to_code)) : NULL;
    if (!from || !target) {
        return ERR_NOT_FOUND;
    }
    return put(b, &b->maps, key_of(&k, from, "", span_of(from_code), to_version), target);
}

/* ---- editions ---- */

bool code_book_is_empty(const struct code_book *b)
{
    return b->editions == NULL;
}

const struct code_edition *code_book_edition(const struct code_book *b, struct span system,
                                             struct span version)
{
    return edition_of(b, system, version);
}

const struct code_edition *code_book_edition_on(const struct code_book *b, struct span system,
                                                int64_t day)
{
    const struct code_edition *first = NULL;
    const struct code_edition *found = NULL;
    for (const struct code_edition *e = b->editions; e; e = e->next) {
        if (!span_is(system, e->system)) {
            continue;
        }
        first = !first || e->first_day < first->first_day ? e : first;
        if (e->first_day <= day && (!found || e->first_day > found->first_day)) {
            found = e;
        }
    }
    return found ? found : first;
}

/* ---- codes ---- */

/* Trimmed and in upper case; false when it cannot be a code. */
static bool fold(struct span text, char out[FORM_BYTES_MAX], struct span *folded)
{
    text = span_trim(text);
    if (text.len == 0 || text.len > FORM_BYTES_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        out[i] = (char)toupper((unsigned char)text.at[i]);
    }
    *folded = (struct span){out, text.len};
    return true;
}

static bool all_digits(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!isdigit((unsigned char)s.at[i])) {
            return false;
        }
    }
    return s.len > 0;
}

/* Without what pads it to the length of the longest code: X or 0 at the end, "000B" behind. */
static const struct code_row *find_industry(const struct code_book *b, const struct code_edition *e,
                                            struct span code)
{
    struct span tail = SPAN_LIT(PADDED_TAIL);
    if (code.len == PADDED_BYTES && memcmp(code.at + code.len - tail.len, tail.at, tail.len) == 0) {
        code.len -= tail.len;
    }
    while (code.len > 1 && code.at[code.len - 1] == 'X') {
        code.len--;
    }
    const struct code_row *row = exact(b, e, code);
    while (!row && code.len > 1 && code.at[code.len - 1] == '0') {
        code.len--;
        row = exact(b, e, code);
    }
    return row;
}

/* 5, 05 and 050 are the fifth class. */
static const struct code_row *find_accident(const struct code_book *b, const struct code_edition *e,
                                            struct span code)
{
    char two[2] = {'0', code.at[0]};
    if (!all_digits(code) || (code.len != 1 && !(code.len == 3 && code.at[2] == '0'))) {
        return NULL;
    }
    return exact(b, e, code.len == 1 ? (struct span){two, sizeof two} : (struct span){code.at, 2});
}

static const struct {
    const char *system;
    const struct code_row *(*find)(const struct code_book *b, const struct code_edition *e,
                                   struct span code);
} forms[] = {{"gbt4754", find_industry}, {"gb6441", find_accident}};

const struct code_row *code_book_find(const struct code_book *b, const struct code_edition *e,
                                      struct span text)
{
    char bytes[FORM_BYTES_MAX];
    struct span code;
    if (!fold(text, bytes, &code)) {
        return NULL;
    }
    const struct code_row *row = exact(b, e, span_trim(text));
    row = row ? row : exact(b, e, code);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0] && !row; i++) {
        if (strcmp(forms[i].system, e->system) == 0) {
            row = forms[i].find(b, e, code);
        }
    }
    return row;
}

const struct code_row *code_book_find_name(const struct code_book *b, const struct code_edition *e,
                                           struct span name)
{
    struct key k;
    return map_get(&b->rows, key_of(&k, e, "=", span_trim(name), NULL));
}

const struct code_row *code_book_find_elsewhere(const struct code_book *b,
                                                const struct code_edition *e, struct span text)
{
    const struct code_row *found = NULL;
    for (const struct code_edition *other = b->editions; other; other = other->next) {
        if (other == e || strcmp(other->system, e->system) != 0) {
            continue;
        }
        const struct code_row *row = code_book_find(b, other, text);
        if (row && (!found || other->first_day > found->edition->first_day)) {
            found = row;
        }
    }
    return found;
}

bool code_book_may_have(const struct code_book *b, const struct code_edition *e, struct span text)
{
    char bytes[FORM_BYTES_MAX];
    struct span code;
    if (e->complete || !fold(text, bytes, &code)) {
        return false;
    }
    if (!e->nested) {
        return true;
    }
    size_t leaf = isdigit((unsigned char)code.at[0]) ? e->longest - 1 : e->longest;
    struct span above = {code.at, code.len - 1};
    return code.len == leaf && isdigit((unsigned char)code.at[above.len]) && exact(b, e, above);
}

const struct code_row *code_book_map(const struct code_book *b, const struct code_row *row,
                                     const struct code_edition *to)
{
    struct key k;
    if (row->edition == to) {
        return row;
    }
    return map_get(&b->maps, key_of(&k, row->edition, "", span_of(row->code), to->version));
}
