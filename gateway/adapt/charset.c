/* SPDX-License-Identifier: Apache-2.0 */
/* iconv for GB18030, our own strict scan for UTF-8. */
#include "adapt/charset.h"

#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <strings.h>

#include "base/utf8.h"

static const struct {
    const char *name;
    enum charset charset;
} names[] = {
    {"utf-8", CHARSET_UTF8},         {"utf8", CHARSET_UTF8},     {"us-ascii", CHARSET_UTF8},
    {"gb18030", CHARSET_GB18030},    {"gbk", CHARSET_GB18030},   {"gb2312", CHARSET_GB18030},
    {"gb_2312-80", CHARSET_GB18030}, {"cp936", CHARSET_GB18030}, {"x-gbk", CHARSET_GB18030},
    {"euc-cn", CHARSET_GB18030},
};

enum charset charset_of_name(struct span name)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (name.len == strlen(names[i].name) &&
            strncasecmp(name.at, names[i].name, name.len) == 0) {
            return names[i].charset;
        }
    }
    return CHARSET_UNKNOWN;
}

const char *charset_name(enum charset c)
{
    return c == CHARSET_GB18030 ? "GB18030" : c == CHARSET_UTF8 ? "UTF-8" : "";
}

/* What valid UTF-8 holds beyond ASCII. */
struct letters {
    size_t three;   /* sequences of three bytes, as Han characters are */
    size_t foreign; /* of two bytes: letters that a text of ours hardly has */
    size_t strange; /* of any length: what is no part of Chinese writing */
};

/* Latin letters with their marks and what people write for units and sizes are common enough;
 * Cyrillic, Armenian, Hebrew, Arabic are not. */
static bool is_foreign(unsigned code)
{
    bool latin = (code >= 0xA0 && code <= 0x17F) || (code >= 0x1CD && code <= 0x1DC);
    bool unit = code == 0x394 || code == 0x3A6 || code == 0x3A9 || code == 0x3BC || code == 0x3C6;
    return !latin && !unit;
}

static bool is_chinese_writing(unsigned code)
{
    static const unsigned ranges[][2] = {
        {0xA0, 0xFF},     /* · × ° ± */
        {0x391, 0x3C9},   /* Greek */
        {0x2000, 0x206F}, /* dashes, quotes, … */
        {0x2100, 0x22FF}, /* ℃ № Ⅲ → ≤ */
        {0x2460, 0x25FF}, /* ① ─ ■ */
        {0x3000, 0x303F}, /* 、 。 〔 */
        {0x3200, 0x33FF}, /* ㈠ ㎡ */
        {0x3400, 0x9FFF}, {0xF900, 0xFAFF}, {0xFE30, 0xFE4F}, {0xFF00, 0xFFEF}, {0x20000, 0x323AF},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (code >= ranges[i][0] && code <= ranges[i][1]) {
            return true;
        }
    }
    return false;
}

/* One code point off valid UTF-8; *len its bytes. */
static unsigned take_code(const uint8_t *b, size_t *len)
{
    if (b[0] < 0xE0) {
        *len = 2;
        return (b[0] & 0x1Fu) << 6 | (b[1] & 0x3Fu);
    }
    if (b[0] < 0xF0) {
        *len = 3;
        return (b[0] & 0xFu) << 12 | (b[1] & 0x3Fu) << 6 | (b[2] & 0x3Fu);
    }
    *len = 4;
    return (b[0] & 7u) << 18 | (b[1] & 0x3Fu) << 12 | (b[2] & 0x3Fu) << 6 | (b[3] & 0x3Fu);
}

static struct letters count_letters(struct span text)
{
    struct letters n = {0};
    const uint8_t *b = (const uint8_t *)text.at;
    size_t len = 1;
    for (size_t i = 0; i < text.len; i += len) {
        len = 1;
        if (b[i] >= 0x80) {
            unsigned code = take_code(b + i, &len);
            n.three += len == 3;
            n.foreign += len == 2 && is_foreign(code);
            n.strange += !is_chinese_writing(code);
        }
    }
    return n;
}

/* GBK bytes of 医院 or 学校 are valid UTF-8 for letters of Cyrillic, Armenian, Arabic: refuse a
 * text that has such and no, or hardly any, Han character. */
static bool is_gbk_in_disguise(struct span text)
{
    struct letters n = count_letters(text);
    return n.foreign > 0 && n.three <= n.foreign / 8;
}

/* Chinese in UTF-8 is sequences of three; GB18030 bytes make such sequences by chance only here and
 * there, and hardly ever such that all of it is Chinese writing again. */
static bool is_utf8_in_disguise(struct span bytes)
{
    if (utf8_valid_prefix(bytes) != bytes.len) {
        return false;
    }
    struct letters n = count_letters(bytes);
    return n.three >= 1 && n.strange <= n.three / 8;
}

static enum err convert(const char *to, const char *from, struct span in, size_t room,
                        struct arena *arena, struct span *out)
{
    char *data = arena_alloc(arena, room);
    if (!data) {
        return ERR_NOMEM;
    }
    iconv_t cd = iconv_open(to, from);
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): iconv's own failure value */
    if (cd == (iconv_t)-1) {
        return ERR_NOMEM;
    }
    /* iconv's prototype wants a char **, though it does not write through it. */
    union {
        const char *read_only;
        char *plain;
    } src = {.read_only = in.at};
    char *dst = data;
    size_t left = in.len;
    size_t free_bytes = room;
    size_t r = iconv(cd, &src.plain, &left, &dst, &free_bytes);
    if (r != (size_t)-1) {
        r = iconv(cd, NULL, NULL, &dst, &free_bytes);
    }
    (void)iconv_close(cd);
    *out = (struct span){data, room - free_bytes};
    return r == (size_t)-1 || left > 0 ? ERR_SYNTAX : ERR_OK;
}

static struct span without_mark(struct span text)
{
    struct span mark = {"\xEF\xBB\xBF", 3};
    return span_starts(text, mark) ? (struct span){text.at + 3, text.len - 3} : text;
}

enum err charset_decode(enum charset c, struct span bytes, struct arena *arena, struct span *text)
{
    if (bytes.len == 0) {
        *text = bytes;
        return ERR_OK;
    }
    if (c == CHARSET_UTF8) {
        *text = without_mark(bytes);
        bool good = utf8_valid_prefix(*text) == text->len && !is_gbk_in_disguise(*text);
        return good ? ERR_OK : ERR_SYNTAX;
    }
    if (c != CHARSET_GB18030 || is_utf8_in_disguise(bytes)) {
        return ERR_SYNTAX;
    }
    enum err err = convert("UTF-8", "GB18030", bytes, bytes.len + bytes.len / 2 + 4, arena, text);
    if (err == ERR_OK) {
        *text = without_mark(*text);
        /* iconv lets through what is no scalar value in some releases. */
        err = utf8_valid_prefix(*text) == text->len ? ERR_OK : ERR_SYNTAX;
    }
    return err;
}

enum err charset_encode(enum charset c, struct span text, struct arena *arena, struct span *bytes)
{
    if (c != CHARSET_GB18030 || text.len == 0) {
        *bytes = text;
        return ERR_OK;
    }
    enum err err = convert("GB18030", "UTF-8", text, 2 * text.len + 4, arena, bytes);
    return err == ERR_SYNTAX ? ERR_DATA : err;
}
