/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a field that become steps: null words, padding, code lists, dates, numbers. */
#include "adapt/compile_step.h"

#include "base/digest.h"
#include "model/civil_time.h"
#include "model/decimal.h"

/* What the field expects and the text is not, or NULL. */
static const char *what_it_is_not(const struct field_type *field, struct span text)
{
    struct civil_date date;
    int64_t us = 0;
    switch ((int)field_format_of(field)) {
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DATE:
        return date_parse(text, &date) ? NULL : "a date YYYY-MM-DD";
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIMESTAMP:
        return time_parse(text, &us) ? NULL : "a time of RFC 3339";
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DECIMAL:
        return decimal_valid(text) ? NULL : "a number";
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__UUID:
        return uuid_is(text) ? NULL : "a UUID";
    default:
        break;
    }
    return !field_is_whole_number(field) || (decimal_valid(text) && !memchr(text.at, '.', text.len))
               ? NULL
               : "a whole number";
}

#define NAMES_CHARS_MAX 300

/* The names of a list, as many as fit. */
static const char *names_of(const struct code_list *list, char room[NAMES_CHARS_MAX])
{
    size_t len = 0;
    room[0] = '\0';
    for (size_t i = 0; i < list->n_values && len < NAMES_CHARS_MAX; i++) {
        int wrote = snprintf(room + len, NAMES_CHARS_MAX - len, "%s%s", i > 0 ? ", " : "",
                             list->values[i].name);
        len += wrote > 0 ? (size_t)wrote : 0;
    }
    return room;
}

/* The systems of a list's aliases, as many as fit. */
static const char *systems_of(const struct code_list *list, char room[NAMES_CHARS_MAX])
{
    size_t len = 0;
    struct span last = SPAN_LIT("");
    room[0] = '\0';
    for (size_t i = 0; i < list->n_aliases && len < NAMES_CHARS_MAX; i++) {
        struct span rest = span_of(list->aliases[i].text);
        struct span system = span_cut(&rest, ':');
        if (!span_eq(system, last)) {
            int wrote = snprintf(room + len, NAMES_CHARS_MAX - len, "%s%.*s", len > 0 ? ", " : "",
                                 SPAN_ARG(system));
            len += wrote > 0 ? (size_t)wrote : 0;
            last = system;
        }
    }
    return room;
}

struct span compile_canonical(struct target_build *b, struct fy_node *value)
{
    struct span text = yaml_word(&b->c->why, value, "a canonical value", &b->c->m->arena);
    if (!text.at) {
        return text;
    }
    if (field_is_enum(b->leaf) && !code_by_name(b->leaf->codes, text)) {
        char names[NAMES_CHARS_MAX];
        yaml_complain(&b->c->why, value, "“%.*s” is no value of “%s”; expected one of %s",
                      SPAN_ARG(text), b->t->path, names_of(b->leaf->codes, names));
    }
    if (b->leaf->desc->type == PROTOBUF_C_TYPE_BOOL && !span_is(text, "true") &&
        !span_is(text, "false")) {
        yaml_complain(&b->c->why, value, "“%.*s”; expected true or false", SPAN_ARG(text));
    }
    const char *expected = what_it_is_not(b->leaf, text);
    if (expected) {
        yaml_complain(&b->c->why, value, "“%.*s”; “%s” expects %s", SPAN_ARG(text), b->t->path,
                      expected);
    }
    return text;
}

void compile_option_absent(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    struct span_list list =
        yaml_words(&b->c->why, value, "words that mean no value", &b->c->m->arena);
    b->absent = (struct words){list.at, list.n};
}

void compile_option_split(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    b->t->separators = compile_words(b->c, value, "a separator or a list of them");
    for (size_t i = 0; i < b->t->separators.n; i++) {
        if (b->t->separators.at[i].len == 0) {
            yaml_complain(&b->c->why, value, "empty; expected a separator");
        }
    }
    if (!field_is_repeated(b->leaf)) {
        yaml_complain(&b->c->why, key, "“%s” takes one value; split is for lists", b->t->path);
    }
}

void compile_option_pad(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    struct span text = yaml_text(&b->c->why, value, "a width");
    b->pads = true;
    for (size_t i = 0; i < text.len; i++) {
        bool digit = text.at[i] >= '0' && text.at[i] <= '9';
        b->width = digit && b->width <= 100 ? b->width * 10 + (unsigned)(text.at[i] - '0') : 1000;
    }
    if (b->width == 0 || b->width > 64) {
        yaml_complain(&b->c->why, value, "“%.*s”; expected a width of 1 to 64", SPAN_ARG(text));
    }
}

void compile_option_company(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    b->looks_up = yaml_true(&b->c->why, value);
    if (field_format_of(b->leaf) != DUALGATE__V1__FIELD_RULE__FORMAT__CODE__USCC) {
        yaml_complain(&b->c->why, key, "company_code gives a USCC, which “%s” is not", b->t->path);
    }
}

