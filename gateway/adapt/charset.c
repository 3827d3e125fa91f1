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

/* Which lengths of non-ASCII sequences valid UTF-8 holds. */
struct lengths {
    size_t two;
    size_t three;
    size_t foreign; /* of two: letters that a text without any Han character hardly has */
};

static bool is_foreign(unsigned code)
{
    bool latin = (code >= 0xA0 && code <= 0x17F) || (code >= 0x1CD && code <= 0x1DC);
    bool unit = code == 0x394 || code == 0x3A9 || code == 0x3BC;
    return !latin && !unit;
}

static struct lengths count_lengths(struct span text)
{
    struct lengths n = {0};
    const uint8_t *b = (const uint8_t *)text.at;
    for (size_t i = 0; i < text.len;) {
        if (b[i] < 0x80) {
            i += 1;
        } else if (b[i] < 0xE0) {
            n.two++;
            n.foreign += is_foreign((b[i] & 0x1Fu) << 6 | (b[i + 1] & 0x3Fu));
            i += 2;
        } else {
            n.three += b[i] < 0xF0;
            i += b[i] < 0xF0 ? 3 : 4;
        }
    }
    return n;
}

/* GBK bytes of 医院 or 学校 are valid UTF-8 for letters of Cyrillic, Armenian, Arabic: refuse a
 * text without any Han character that has such. */
static bool is_gbk_in_disguise(struct span text)
{
    struct lengths n = count_lengths(text);
    return n.three == 0 && n.foreign > 0;
}

/* Chinese in UTF-8 is sequences of three; GB18030 bytes make such sequences by chance only here and
 * there, never throughout. */
static bool is_utf8_in_disguise(struct span bytes)
{
    if (utf8_valid_prefix(bytes) != bytes.len) {
        return false;
    }
    struct lengths n = count_lengths(bytes);
    return n.three >= 2 && n.two <= n.three / 8;
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
