/* SPDX-License-Identifier: Apache-2.0 */
/* Torn at '&' and '=' first, as bytes: neither is part of a character in UTF-8 or GB18030. Then all
 * keys and values are decoded as one text, parted by NUL, so that its encoding is judged by all of
 * it. */
#include "adapt/form_rows.h"

#include "base/utf8.h"

#define INDEX_DIGITS_MAX 6

enum fault {
    FAULT_NONE,
    FAULT_TORN,   /* no '=' */
    FAULT_ESCAPE, /* '%' without two hexadecimal digits, or escapes in a text that is not escaped */
    FAULT_NUL,    /* %00 */
    FAULT_UNKNOWN, /* a key that no record knows */
};

struct pair {
    struct span key, value;
    enum fault fault;
    bool hidden; /* its value is a secret */
    struct node *row;
};

struct form_build {
    const struct form_reading *how;
    struct arena *arena;
    struct pair *pairs;
    size_t n;
    bool plain; /* not percent-encoded: some value holds bytes beyond ASCII */
    struct node *root, *rows;
};

static bool beyond_ascii(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((text.at[i] & 0x80) != 0) {
            return true;
        }
    }
    return false;
}

static size_t count_pieces(struct span bytes)
{
    size_t n = 1;
    for (size_t i = 0; i < bytes.len; i++) {
        n += bytes.at[i] == '&';
    }
    return n;
}

/* One '&' at the very end is how a loop that writes "key=value&" leaves it. */
static void tear(struct form_build *b, struct span bytes)
{
    for (struct span rest = bytes; rest.at;) {
        struct pair *pair = &b->pairs[b->n];
        struct span piece = span_cut(&rest, '&');
        if (piece.len == 0 && !rest.at && b->n > 0) {
            break;
        }
        pair->key = span_cut(&piece, '=');
        pair->value = piece.at ? piece : SPAN_LIT("");
        pair->fault = piece.at && pair->key.len > 0 ? FAULT_NONE : FAULT_TORN;
        b->plain = b->plain || beyond_ascii(pair->value);
        b->n++;
    }
}

static int hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Appends the text without its escapes. */
static enum fault unescape(struct span text, char **to)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '%') {
            int high = i + 2 < text.len ? hex(text.at[i + 1]) : -1;
            int low = i + 2 < text.len ? hex(text.at[i + 2]) : -1;
            if (high < 0 || low < 0) {
                fault = FAULT_ESCAPE;
            } else {
                c = (char)(high << 4 | low);
                i += 2;
            }
        } else if (c == '+') {
            c = ' ';
        }
        if (c == '\0') {
            fault = FAULT_NUL;
            c = '?';
        }
        *(*to)++ = c;
    }
    return fault;
}

/* A text that is taken as it is must not hold escapes of other characters than ASCII's. */
static enum fault copy_plain(struct span text, char **to)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '%' && i + 2 < text.len && hex(text.at[i + 1]) >= 8 &&
            hex(text.at[i + 2]) >= 0) {
            fault = FAULT_ESCAPE;
        }
        if (text.at[i] == '\0') {
            fault = FAULT_NUL;
        }
        *(*to)++ = text.at[i] != '\0' ? text.at[i] : '?';
    }
    return fault;
}

static void note(struct pair *pair, enum fault fault)
{
    if (pair->fault == FAULT_NONE) {
        pair->fault = fault;
    }
}

static enum err decode(struct form_build *b, struct span bytes, struct problem *problem)
{
    char *plain = arena_alloc(b->arena, bytes.len + 2 * b->n + 1);
    if (!plain) {
        return ERR_NOMEM;
    }
    char *to = plain;
    for (size_t i = 0; i < b->n; i++) {
        struct pair *pair = &b->pairs[i];
        note(pair, beyond_ascii(pair->key) ? copy_plain(pair->key, &to) : unescape(pair->key, &to));
        *to++ = '\0';
        note(pair, b->plain ? copy_plain(pair->value, &to) : unescape(pair->value, &to));
        *to++ = '\0';
    }
    struct span text;
    enum err err = charset_decode(b->how->charset, (struct span){plain, (size_t)(to - plain)},
                                  b->arena, &text);
    if (err == ERR_SYNTAX) {
        const char *name = charset_name(b->how->charset);
        node_problem(problem, b->arena, REASON_BAD_ENCODING, name, NULL, span_of(name));
    }
    for (size_t i = 0; err == ERR_OK && i < b->n; i++) {
        b->pairs[i].key = span_cut(&text, '\0');
        b->pairs[i].value = span_cut(&text, '\0');
    }
    return err;
}

/* ---- rows ---- */

/* rows[12].name and rows[12][name]. False when the key is of no numbered row; *head is then
 * "rows[12]". */
static bool split_key(const struct form_build *b, struct span key, struct span *head,
                      struct span *name)
{
    struct span rows = b->how->rows;
    size_t at = rows.len;
    if (rows.len == 0 || !span_starts(key, rows) || at >= key.len || key.at[at] != '[') {
        return false;
    }
    size_t digits = 0;
    while (at + 1 + digits < key.len && key.at[at + 1 + digits] >= '0' &&
           key.at[at + 1 + digits] <= '9') {
        digits++;
    }
    size_t end = at + 1 + digits;
    if (digits == 0 || digits > INDEX_DIGITS_MAX || end + 1 >= key.len || key.at[end] != ']') {
        return false;
    }
    *head = (struct span){key.at, end + 1};
    *name = (struct span){key.at + end + 2, key.len - end - 2};
    if (key.at[end + 1] == '[' && name->len > 1 && name->at[name->len - 1] == ']') {
        name->len--;
        return true;
    }
    return key.at[end + 1] == '.' && name->len > 0;
}

