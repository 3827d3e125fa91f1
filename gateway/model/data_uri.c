/* SPDX-License-Identifier: Apache-2.0 */
#include "model/data_uri.h"

#include <strings.h>

#include "base/base64.h"

/* A type and a parameter or two; what is longer is no such text. */
#define HEADER_MAX 200

static const struct span scheme = {"data:", 5};

static const struct kind {
    const char *type, *also, *suffix;
    struct span magic;
    bool picture;
} kinds[MEDIA_COUNT] = {
    [MEDIA_NONE] = {"", "", "", {"", 0}, false},
    [MEDIA_PNG] = {"image/png", "image/png", "png", {"\x89PNG\r\n\x1A\n", 8}, true},
    /* Senders write jpg, which is no registered name. */
    [MEDIA_JPEG] = {"image/jpeg", "image/jpg", "jpg", {"\xFF\xD8\xFF", 3}, true},
    [MEDIA_PDF] = {"application/pdf", "application/pdf", "pdf", {"%PDF-", 5}, false},
};

static const struct kind *kind_of(enum media kind)
{
    return &kinds[kind < MEDIA_COUNT ? kind : MEDIA_NONE];
}

const char *media_type(enum media kind)
{
    return kind_of(kind)->type;
}

const char *media_suffix(enum media kind)
{
    return kind_of(kind)->suffix;
}

bool media_is_picture(enum media kind)
{
    return kind_of(kind)->picture;
}

static bool same_word(struct span a, const char *word)
{
    return a.len == strlen(word) && strncasecmp(a.at, word, a.len) == 0;
}

enum media media_of_type(struct span type)
{
    for (int i = MEDIA_NONE + 1; i < MEDIA_COUNT; i++) {
        if (same_word(type, kinds[i].type) || same_word(type, kinds[i].also)) {
            return (enum media)i;
        }
    }
    return MEDIA_NONE;
}

enum media media_of_bytes(struct span bytes)
{
    for (int i = MEDIA_NONE + 1; i < MEDIA_COUNT; i++) {
        if (span_starts(bytes, kinds[i].magic)) {
            return (enum media)i;
        }
    }
    return MEDIA_NONE;
}

bool data_uri_is(struct span text)
{
    return text.len >= scheme.len && strncasecmp(text.at, scheme.at, scheme.len) == 0;
}

/* What stands between the scheme and the comma; at is NULL where there is no comma. */
static struct span header_of(struct span text)
{
    struct span rest = {text.at + scheme.len, text.len - scheme.len};
    const char *comma = memchr(rest.at, ',', rest.len < HEADER_MAX ? rest.len : HEADER_MAX);
    return comma ? (struct span){rest.at, (size_t)(comma - rest.at)} : SPAN_NONE;
}

/* The last parameter says how the bytes are written; those before it (a charset, a name) say
 * nothing that matters here. */
static bool says_base64(struct span header)
{
    const char *last = header.len > 0 ? memrchr(header.at, ';', header.len) : NULL;
    return last && same_word((struct span){last + 1, header.len - (size_t)(last + 1 - header.at)},
                             "base64");
}

enum reason data_uri_read(char *text, size_t len, size_t bytes_max, struct data_uri *out)
{
    struct span whole = {text, len};
    struct span header = header_of(whole);
    struct span rest = header;
    *out = (struct data_uri){.wrong = {text, len < 40 ? len : 40}};
    if (!header.at || !says_base64(header)) {
        return REASON_ATTACHMENT_BROKEN;
    }
    out->wrong = span_cut(&rest, ';');
    enum media declared = media_of_type(out->wrong);
    if (declared == MEDIA_NONE) {
        return REASON_ATTACHMENT_TYPE;
    }
    char *body = text + scheme.len + header.len + 1;
    struct span encoded = {body, len - (size_t)(body - text)};
    out->bytes = (struct span){body, base64_size(encoded)};
    if (out->bytes.len > bytes_max) {
        out->wrong = SPAN_NONE;
        return REASON_ATTACHMENT_TOO_LARGE;
    }
    if (encoded.len == 0 || !base64_decode(encoded, body)) {
        return REASON_ATTACHMENT_BROKEN;
    }
    out->kind = media_of_bytes(out->bytes);
    return out->kind == declared ? REASON_NONE : REASON_ATTACHMENT_TYPE;
}
