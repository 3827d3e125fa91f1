/* SPDX-License-Identifier: Apache-2.0 */
/* One field of a mapping. Options may stand in any order; the steps they become stand in one order:
 * trim, no value?, half width, pad, look up, translate. */
#include "adapt/compile.h"

struct target_build {
    struct compiler *c;
    struct target *t;
    struct fy_node *key;
    const struct field_type *leaf; /* the field that takes the text */
    struct fy_node *when;
    unsigned origins; /* how many of from, constant, publisher, derive */
    struct words absent;
    bool fold;
    bool bad;

    struct step translate; /* words, codes, moment or quantity */
    unsigned translations;
    bool pads, looks_up, digests;
    unsigned width;
};

static Dualgate__V1__FieldRule__Format__Code format_of(const struct field_type *field)
{
    return field->rule->format;
}

static bool is_enum(const struct field_type *field)
{
    return field->codes != NULL;
}

static bool is_repeated(const struct field_type *field)
{
    return field->desc->label == PROTOBUF_C_LABEL_REPEATED;
}

static bool is_whole_number(const struct field_type *field)
{
    switch ((int)field->desc->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
        return true;
    default:
        return false;
    }
}

/* Formats whose text is a code, not prose. */
static bool is_code_like(const struct field_type *field)
{
    switch ((int)format_of(field)) {
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__UUID:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__USCC:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DIVISION:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__SECTOR:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__PERIOD:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DIGITS:
        return true;
    default:
        return is_enum(field) || field->desc->type == PROTOBUF_C_TYPE_BOOL ||
               is_whole_number(field);
    }
}

/* ---- where the value comes from ---- */

static void read_from(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    struct span_list names =
        yaml_words(&b->c->why, value, "a source field or a list of them", &b->c->m->arena);
    struct source *sources = compile_alloc(b->c, names.n * sizeof *sources);
    for (size_t i = 0; sources && i < names.n; i++) {
        if (names.at[i].len == 0) {
            yaml_complain(&b->c->why, value, "an empty name; expected a source field");
        }
        sources[i] = compile_source(b->c, names.at[i]);
    }
    b->t->sources = sources;
    b->t->n_sources = sources ? names.n : 0;
    b->t->from = TARGET_SOURCE;
    b->origins++;
}

static void read_derive(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    read_from(ctx, key, value);
    b->t->from = TARGET_DERIVED;
    if (format_of(b->leaf) != DUALGATE__V1__FIELD_RULE__FORMAT__CODE__UUID) {
        yaml_complain(&b->c->why, key, "derive gives a UUID, which “%s” is not", b->t->path);
    }
}

static struct span canonical_value(struct target_build *b, struct fy_node *value)
{
    struct span text = yaml_word(&b->c->why, value, "a canonical value", &b->c->m->arena);
    if (!text.at) {
        return text;
    }
    if (is_enum(b->leaf) && !code_by_name(b->leaf->codes, text)) {
        yaml_complain(&b->c->why, value, "“%.*s” is no value of the code list %s; expected a name",
                      SPAN_ARG(text), b->leaf->codes->desc->name);
    }
    if (b->leaf->desc->type == PROTOBUF_C_TYPE_BOOL && !span_is(text, "true") &&
        !span_is(text, "false")) {
        yaml_complain(&b->c->why, value, "“%.*s”; expected true or false", SPAN_ARG(text));
    }
    return text;
}

static void read_constant(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    b->t->fixed = canonical_value(b, value);
    b->t->from = TARGET_CONSTANT;
    b->origins++;
}

static void read_default(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    b->t->fixed = canonical_value(b, value);
}

static void read_publisher(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    if (yaml_true(&b->c->why, value)) {
        b->t->from = TARGET_PUBLISHER;
        b->origins++;
    }
}

static void read_when(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    b->when = value;
}

/* ---- what is done to it ---- */

