/* SPDX-License-Identifier: Apache-2.0 */
/* One field of a mapping. Options may stand in any order; the steps they become stand in one order:
 * trim, no value?, half width, pad, look up, translate. */
#include "adapt/compile_step.h"

/* Formats whose text is a code, not prose. */
static bool is_code_like(const struct field_type *field)
{
    switch ((int)field_format_of(field)) {
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__UUID:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__USCC:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DIVISION:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__SECTOR:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__PERIOD:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DIGITS:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__ORG:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DOC_NO:
        return true;
    default:
        return field->rule->mask == DUALGATE__V1__FIELD_RULE__MASK__CODE__PHONE ||
               field_is_enum(field) || field->desc->type == PROTOBUF_C_TYPE_BOOL ||
               field_is_whole_number(field);
    }
}

/* ---- where the value comes from ---- */

static void read_from(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    struct sources sources = compile_sources(b->c, value, "a source field or a list of them");
    b->t->sources = sources.at;
    b->t->n_sources = sources.n;
    b->t->from = TARGET_SOURCE;
    b->origins++;
}

static void read_derive(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    read_from(ctx, key, value);
    b->t->from = TARGET_DERIVED;
    if (field_format_of(b->leaf) != DUALGATE__V1__FIELD_RULE__FORMAT__CODE__UUID) {
        yaml_complain(&b->c->why, key, "derive gives a UUID, which “%s” is not", b->t->path);
    }
}

static void read_constant(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    b->t->fixed = compile_canonical(b, value);
    b->t->from = TARGET_CONSTANT;
    b->origins++;
}

static void read_default(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    b->t->fixed = compile_canonical(b, value);
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

static void read_half_width(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    b->fold = yaml_true(&b->c->why, value);
}

static void read_required(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    b->t->required = yaml_true(&b->c->why, value);
}

static void read_when(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct target_build *b = ctx;
    (void)key;
    b->when = value;
}

static const struct yaml_member options[] = {
    {"from", read_from},
    {"derive", read_derive},
    {"constant", read_constant},
    {"default", read_default},
    {"publisher", read_publisher},
    {"codes", compile_option_codes},
    {"words", compile_option_words},
    {"time", compile_option_time},
    {"number", compile_option_number},
    {"pad", compile_option_pad},
    {"company_code", compile_option_company},
    {"organisation_code", compile_option_organisation},
    {"template", compile_option_template},
    {"split", compile_option_split},
    {"absent", compile_option_absent},
    {"half_width", read_half_width},
    {"required", read_required},
    {"when", read_when},
};

/* ---- the field itself ---- */

/* The names of the envelope that the program itself fills. */
static bool is_reserved(struct span name)
{
    return span_is(name, "record") || span_is(name, "op") || span_is(name, "schema") ||
           span_is(name, "unknown_members");
}

static bool is_mappable(bool of_envelope, const struct field_type *field)
{
    return !of_envelope || !(is_reserved(span_of(field->desc->name)) || field->message);
}

static void complain_of_field(struct target_build *b, const struct message_type *message,
                              struct span name)
{
    char names[400];
    size_t len = 0;
    names[0] = '\0';
    for (size_t i = 0; i < message->n_fields; i++) {
        if (!is_mappable(b->t->of_envelope, &message->fields[i])) {
            continue;
        }
        int wrote = snprintf(names + len, sizeof names - len, " %s", message->fields[i].desc->name);
        if (wrote < 0 || (size_t)wrote >= sizeof names - len) {
            break;
        }
        len += (size_t)wrote;
    }
    names[len] = '\0';
    yaml_complain(&b->c->why, b->key, "%s has no field “%.*s”; expected one of:%s", message->name,
                  SPAN_ARG(name), names);
}

/* "SCHOOL_CODE.value" of a list of messages that bear a code: the item of that code. */
static void find_item(struct target_build *b, const struct field_type *list, struct span *rest)
{
    const struct field_type *kind = message_field(list->message, SPAN_LIT("kind"));
    if (kind && kind->codes) {
        struct span word = span_cut(rest, '.');
        const struct code_value *value = code_by_name(kind->codes, word);
        b->t->kind = value ? kind : NULL;
        b->t->code = value ? value->number : 0;
    }
}

/* What a path to a message lacks. */
static const char *plain_hint(const struct field_type *field)
{
    if (!field->message) {
        return "";
    }
    if (!field_is_repeated(field)) {
        return ", such as its name after a point";
    }
    const struct field_type *kind = message_field(field->message, SPAN_LIT("kind"));
    return kind && kind->codes ? ", of an item by its code: LIST.CODE.NAME" : "; it is a list";
}

static bool find_field(struct target_build *b, const struct message_type *message, struct span path)
{
    struct compiler *c = b->c;
    struct span rest = path;
    struct span head = span_cut(&rest, '.');
    const struct field_type *field = message_field(message, head);
    if (!field || !is_mappable(b->t->of_envelope, field)) {
        complain_of_field(b, message, path);
        return false;
    }
    b->t->field = b->leaf = field;
    if (field->message && field_is_repeated(field) && rest.at) {
        find_item(b, field, &rest);
    }
    if (field->message && rest.at) {
        b->t->inner = b->leaf = message_field(field->message, rest);
    }
    if (field->message && field_is_repeated(field) && !rest.at) {
        return true;
    }
    bool nested = field->message != NULL;
    if (!b->leaf || nested != (rest.at != NULL) || b->leaf->message ||
        (nested && field_is_repeated(field) && !b->t->kind)) {
        yaml_complain(&c->why, b->key, "“%.*s”: expected a plain field%s", SPAN_ARG(path),
                      plain_hint(field));
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
    if (b->fold || b->t->of_envelope || is_code_like(b->leaf)) {
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
    if (b->asks_organisation) {
        add_step(b, (struct step){.kind = STEP_ORGANISATION});
    }
    if (b->translations > 0) {
        add_step(b, b->translate);
    }
}

static void check_whole(struct target_build *b)
{
    struct complaints *why = &b->c->why;
    if (b->origins != 1) {
        yaml_complain(why, b->key,
                      "“%s”: expected exactly one of from, template, derive, constant, publisher",
                      b->t->path);
    }
    if (b->translations > 1) {
        yaml_complain(why, b->key, "“%s”: expected at most one of codes, words, time, number",
                      b->t->path);
    }
    bool always = b->t->from == TARGET_CONSTANT || b->t->from == TARGET_PUBLISHER || b->t->fixed.at;
    if (b->t->required && always) {
        yaml_complain(why, b->key, "“%s” has a value always; expected required of a source only",
                      b->t->path);
    }
    bool given = b->t->from == TARGET_CONSTANT || b->translations > 0;
    if (field_is_enum(b->leaf) && !given) {
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
    if (b.leaf->message) {
        compile_items(&b, value);
        *when = b.when;
        return;
    }
    if (fy_node_get_type(value) == FYNT_SCALAR) {
        read_from(&b, key, value); /* the short form: field: source */
    } else {
        yaml_members(&c->why, value, options, sizeof options / sizeof options[0], &b);
    }
    compile_default_times(&b);
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
        bool plain = !t->of_envelope && t->field && t->from != TARGET_ITEMS;
        if (plain && span_is(name, t->path) && t != b->out) {
            b->out->when = i;
            b->out->when_values = (struct words){list.at, list.n};
            for (size_t k = 0; t->field->codes && k < list.n; k++) {
                if (list.at[k].len > 0 && !code_by_name(t->field->codes, list.at[k])) {
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