void compile_option_organisation(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    b->asks_organisation = yaml_true(&b->c->why, value);
    if (field_format_of(b->leaf) != DUALGATE__V1__FIELD_RULE__FORMAT__CODE__USCC) {
        yaml_complain(&b->c->why, key, "organisation_code gives a USCC, which “%s” is not",
                      b->t->path);
    }
}

static bool list_has_system(const struct code_list *list, struct span system)
{
    for (size_t i = 0; i < list->n_values; i++) {
        const Dualgate__V1__CodeRule *rule = list->values[i].rule;
        for (size_t k = 0; rule && k < rule->n_alias; k++) {
            struct span alias = span_of(rule->alias[k]);
            if (span_starts(alias, system) && alias.len > system.len &&
                alias.at[system.len] == ':') {
                return true;
            }
        }
    }
    return false;
}

void compile_option_codes(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    struct span system = yaml_word(&b->c->why, value, "a system of codes", &b->c->m->arena);
    b->translations++;
    b->fold = true;
    b->translate = (struct step){.kind = STEP_CODES};
    b->translate.codes.list = b->leaf->codes;
    b->translate.codes.system = system;
    if (!field_is_enum(b->leaf)) {
        yaml_complain(&b->c->why, key, "“%s” has no code list", b->t->path);
    } else if (system.at && !list_has_system(b->leaf->codes, system)) {
        char names[NAMES_CHARS_MAX];
        yaml_complain(&b->c->why, value,
                      "no value of “%s” has a code of the system “%.*s”; expected one of %s",
                      b->t->path, SPAN_ARG(system), systems_of(b->leaf->codes, names));
    }
}

struct words_build {
    struct target_build *b;
    struct word_pair *pairs;
    size_t n;
};

static void read_word_pair(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct words_build *w = ctx;
    struct compiler *c = w->b->c;
    struct span from = yaml_text(&c->why, key, "a word of the source");
    char *copy = arena_strndup(&c->m->arena, from.at ? from.at : "", from.len);
    c->why.nomem = c->why.nomem || !copy;
    w->pairs[w->n++] =
        (struct word_pair){{copy, copy ? from.len : 0}, compile_canonical(w->b, value)};
}

static struct word_pair *pairs_for(struct compiler *c, struct fy_node *node)
{
    int n = fy_node_get_type(node) == FYNT_MAPPING ? fy_node_mapping_item_count(node) : 0;
    return compile_alloc(c, (size_t)(n > 0 ? n : 1) * sizeof(struct word_pair));
}

void compile_option_words(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    struct words_build w = {b, pairs_for(b->c, value), 0};
    b->translations++;
    b->fold = true;
    b->translate = (struct step){.kind = STEP_WORDS};
    if (w.pairs) {
        yaml_pairs(&b->c->why, value, read_word_pair, &w);
    }
    if (w.n == 0) {
        yaml_complain(&b->c->why, key, "words: expected {source: CANONICAL, …}");
    }
    b->translate.words.pairs = w.pairs;
    b->translate.words.n = w.n;
}

/* What a pattern must give for the field's format; NULL when dates do not belong there. */
static const char *lacks(const struct pattern *p, Dualgate__V1__FieldRule__Format__Code format)
{
    switch ((int)format) {
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIMESTAMP:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DATE:
        return p->has_date ? "" : "expected year, month and day in it";
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIME_OF_DAY:
        return p->has_time ? "" : "expected hour and minute in it";
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__PERIOD:
        return p->has_month ? "" : "expected year and month in it";
    default:
        return "expected a field that is a date, a time or a period";
    }
}

struct patterns compile_patterns(struct compiler *c, struct fy_node *value)
{
    struct span_list list =
        yaml_words(&c->why, value, "a pattern such as yyyy-MM-dd", &c->m->arena);
    struct pattern *patterns = compile_alloc(c, (list.n + 1) * sizeof *patterns);
    for (size_t i = 0; patterns && i < list.n; i++) {
        if (!pattern_compile(list.at[i], &patterns[i])) {
            yaml_complain(
                &c->why, value,
                "time pattern “%.*s”: expected yyyy, yy, MM, M, dd, d, HH, H, mm, ss, S, or "
                "rfc3339, epoch_ms, epoch_s, excel",
                SPAN_ARG(list.at[i]));
            patterns[i].n_parts = 0; /* said already: nothing more about it */
        }
    }
    return (struct patterns){patterns, patterns ? list.n : 0};
}

static void translate_moment(struct target_build *b, const struct pattern *patterns, size_t n)
{
    b->translations++;
    b->fold = true;
    b->translate = (struct step){.kind = STEP_MOMENT};
    b->translate.moment.patterns = patterns;
    b->translate.moment.n = n;
    b->translate.moment.placeholders = b->c->placeholders;
    b->translate.moment.n_placeholders = b->c->n_placeholders;
}

