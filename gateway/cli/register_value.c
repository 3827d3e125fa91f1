/* SPDX-License-Identifier: Apache-2.0 */
/* One small function for each type of value, in a table. */
#include "cli/register_value.h"

#include <ctype.h>
#include <stdio.h>

#include "adapt/fold.h"
#include "base/utf8.h"
#include "cli/uscc_cell.h"
#include "model/civil_time.h"
#include "model/decimal.h"
#include "model/doc_no.h"
#include "model/field_format.h"

#define DOC_NO_ARENA_BYTES ((size_t)64 << 10)
#define WORD_MAX           64
#define CELL_BYTES_MAX     ((size_t)1 << 20)

struct judge {
    const struct register_names *names;
    const struct register_column *column;
    struct buf *out, *why;
};

static bool wrong(const struct judge *j, const char *phrase)
{
    buf_puts(j->why, phrase);
    return false;
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

static bool put(const struct judge *j, struct span s)
{
    buf_put_span(j->out, s);
    return true;
}

static bool judge_text(const struct judge *j, struct span s)
{
    return put(j, s);
}

static bool judge_word(const struct judge *j, struct span s)
{
    char word[WORD_MAX];
    if (!register_word(j->column->words, s, word, sizeof word)) {
        buf_printf(j->why, "is none of %s", j->column->words);
        return false;
    }
    buf_puts(j->out, word);
    return true;
}

/* The words are those of the schema's code list: its names, and its aliases of the system "zh"; in
 * addition those of the column. */
static bool judge_listed(const struct judge *j, struct span s)
{
    char word[WORD_MAX];
    if (j->column->words && register_word(j->column->words, s, word, sizeof word)) {
        buf_puts(j->out, word);
        return true;
    }
    const struct record_type *entity = schema_record(j->names->schema, SPAN_LIT("entity"));
    const struct field_type *field =
        entity ? message_field(entity->message, span_of(j->column->name)) : NULL;
    if (!field || !field->codes) {
        return wrong(j, "has no code list in the schema");
    }
    const struct code_value *value = code_by_name(field->codes, s);
    if (!value) {
        value = code_by_alias(field->codes, SPAN_LIT("zh"), s);
    }
    if (!value) {
        buf_puts(j->why, "is none of");
        for (size_t i = 0; i < field->codes->n_values; i++) {
            const struct code_value *v = &field->codes->values[i];
            if (strcmp(v->name, "UNKNOWN") != 0) {
                buf_printf(j->why, " %s %s", v->name, v->rule && v->rule->zh ? v->rule->zh : "");
            }
        }
        return false;
    }
    if (strcmp(value->name, "UNKNOWN") != 0) {
        buf_puts(j->out, value->name);
    }
    return true;
}

static bool judge_uscc(const struct judge *j, struct span s)
{
    char code[USCC_CHARS + 1];
    if (!uscc_cell(s, code, j->why)) {
        return false;
    }
    buf_puts(j->out, code);
    return true;
}

static bool judge_any_uscc(const struct judge *j, struct span s)
{
    return span_is(s, "*") ? put(j, s) : judge_uscc(j, s);
}

static bool put_named(const struct judge *j, enum named named, const char *code,
                      const char *missing)
{
    if (named != NAMED_ONE) {
        return wrong(j,
                     named == NAMED_SEVERAL ? "is the name of several: write the code" : missing);
    }
    buf_puts(j->out, code);
    return true;
}

static bool judge_division(const struct judge *j, struct span s)
{
    const char *code = NULL;
    enum named named = register_names_division(j->names, s, &code);
    return put_named(j, named, code, "is no division of the register");
}

static bool judge_new_division(const struct judge *j, struct span s)
{
    if (!all_digits(s) || (s.len != 6 && s.len != 9 && s.len != 12)) {
        return wrong(j, "is no division code of 6, 9 or 12 digits");
    }
    return put(j, s);
}

static bool judge_sector(const struct judge *j, struct span s)
{
    const char *code = NULL;
    enum named named = register_names_sector(j->names, s, &code);
    return put_named(j, named, code, "is no sector of the register");
}

static bool judge_bool(const struct judge *j, struct span s)
{
    static const char words[] =
        "true=是,1,yes,y,t,有,对,√,规上,规模以上|false=否,0,no,n,f,无,不是,×,规下,规模以下";
    char word[WORD_MAX];
    if (!register_word(words, s, word, sizeof word)) {
        return wrong(j, "is neither true (是) nor false (否)");
    }
    buf_puts(j->out, word);
    return true;
}

static bool judge_count(const struct judge *j, struct span s)
{
    return all_digits(s) && s.len <= 9 ? put(j, s) : wrong(j, "is no whole number");
}

static bool judge_decimal(const struct judge *j, struct span s)
{
    return decimal_valid(s) ? put(j, s) : wrong(j, "is no decimal number");
}

/* The length of what stands between the parts of a date, 0 at a digit. */
static size_t date_separator(struct span s)
{
    static const char *const separators[] = {"-", "/", ".", "年", "月", "日"};
    for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++) {
        if (span_starts(s, span_of(separators[i]))) {
            return strlen(separators[i]);
        }
    }
    return 0;
}

/* Three numbers with something between them. */
static bool date_parts(struct span s, int parts[3])
{
    size_t n = 0;
    while (s.len > 0) {
        size_t skip = date_separator(s);
        if (skip == 0 && (n == 3 || !isdigit((unsigned char)s.at[0]) || parts[n] > 999)) {
            return false;
        }
        if (skip == 0) {
            parts[n] = 10 * parts[n] + (s.at[0] - '0');
        }
        n += skip > 0;
        s.at += skip > 0 ? skip : 1;
        s.len -= skip > 0 ? skip : 1;
    }
    return n == 2 || n == 3;
}

