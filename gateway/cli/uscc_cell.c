/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of damaged codes is a table of guesses, the surest first. */
#include "cli/uscc_cell.h"

#include <ctype.h>

#include "adapt/fold.h"
#include "base/utf8.h"
#include "model/uscc.h"

#define CELL_BYTES_MAX 256

struct cell {
    char text[CELL_BYTES_MAX + 1]; /* half width, capitals, no spaces */
    size_t len;
    size_t chars;
};

static bool only(const struct cell *c, const char *set)
{
    return c->len > 0 && strspn(c->text, set) == c->len;
}

static bool became_a_number(const struct cell *c, struct buf *why)
{
    if (!strpbrk(c->text, "E.") || !only(c, "0123456789.E+-") ||
        !isdigit((unsigned char)c->text[0])) {
        return false;
    }
    buf_puts(why,
             "was turned into a number by a spreadsheet and its digits are lost: take it from the"
             " source again, into a column formatted as text");
    return true;
}

/* Spreadsheets keep 15 digits of a number and fill up with zeros. */
static bool lost_its_end(const struct cell *c, struct buf *why)
{
    if (c->len != USCC_CHARS || !only(c, "0123456789") || strcmp(c->text + 15, "000") != 0) {
        return false;
    }
    buf_puts(why, "has only zeros after its 15th digit: a spreadsheet took it for a number and lost"
                  " them; take it from the source again, into a column formatted as text");
    return true;
}

static bool is_a_licence(const struct cell *c, struct buf *why)
{
    if (c->len != 15 || !only(c, "0123456789")) {
        return false;
    }
    buf_puts(why, "is an old licence number of 15 digits (注册号), no unified social credit code");
    return true;
}

static bool is_an_organisation_code(const struct cell *c, struct buf *why)
{
    bool dashed = c->len == 10 && c->text[8] == '-';
    if (c->chars != c->len || (!dashed && c->len != 9)) {
        return false;
    }
    buf_puts(why, "is an organisation code (组织机构代码), no unified social credit code");
    return true;
}

static bool has_wrong_length(const struct cell *c, struct buf *why)
{
    if (c->chars == USCC_CHARS) {
        return false;
    }
    buf_printf(why, "has %zu characters, a unified social credit code has %d", c->chars,
               USCC_CHARS);
    return true;
}

static const char *mistaken_for(char letter)
{
    switch (letter) {
    case 'I':
        return "1";
    case 'O':
        return "0";
    case 'S':
        return "5";
    case 'Z':
        return "2";
    default:
        return NULL;
    }
}

static bool has_a_letter_that_no_code_has(const struct cell *c, struct buf *why)
{
    size_t at = strspn(c->text, "0123456789ABCDEFGHJKLMNPQRTUWXY");
    if (at == c->len) {
        return false;
    }
    struct span letter = utf8_clip((struct span){c->text + at, c->len - at}, 1);
    const char *digit = mistaken_for(c->text[at]);
    buf_printf(why, "has \"%.*s\" as its character %zu, which no unified social credit code holds",
               SPAN_ARG(letter), at + 1);
    if (digit) {
        buf_printf(why, ": perhaps the digit %s is meant", digit);
    }
    return true;
}

static bool has_a_wrong_check(const struct cell *c, struct buf *why)
{
    (void)c;
    buf_puts(why, "is no valid unified social credit code: a check character does not fit, so a"
                  " character is mistyped or two are exchanged");
    return true;
}

static bool (*const guesses[])(const struct cell *c, struct buf *why) = {
    became_a_number,         lost_its_end,     is_a_licence,
    is_an_organisation_code, has_wrong_length, has_a_letter_that_no_code_has,
    has_a_wrong_check,
};

static void normalise(struct cell *c, struct span text)
{
    text = utf8_clip(text, CELL_BYTES_MAX / 4);
    c->len = 0;
    while (text.len > 0) {
        size_t before = text.len;
        text = fold_trim(text);
        if (text.len > 0 && text.len == before) {
            c->text[c->len++] = (char)toupper((unsigned char)text.at[0]);
            text.at++;
            text.len--;
        }
    }
    c->text[c->len] = '\0';
    c->chars = utf8_length((struct span){c->text, c->len});
}

bool uscc_cell(struct span text, char out[USCC_CHARS + 1], struct buf *why)
{
    struct arena arena;
    struct cell cell;
    arena_init(&arena, (size_t)1 << 20);
    struct span half = fold_width(text, &arena);
    normalise(&cell, half.at ? half : text);
    arena_free(&arena);
    if (uscc_valid((struct span){cell.text, cell.len})) {
        memcpy(out, cell.text, USCC_CHARS + 1);
        return true;
    }
    bool guessed = false;
    for (size_t i = 0; i < sizeof guesses / sizeof guesses[0] && !guessed; i++) {
        guessed = guesses[i](&cell, why);
    }
    return false;
}
