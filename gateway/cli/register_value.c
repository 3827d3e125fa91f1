/* SPDX-License-Identifier: Apache-2.0 */
/* One small function for each type of value, in a table. */
#include "cli/register_value.h"

#include <ctype.h>
#include <stdio.h>

#include "base/utf8.h"
#include "model/civil_time.h"
#include "model/decimal.h"
#include "model/uscc.h"

#define WORD_MAX 64

struct judge {
    const struct register_names *names;
    const struct register_column *column;
    struct buf *out, *why;
};

enum err register_names_load(struct register_names *names, struct sync *db,
                             const struct schema *schema)
{
    *names = (struct register_names){.schema = schema};
    enum err err = sync_query(db, "select code, name from register.division order by code", NULL, 0,
                              &names->divisions);
    if (err == ERR_OK) {
        err = sync_query(db, "select code, name from register.sector order by code", NULL, 0,
                         &names->sectors);
    }
    return err;
}

void register_names_free(struct register_names *names)
{
    sync_free(names->divisions);
    sync_free(names->sectors);
    *names = (struct register_names){.schema = NULL};
}

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

/* The words are those of the schema's code list: its names, and its aliases of the system "zh". */
static bool judge_listed(const struct judge *j, struct span s)
{
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
    if (!uscc_valid(s)) {
        return wrong(j, "is no valid unified social credit code (18 characters, check characters)");
    }
    return put(j, s);
}

static bool judge_any_uscc(const struct judge *j, struct span s)
{
    return span_is(s, "*") ? put(j, s) : judge_uscc(j, s);
}

/* The row of a (code, name) result whose code is s, or whose name is and no other's; -1 if there is
 * none, -2 if several bear the name. */
static long find_named(const struct pg_result *rows, struct span s)
{
    long found = -1;
    for (size_t i = 0; i < sync_rows(rows); i++) {
        if (span_is(s, sync_text(rows, i, 0))) {
            return (long)i;
        }
        if (span_is(s, sync_text(rows, i, 1))) {
            found = found == -1 ? (long)i : -2;
        }
    }
    return found;
}

static bool put_named(const struct judge *j, const struct pg_result *rows, struct span s,
                      const char *missing)
{
    long at = find_named(rows, s);
    if (at < 0) {
        return wrong(j, at == -2 ? "is the name of several: write the code" : missing);
    }
    return put(j, span_of(sync_text(rows, (size_t)at, 0)));
}

static bool judge_division(const struct judge *j, struct span s)
{
    return put_named(j, j->names->divisions, s, "is no division of the register");
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
    return put_named(j, j->names->sectors, s, "is no sector of the register");
}

static bool judge_bool(const struct judge *j, struct span s)
{
    static const char words[] = "true=是,1,yes,y,t,有,对|false=否,0,no,n,f,无,不是";
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

/* As spreadsheets write them: 2020-4-7, 2020/4/7, 2020.4.7. */
static bool judge_date(const struct judge *j, struct span s)
{
    int parts[3] = {0, 0, 0};
    size_t n = 0;
    bool ok = s.len >= 8 && s.len <= 10;
    for (size_t i = 0; i < s.len && ok; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (isdigit(c)) {
            parts[n] = 10 * parts[n] + (c - '0');
            ok = parts[n] <= 9999;
        } else {
            ok = (c == '-' || c == '/' || c == '.') && ++n < 3;
        }
    }
    char text[32];
    struct civil_date date;
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d", parts[0], parts[1], parts[2]);
    if (!ok || n != 2 || !date_parse(span_of(text), &date)) {
        return wrong(j, "is no date (2020-11-05)");
    }
    buf_puts(j->out, text);
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

/* An array in PostgreSQL's text form. */
static bool judge_list(const struct judge *j, struct span s)
{
    bool open = false;
    bool first = true;
    buf_putc(j->out, '{');
    while (s.len > 0) {
        size_t skip = separator(s);
        if (skip > 0) {
            buf_puts(j->out, open ? "\"" : "");
            open = false;
            s.at += skip;
            s.len -= skip;
            continue;
        }
        if (!open) {
            buf_puts(j->out, first ? "\"" : ",\"");
            first = false;
            open = true;
        }
        if (s.at[0] == '"' || s.at[0] == '\\') {
            buf_putc(j->out, '\\');
        }
        buf_putc(j->out, s.at[0]);
        s.at++;
        s.len--;
    }
    buf_puts(j->out, open ? "\"}" : "}");
    return true;
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
};

bool register_value(const struct register_names *names, const struct register_column *column,
                    struct span cell, struct buf *out, struct buf *why)
{
    struct judge j = {.names = names, .column = column, .out = out, .why = why};
    if (utf8_text_prefix(cell) != cell.len) {
        return wrong(&j, "holds a control character");
    }
    return judges[column->type](&j, cell);
}