void compile_option_time(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    struct patterns list = compile_patterns(b->c, value);
    for (size_t i = 0; i < list.n; i++) {
        const char *why = lacks(&list.at[i], field_format_of(b->leaf));
        bool compiled = list.at[i].n_parts > 0 || list.at[i].kind != PATTERN_PARTS;
        if (compiled && why[0] != '\0') {
            yaml_complain(&b->c->why, value, "time pattern “%.*s”: %s", SPAN_ARG(list.at[i].text),
                          why);
        }
    }
    translate_moment(b, list.at, list.n);
}

/* The file's own patterns, as far as they fit the field. */
void compile_default_times(struct target_build *b)
{
    const struct patterns *times = &b->c->times;
    /* Patterns know no quarters: a period that is put together is one. */
    bool put_together = b->t->from == TARGET_TEMPLATE &&
                        field_format_of(b->leaf) == DUALGATE__V1__FIELD_RULE__FORMAT__CODE__PERIOD;
    if (put_together || b->translations > 0 ||
        (b->t->from != TARGET_SOURCE && b->t->from != TARGET_TEMPLATE) || times->n == 0) {
        return;
    }
    struct pattern *fitting = compile_alloc(b->c, times->n * sizeof *fitting);
    size_t n = 0;
    for (size_t i = 0; fitting && i < times->n; i++) {
        if (lacks(&times->at[i], field_format_of(b->leaf))[0] == '\0') {
            fitting[n++] = times->at[i];
        }
    }
    if (n > 0) {
        translate_moment(b, fitting, n);
    }
}

struct units_build {
    struct target_build *b;
    struct unit *units;
    size_t n;
};

/* A whole number up to max. */
static bool read_count(struct span text, uint32_t max, uint32_t *out)
{
    uint32_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || value > max) {
            return false;
        }
        value = value * 10 + (uint32_t)(text.at[i] - '0');
    }
    *out = value;
    return text.len > 0 && value <= max;
}

/* A power of ten, or a ratio "2000/3". */
static bool read_factor(struct target_build *b, struct span text, struct unit *unit)
{
    uint32_t shift = 0;
    bool minus = text.len > 0 && text.at[0] == '-';
    struct span digits = minus ? (struct span){text.at + 1, text.len - 1} : text;
    if (read_count(digits, UNIT_SHIFT_MAX, &shift)) {
        unit->shift = minus ? -(int)shift : (int)shift;
        return true;
    }
    struct span by = text;
    struct span times = span_cut(&by, '/');
    unit->scale = b->leaf->rule->scale < UNIT_SCALE_MAX ? b->leaf->rule->scale : UNIT_SCALE_MAX;
    return by.at && read_count(times, UNIT_RATIO_MAX, &unit->times) &&
           read_count(by, UNIT_RATIO_MAX, &unit->by) && unit->times > 0 && unit->by > 0;
}

static void read_unit(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct units_build *u = ctx;
    struct compiler *c = u->b->c;
    struct span word = yaml_text(&c->why, key, "a unit's word");
    struct span factor = yaml_text(&c->why, value, "a power of ten or a ratio");
    char *copy = arena_strndup(&c->m->arena, word.at ? word.at : "", word.len);
    struct unit *unit = &u->units[u->n++];
    c->why.nomem = c->why.nomem || !copy;
    *unit = (struct unit){.word = {copy, copy ? word.len : 0}};
    if (!read_factor(u->b, factor, unit)) {
        yaml_complain(&c->why, value,
                      "“%.*s”; expected a power of ten from -%d to %d, or a ratio such as 2000/3",
                      SPAN_ARG(factor), UNIT_SHIFT_MAX, UNIT_SHIFT_MAX);
    }
}

void compile_option_number(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    int n = fy_node_get_type(value) == FYNT_MAPPING ? fy_node_mapping_item_count(value) : 0;
    struct units_build u = {b, compile_alloc(b->c, (size_t)(n > 0 ? n : 1) * sizeof(struct unit)),
                            0};
    b->translations++;
    b->fold = true;
    b->translate = (struct step){.kind = STEP_QUANTITY};
    if (u.units) {
        yaml_pairs(&b->c->why, value, read_unit, &u);
    }
    if (u.n == 0) {
        yaml_complain(&b->c->why, key,
                      "number: expected {unit: power of ten, …}, \"\" for a bare one");
    }
    b->translate.quantity.units = u.units;
    b->translate.quantity.n = u.n;
    if (field_format_of(b->leaf) != DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DECIMAL &&
        !field_is_whole_number(b->leaf)) {
        yaml_complain(&b->c->why, key, "“%s” is no number", b->t->path);
    }
}