static struct node *numbered_row(struct form_build *b, struct span head)
{
    for (struct node *it = b->rows ? b->rows->first : NULL; it; it = it->next) {
        if (span_eq(it->name, head)) {
            return it;
        }
    }
    struct node *row = node_new(b->arena, NODE_OBJECT);
    if (!b->rows) {
        b->rows = node_new(b->arena, NODE_ARRAY);
        if (b->rows) {
            b->rows->name = b->how->rows;
            node_append(b->root, b->rows);
        }
    }
    if (!row || !b->rows) {
        return NULL;
    }
    row->name = head;
    if (b->rows->count < b->how->rows_max) {
        node_append(b->rows, row); /* the message is too large when it holds so many */
    }
    return row;
}

static enum err place_pair(struct form_build *b, struct pair *pair)
{
    struct span name = pair->key;
    struct span head;
    struct span inner;
    pair->row = b->root;
    if (split_key(b, pair->key, &head, &inner)) {
        pair->row = numbered_row(b, head);
        name = inner;
    }
    if (!pair->row) {
        return ERR_NOMEM;
    }
    pair->hidden = words_hold(b->how->secret, name);
    if (pair->hidden || pair->fault != FAULT_NONE) {
        return ERR_OK;
    }
    if (!map_get(b->how->known, name)) {
        pair->fault = FAULT_UNKNOWN;
        return ERR_OK;
    }
    struct node *member = node_new(b->arena, NODE_STRING);
    if (!member) {
        return ERR_NOMEM;
    }
    member->name = name;
    member->text = pair->value;
    return node_gather(pair->row, member, b->arena) ? ERR_OK : ERR_NOMEM;
}

/* ---- what is wrong ---- */

/* What stands after the text that was torn: it shows people where. */
static const char *torn_text(const struct form_build *b, const struct pair *before,
                             const struct pair *pair)
{
    struct span text = utf8_clip(before->value, 100);
    bool whole = pair->fault == FAULT_UNKNOWN;
    return before->hidden || pair->hidden
               ? ""
               : arena_printf(b->arena, "%.*s&%.*s%s%.*s", SPAN_ARG(text), SPAN_ARG(pair->key),
                              whole ? "=" : "", SPAN_ARG(whole ? pair->value : SPAN_NONE));
}

static enum err spoil(struct form_build *b, struct pair *pair)
{
    const struct pair *before = pair > b->pairs ? pair - 1 : pair;
    bool torn = pair->fault == FAULT_TORN || (pair->fault == FAULT_UNKNOWN && b->plain);
    const struct pair *blamed = torn ? before : pair;
    const char *field = arena_strndup(b->arena, blamed->key.at, blamed->key.len);
    bool hidden = pair->hidden || before->hidden;
    const char *value = hidden ? "" : arena_strndup(b->arena, pair->value.at, pair->value.len);
    struct problem *bad = arena_alloc(b->arena, sizeof *bad);
    if (torn && before != pair) {
        value = torn_text(b, before, pair);
    }
    if (!field || !value || !bad) {
        return ERR_NOMEM;
    }
    node_problem(bad, b->arena,
                 pair->fault == FAULT_NUL ? REASON_CONTROL_CHARACTER : REASON_BAD_FORMAT, field,
                 field, span_of(value));
    struct node *row = blamed->row ? blamed->row : b->root;
    row->bad = row->bad ? row->bad : bad;
    return ERR_OK;
}

static enum err judge(struct form_build *b)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < b->n && err == ERR_OK; i++) {
        if (b->pairs[i].fault != FAULT_NONE) {
            err = spoil(b, &b->pairs[i]);
        }
    }
    /* What is wrong around the rows is wrong with each of them. */
    for (struct node *it = b->rows ? b->rows->first : NULL; it; it = it->next) {
        it->bad = it->bad ? it->bad : b->root->bad;
    }
    return err;
}

enum err form_rows(struct span bytes, const struct form_reading *how, struct node **out,
                   struct problem *problem)
{
    struct span body = span_trim(bytes);
    struct form_build b = {.how = how, .arena = how->arena};
    size_t pieces = count_pieces(body);
    if (body.len == 0 || pieces > NODE_COUNT_MAX) {
        node_problem(problem, b.arena, body.len == 0 ? REASON_EMPTY_MESSAGE : REASON_TOO_MANY,
                     "form", NULL, SPAN_NONE);
        return ERR_SYNTAX;
    }
    b.root = node_new(b.arena, NODE_OBJECT);
    b.pairs = arena_zalloc(b.arena, pieces * sizeof *b.pairs);
    if (!b.root || !b.pairs) {
        return ERR_NOMEM;
    }
    b.root->raw = body;
    tear(&b, body);
    enum err err = decode(&b, body, problem);
    for (size_t i = 0; i < b.n && err == ERR_OK; i++) {
        err = place_pair(&b, &b.pairs[i]);
    }
    if (err == ERR_OK) {
        err = judge(&b);
    }
    *out = b.root;
    return err;
}
