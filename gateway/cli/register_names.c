/* SPDX-License-Identifier: Apache-2.0 */
/* A name is looked for as it stands first, then by the stem of townships: 马庄街道, 马庄街道办事处,
 * 湛河区马庄街道 and 马庄 are one; 北渡镇 and 北渡街道 are not. */
#include "cli/register_names.h"

#define DISTRICT_DIGITS 6
#define TOWNSHIP_DIGITS 9
#define VILLAGE_DIGITS  12

enum err register_names_load(struct register_names *names, struct sync *db,
                             const struct schema *schema)
{
    *names = (struct register_names){.schema = schema};
    enum err err =
        sync_query(db,
                   "select code, name, array_to_string(aliases, '|'),"
                   "       case when valid_to < (now() at time zone 'Asia/Shanghai')::date"
                   "            then coalesce(mapped_to, '') else '' end"
                   "  from register.division order by code",
                   NULL, 0, &names->divisions);
    if (err == ERR_OK) {
        err = sync_query(db,
                         "select code, name, array_to_string(aliases, '|'), lead_org,"
                         "       array_to_string(co_orgs, ' ') from register.sector order by code",
                         NULL, 0, &names->sectors);
    }
    if (err == ERR_OK) {
        err = sync_query(db,
                         "select code, name, kind, division, array_to_string(sectors, ' ')"
                         "  from register.org where active order by code",
                         NULL, 0, &names->orgs);
    }
    return err;
}

void register_names_free(struct register_names *names)
{
    sync_free(names->divisions);
    sync_free(names->sectors);
    sync_free(names->orgs);
    *names = (struct register_names){.schema = NULL};
}

static bool among(const char *list, char separator, struct span word)
{
    struct span rest = span_of(list);
    bool found = false;
    while (rest.at && !found) {
        struct span one = span_cut(&rest, separator);
        found = one.len > 0 && span_eq(one, word);
    }
    return found;
}

static bool is_called(const struct pg_result *rows, size_t row, struct span text)
{
    return span_is(text, sync_text(rows, row, 1)) || among(sync_text(rows, row, 2), '|', text);
}

/* The row that `same` holds for: by the code at once, else by the only one. -1: none, -2: several.
 */
static long find(const struct pg_result *rows, struct span text,
                 bool (*same)(const struct pg_result *rows, size_t row, struct span text))
{
    long found = -1;
    for (size_t i = 0; rows && i < sync_rows(rows); i++) {
        if (span_is(text, sync_text(rows, i, 0))) {
            return (long)i;
        }
        if (same(rows, i, text)) {
            found = found == -1 ? (long)i : -2;
        }
    }
    return found;
}

static enum named outcome(const struct pg_result *rows, long row, const char **code)
{
    if (row < 0) {
        return row == -1 ? NAMED_NONE : NAMED_SEVERAL;
    }
    *code = sync_text(rows, (size_t)row, 0);
    return NAMED_ONE;
}

enum named register_names_sector(const struct register_names *names, struct span text,
                                 const char **code)
{
    return outcome(names->sectors, find(names->sectors, text, is_called), code);
}

/* ---- divisions ---- */

/* The longer endings first. Those of one kind are one. */
static const struct {
    const char *ending;
    char kind;
} endings[] = {
    {"街道办事处", 's'}, {"街道办", 's'},     {"办事处", 's'}, {"街办", 's'},
    {"街道", 's'},       {"乡人民政府", 'x'}, {"乡政府", 'x'}, {"镇人民政府", 'z'},
    {"镇政府", 'z'},     {"乡", 'x'},         {"镇", 'z'},
};

struct stem {
    struct span text;
    char kind; /* 0: there is none */
};

static struct stem stem_of(struct span name)
{
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t n = strlen(endings[i].ending);
        if (name.len > n && memcmp(name.at + name.len - n, endings[i].ending, n) == 0) {
            return (struct stem){{name.at, name.len - n}, endings[i].kind};
        }
    }
    return (struct stem){name, 0};
}

/* The names of province, city and district off the front. */
static struct span without_district(const struct pg_result *rows, struct span text)
{
    for (size_t i = 0; i < sync_rows(rows); i++) {
        struct span name = span_of(sync_text(rows, i, 1));
        if (strlen(sync_text(rows, i, 0)) <= DISTRICT_DIGITS && text.len > name.len &&
            span_starts(text, name)) {
            text.at += name.len;
            text.len -= name.len;
        }
    }
    return text;
}

static bool is_township_called(const struct pg_result *rows, size_t row, struct span text)
{
    if (strlen(sync_text(rows, row, 0)) != TOWNSHIP_DIGITS) {
        return false;
    }
    struct span bare = without_district(rows, text);
    struct stem asked = stem_of(bare);
    struct stem known = stem_of(span_of(sync_text(rows, row, 1)));
    bool retired = sync_text(rows, row, 3)[0] != '\0';
    /* Without its ending a name may end in one all the same: 曹镇 is 曹镇乡. */
    return (span_eq(asked.text, known.text) && asked.kind == known.kind) ||
           (span_eq(bare, known.text) && !retired);
}

/* A township's code as statistics write it: three zeros for no village. */
static struct span without_village(struct span text)
{
    bool padded = text.len == VILLAGE_DIGITS && memcmp(text.at + TOWNSHIP_DIGITS, "000", 3) == 0;
    return padded ? (struct span){text.at, TOWNSHIP_DIGITS} : text;
}

enum named register_names_division(const struct register_names *names, struct span text,
                                   const char **code)
{
    const struct pg_result *rows = names->divisions;
    long row = find(rows, text, is_called);
    if (row == -1) {
        row = find(rows, without_village(text), is_township_called);
    }
    enum named named = outcome(rows, row, code);
    if (named == NAMED_ONE && sync_text(rows, (size_t)row, 3)[0] != '\0') {
        *code = sync_text(rows, (size_t)row, 3);
    }
    return named;
}

long register_names_org(const struct register_names *names, const char *code)
{
    for (size_t i = 0; names->orgs && i < sync_rows(names->orgs); i++) {
        if (strcmp(sync_text(names->orgs, i, 0), code) == 0) {
            return (long)i;
        }
    }
    return -1;
}