static void read_absent(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    struct span_list list =
        yaml_words(&b->c->why, value, "words that mean no value", &b->c->m->arena);
    b->absent = (struct words){list.at, list.n};
}

static void read_split(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    b->t->separator = yaml_word(&b->c->why, value, "a separator", &b->c->m->arena);
    if (!is_repeated(b->leaf)) {
        yaml_complain(&b->c->why, key, "“%s” takes one value; split is for lists", b->t->path);
    }
}

static void read_pad(void *ctx, struct fy_node *key, struct fy_node *value)
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

static void read_company(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    b->looks_up = yaml_true(&b->c->why, value);
    if (format_of(b->leaf) != DUALGATE__V1__FIELD_RULE__FORMAT__CODE__USCC) {
        yaml_complain(&b->c->why, key, "company_code gives a USCC, which “%s” is not", b->t->path);
    }
}

static void read_digest(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    b->digests = yaml_true(&b->c->why, value);
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

static void read_codes(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    struct span system = yaml_word(&b->c->why, value, "a system of codes", &b->c->m->arena);
    b->translations++;
    b->fold = true;
    b->translate = (struct step){.kind = STEP_CODES};
    b->translate.codes.list = b->leaf->codes;
    b->translate.codes.system = system;
    if (!is_enum(b->leaf)) {
        yaml_complain(&b->c->why, key, "“%s” has no code list", b->t->path);
        b->bad = true;
    } else if (system.at && !list_has_system(b->leaf->codes, system)) {
        yaml_complain(&b->c->why, value, "no value of %s has a code of the system “%.*s”",
                      b->leaf->codes->desc->name, SPAN_ARG(system));
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
        (struct word_pair){{copy, copy ? from.len : 0}, canonical_value(w->b, value)};
}

static struct word_pair *pairs_for(struct compiler *c, struct fy_node *node)
{
    int n = fy_node_get_type(node) == FYNT_MAPPING ? fy_node_mapping_item_count(node) : 0;
    return compile_alloc(c, (size_t)(n > 0 ? n : 1) * sizeof(struct word_pair));
}

static void read_words(void *ctx, struct fy_node *key, struct fy_node *value)
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
            yaml_complain(&c->why, value,
                          "time pattern “%.*s”: expected yyyy, MM, M, dd, d, HH, H, mm, ss, or "
                          "rfc3339, epoch_ms, epoch_s, excel",
                          SPAN_ARG(list.at[i]));
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

static void read_time(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    struct patterns list = compile_patterns(b->c, value);
    for (size_t i = 0; i < list.n; i++) {
        const char *why = lacks(&list.at[i], format_of(b->leaf));
        bool compiled = list.at[i].n_parts > 0 || list.at[i].kind != PATTERN_PARTS;
        if (compiled && why[0] != '\0') {
            yaml_complain(&b->c->why, value, "time pattern “%.*s”: %s", SPAN_ARG(list.at[i].text),
                          why);
        }
    }
    translate_moment(b, list.at, list.n);
}

/* The file's own patterns, as far as they fit the field. */
static void default_times(struct target_build *b)
{
    const struct patterns *times = &b->c->times;
    if (b->translations > 0 || b->t->from != TARGET_SOURCE || times->n == 0) {
        return;
    }
    struct pattern *fitting = compile_alloc(b->c, times->n * sizeof *fitting);
    size_t n = 0;
    for (size_t i = 0; fitting && i < times->n; i++) {
        if (lacks(&times->at[i], format_of(b->leaf))[0] == '\0') {
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

static bool read_shift(struct span text, int *out)
{
    bool minus = text.len > 0 && text.at[0] == '-';
    int value = 0;
    for (size_t i = minus ? 1 : 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || value > UNIT_SHIFT_MAX) {
            return false;
        }
        value = value * 10 + (text.at[i] - '0');
    }
    *out = minus ? -value : value;
    return text.len > (minus ? 1u : 0u) && value <= UNIT_SHIFT_MAX;
}

static void read_unit(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct units_build *u = ctx;
    struct compiler *c = u->b->c;
    struct span word = yaml_text(&c->why, key, "a unit's word");
    struct span shift = yaml_text(&c->why, value, "a power of ten");
    char *copy = arena_strndup(&c->m->arena, word.at ? word.at : "", word.len);
    struct unit *unit = &u->units[u->n++];
    c->why.nomem = c->why.nomem || !copy;
    *unit = (struct unit){{copy, copy ? word.len : 0}, 0};
    if (!read_shift(shift, &unit->shift)) {
        yaml_complain(&c->why, value, "“%.*s”; expected a power of ten from -%d to %d",
                      SPAN_ARG(shift), UNIT_SHIFT_MAX, UNIT_SHIFT_MAX);
    }
}

static void read_number(void *ctx, struct fy_node *key, struct fy_node *value)
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
    b->translate.quantity.units = u.units;
    b->translate.quantity.n = u.n;
    if (format_of(b->leaf) != DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DECIMAL &&
        !is_whole_number(b->leaf)) {
        yaml_complain(&b->c->why, key, "“%s” is no number", b->t->path);
    }
}

static const struct yaml_member options[] = {
    {"from", read_from},
    {"derive", read_derive},
    {"constant", read_constant},
    {"default", read_default},
    {"publisher", read_publisher},
    {"codes", read_codes},
    {"words", read_words},
    {"time", read_time},
    {"number", read_number},
    {"pad", read_pad},
    {"company_code", read_company},
    {"digest", read_digest},
    {"split", read_split},
    {"absent", read_absent},
    {"when", read_when},
};

/* ---- the field itself ---- */

static void complain_of_field(struct compiler *c, struct fy_node *key,
                              const struct message_type *message, struct span name)
{
    char names[400];
    size_t len = 0;
    names[0] = '\0';
    for (size_t i = 0; i < message->n_fields; i++) {
        int wrote = snprintf(names + len, sizeof names - len, " %s", message->fields[i].desc->name);
        if (wrote < 0 || (size_t)wrote >= sizeof names - len) {
            break;
        }
        len += (size_t)wrote;
    }
    names[len] = '\0';
    yaml_complain(&c->why, key, "%s has no field “%.*s”; expected one of:%s", message->name,
                  SPAN_ARG(name), names);
}

/* The names of the envelope that the program itself fills. */
static bool is_reserved(struct span name)
{
    return span_is(name, "record") || span_is(name, "op") || span_is(name, "schema") ||
           span_is(name, "unknown_members");
}

static bool find_field(struct target_build *b, const struct message_type *message, struct span path)
{
    struct compiler *c = b->c;
    struct span rest = path;
    struct span head = span_cut(&rest, '.');
    const struct field_type *field = message_field(message, head);
    if (!field || (b->t->of_envelope && (is_reserved(head) || field->message))) {
        complain_of_field(c, b->key, message, path);
        return false;
    }
    b->t->field = b->leaf = field;
    if (field->message && rest.at) {
        b->t->inner = b->leaf = message_field(field->message, rest);
    }
    bool nested = field->message != NULL;
    if (!b->leaf || nested != (rest.at != NULL) || b->leaf->message ||
        (nested && is_repeated(field))) {
        yaml_complain(&c->why, b->key, "“%.*s”: expected a plain field%s", SPAN_ARG(path),
                      nested ? ", such as its name after a point" : "");
        return false;
    }
    return true;
}

static void add_step(struct target_build *b, struct step step)
{
    if (b->t->n_steps < TARGET_STEPS_MAX) {
        b->t->steps[b->t->n_steps++] = step;
    }
}

static void assemble(struct target_build *b)
{
    add_step(b, (struct step){.kind = STEP_TRIM});
    if (b->fold || is_code_like(b->leaf)) {
        add_step(b, (struct step){.kind = STEP_FOLD});
        add_step(b, (struct step){.kind = STEP_TRIM});
    }
    if (b->absent.n > 0) {
        add_step(b, (struct step){.kind = STEP_ABSENT, .absent = b->absent});
    }
    if (b->pads) {
        add_step(b, (struct step){.kind = STEP_PAD, .width = b->width});
    }
    if (b->looks_up) {
        add_step(b, (struct step){.kind = STEP_COMPANY});
    }
    if (b->translations > 0) {
        add_step(b, b->translate);
    }
    if (b->digests) {
        add_step(b, (struct step){.kind = STEP_DIGEST});
    }
}

static void check_whole(struct target_build *b)
{
    struct complaints *why = &b->c->why;
    if (b->origins != 1) {
        yaml_complain(why, b->key, "“%s”: expected one of from, derive, constant, publisher",
                      b->t->path);
    }
    if (b->translations > 1) {
        yaml_complain(why, b->key, "“%s”: expected at most one of codes, words, time, number",
                      b->t->path);
    }
    bool given = b->t->from == TARGET_CONSTANT || b->translations > 0;
    if (is_enum(b->leaf) && !given) {
        yaml_complain(why, b->key, "“%s” is a code; expected codes: SYSTEM or words: {…}",
                      b->t->path);
    }
    if (b->leaf->desc->type == PROTOBUF_C_TYPE_BOOL && !given) {
        yaml_complain(why, b->key, "“%s” is yes or no; expected words: {…: true, …: false}",
                      b->t->path);
    }
}

void compile_target(struct compiler *c, const struct message_type *message, bool of_envelope,
                    struct fy_node *key, struct fy_node *value, struct target *out,
                    struct fy_node **when)
{
    struct span path = yaml_word(&c->why, key, "a field", &c->m->arena);
    *out = (struct target){.path = path.at, .of_envelope = of_envelope, .when = TARGET_ALWAYS};
    *when = NULL;
    struct target_build b = {.c = c, .t = out, .key = key, .absent = c->absent};
    if (!path.at || !find_field(&b, message, path)) {
        return;
    }
    if (fy_node_get_type(value) == FYNT_SCALAR) {
        read_from(&b, key, value); /* the short form: field: source */
    } else {
        yaml_members(&c->why, value, options, sizeof options / sizeof options[0], &b);
    }
    default_times(&b);
    check_whole(&b);
    assemble(&b);
    *when = b.when;
}

struct condition_build {
    struct compiler *c;
    const struct target *targets;
    size_t n;
    struct target *out;
};

static void read_condition(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct condition_build *b = ctx;
    struct complaints *why = &b->c->why;
    struct span name = yaml_text(why, key, "a field of this record");
    struct span_list list = yaml_words(why, value, "canonical values", &b->c->m->arena);
    if (b->out->when != TARGET_ALWAYS) {
        yaml_complain(why, key, "expected one condition");
    }
    for (size_t i = 0; i < b->n; i++) {
        const struct target *t = &b->targets[i];
        if (!t->of_envelope && t->field && span_is(name, t->path) && t != b->out) {
            b->out->when = i;
            b->out->when_values = (struct words){list.at, list.n};
            for (size_t k = 0; t->field->codes && k < list.n; k++) {
                if (!code_by_name(t->field->codes, list.at[k])) {
                    yaml_complain(why, value, "“%.*s” is no value of %s", SPAN_ARG(list.at[k]),
                                  t->field->codes->desc->name);
                }
            }
            return;
        }
    }
    yaml_complain(why, key,
                  "“%.*s”: expected a field of this record that is mapped without a condition",
                  SPAN_ARG(name));
}

void compile_condition(struct compiler *c, struct fy_node *when, const struct target *targets,
                       size_t n, struct target *out)
{
    struct condition_build b = {c, targets, n, out};
    yaml_pairs(&c->why, when, read_condition, &b);
}