/* As spreadsheets and people write them: 2020-4-7, 2020/4/7, 2020.4.7, 2020年4月7日; 长期 and
 * 9999-12-31 are none. */
static bool judge_date(const struct judge *j, struct span s)
{
    int parts[3] = {0, 0, 0};
    char text[48];
    struct civil_date date;
    if (span_is(s, "长期")) {
        return true;
    }
    if (all_digits(s) && s.len == 5) {
        return wrong(j, "is a spreadsheet's number of a day: format the column as a date");
    }
    bool ok = date_parts(s, parts);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", parts[0], parts[1], parts[2]);
    if (!ok || !date_parse(span_of(text), &date)) {
        return wrong(j, "is no date (2020-11-05)");
    }
    buf_puts(j->out, date_is_placeholder(text) ? "" : text);
    return true;
}

static bool judge_company(const struct judge *j, struct span s)
{
    if (!all_digits(s) || s.len != 9) {
        return wrong(j, "is no company code of 9 digits (did a spreadsheet drop leading zeros?)");
    }
    return put(j, s);
}

/* The length of the separator that s begins with, or 0. */
static size_t separator(struct span s)
{
    static const char *const separators[] = {";", "|", ",", "；", "，", "、"};
    for (size_t i = 0; i < sizeof separators / sizeof separators[0]; i++) {
        if (span_starts(s, span_of(separators[i]))) {
            return strlen(separators[i]);
        }
    }
    return 0;
}

/* Cuts the first item off a list; false at its end. */
static bool next_item(struct span *rest, struct span *item)
{
    size_t skip;
    while ((skip = separator(*rest)) > 0) {
        rest->at += skip;
        rest->len -= skip;
    }
    *item = (struct span){rest->at, 0};
    while (rest->len > 0 && separator(*rest) == 0) {
        rest->at++;
        rest->len--;
        item->len++;
    }
    *item = fold_trim(*item);
    return item->len > 0;
}

/* One more item of an array in PostgreSQL's text form. */
static void put_item(struct buf *out, bool first, struct span item)
{
    buf_puts(out, first ? "\"" : ",\"");
    for (size_t i = 0; i < item.len; i++) {
        if (item.at[i] == '"' || item.at[i] == '\\') {
            buf_putc(out, '\\');
        }
        buf_putc(out, item.at[i]);
    }
    buf_putc(out, '"');
}

static bool judge_list(const struct judge *j, struct span s)
{
    struct span item;
    buf_putc(j->out, '{');
    for (bool first = true; next_item(&s, &item); first = false) {
        put_item(j->out, first, item);
    }
    buf_putc(j->out, '}');
    return true;
}

static bool judge_sectors(const struct judge *j, struct span s)
{
    struct span item;
    buf_putc(j->out, '{');
    for (bool first = true; next_item(&s, &item); first = false) {
        const char *code = NULL;
        if (register_names_sector(j->names, item, &code) != NAMED_ONE) {
            buf_printf(j->why, "names \"%.*s\", which is no sector of the register",
                       SPAN_ARG(item));
            return false;
        }
        put_item(j->out, first, span_of(code));
    }
    buf_putc(j->out, '}');
    return true;
}

static bool judge_doc_no(const struct judge *j, struct span s)
{
    struct arena arena;
    arena_init(&arena, DOC_NO_ARENA_BYTES);
    const char *canonical = doc_no_canonical(s, &arena);
    bool whole = canonical ? put(j, span_of(canonical)) : wrong(j, "is too long");
    arena_free(&arena);
    return whole;
}

static bool (*const judges[])(const struct judge *j, struct span s) = {
    [VALUE_TEXT] = judge_text,
    [VALUE_WORD] = judge_word,
    [VALUE_LISTED] = judge_listed,
    [VALUE_USCC] = judge_uscc,
    [VALUE_ANY_USCC] = judge_any_uscc,
    [VALUE_DIVISION] = judge_division,
    [VALUE_NEW_DIVISION] = judge_new_division,
    [VALUE_SECTOR] = judge_sector,
    [VALUE_BOOL] = judge_bool,
    [VALUE_COUNT] = judge_count,
    [VALUE_DECIMAL] = judge_decimal,
    [VALUE_DATE] = judge_date,
    [VALUE_COMPANY] = judge_company,
    [VALUE_LIST] = judge_list,
    [VALUE_CODE] = judge_text,
    [VALUE_SECTORS] = judge_sectors,
    [VALUE_DOC_NO] = judge_doc_no,
};

static bool is_prose(enum value_type type)
{
    return type == VALUE_TEXT || type == VALUE_LIST;
}

bool register_value(const struct register_names *names, const struct register_column *column,
                    struct span cell, struct buf *out, struct buf *why)
{
    struct judge j = {.names = names, .column = column, .out = out, .why = why};
    struct arena arena;
    if (utf8_text_prefix(cell) != cell.len) {
        return wrong(&j, "holds a control character");
    }
    arena_init(&arena, CELL_BYTES_MAX);
    struct span half = is_prose(column->type) ? cell : fold_trim(fold_width(cell, &arena));
    bool taken = half.at ? judges[column->type](&j, half) : wrong(&j, "is too long");
    arena_free(&arena);
    return taken;
}
