/* SPDX-License-Identifier: Apache-2.0 */
/* A step takes the text that the one before it made. An unknown code or a date of another form is a
 * refusal, never a default. */
#include "adapt/steps.h"

#include "adapt/fold.h"

static enum err trim(const struct steps_context *ctx, const struct target *t,
                     const struct step *step, struct steps_result *r)
{
    (void)ctx;
    (void)t;
    (void)step;
    r->text = fold_trim(r->text);
    return ERR_OK;
}

static enum err fold(const struct steps_context *ctx, const struct target *t,
                     const struct step *step, struct steps_result *r)
{
    (void)t;
    (void)step;
    r->text = fold_width(r->text, ctx->arena);
    return r->text.at ? ERR_OK : ERR_NOMEM;
}

static enum err absent(const struct steps_context *ctx, const struct target *t,
                       const struct step *step, struct steps_result *r)
{
    (void)ctx;
    (void)t;
    r->absent = words_hold(step->absent, r->text);
    return ERR_OK;
}

static enum err pad(const struct steps_context *ctx, const struct target *t,
                    const struct step *step, struct steps_result *r)
{
    (void)t;
    for (size_t i = 0; i < r->text.len; i++) {
        if (r->text.at[i] < '0' || r->text.at[i] > '9') {
            return ERR_OK; /* no number that lost its zeros; a later step or rule judges it */
        }
    }
    if (r->text.len == 0 || r->text.len >= step->width) {
        return ERR_OK;
    }
    char *out = arena_alloc(ctx->arena, step->width);
    if (!out) {
        return ERR_NOMEM;
    }
    size_t zeros = step->width - r->text.len;
    memset(out, '0', zeros);
    memcpy(out + zeros, r->text.at, r->text.len);
    r->text = (struct span){out, step->width};
    return ERR_OK;
}

static enum err words(const struct steps_context *ctx, const struct target *t,
                      const struct step *step, struct steps_result *r)
{
    (void)ctx;
    (void)t;
    for (size_t i = 0; i < step->words.n; i++) {
        if (span_eq(step->words.pairs[i].from, r->text)) {
            r->text = step->words.pairs[i].to;
            return ERR_OK;
        }
    }
    r->reason = REASON_UNKNOWN_CODE;
    return ERR_OK;
}

static enum err codes(const struct steps_context *ctx, const struct target *t,
                      const struct step *step, struct steps_result *r)
{
    (void)ctx;
    (void)t;
    const struct code_value *value = code_by_alias(step->codes.list, step->codes.system, r->text);
    if (value) {
        r->text = span_of(value->name);
    } else {
        r->reason = REASON_UNKNOWN_CODE;
    }
    return ERR_OK;
}

static bool is_placeholder(const struct step *step, const struct moment *m)
{
    for (size_t i = 0; i < step->moment.n_placeholders; i++) {
        const struct civil_date *p = &step->moment.placeholders[i];
        if (p->year == m->date.year && p->month == m->date.month && p->day == m->date.day) {
            return true;
        }
    }
    return false;
}

static const char *write_moment(const struct target *t, const struct pattern *p,
                                const struct moment *m, struct arena *arena)
{
    const struct field_type *field = target_leaf(t);
    struct civil_date d = m->date;
    switch ((int)field->rule->format) {
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DATE:
        return arena_printf(arena, "%04d-%02d-%02d", d.year, d.month, d.day);
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIME_OF_DAY:
        return arena_printf(arena, "%02d:%02d:%02d", m->hour, m->minute, m->second);
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__PERIOD:
        return p->has_date ? arena_printf(arena, "%04d-%02d-%02d", d.year, d.month, d.day)
                           : arena_printf(arena, "%04d-%02d", d.year, d.month);
    default:
        break;
    }
    if (m->micros != 0) {
        return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%06d+08:00", d.year, d.month,
                            d.day, m->hour, m->minute, m->second, m->micros);
    }
    return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d+08:00", d.year, d.month, d.day,
                        m->hour, m->minute, m->second);
}

static enum err moment(const struct steps_context *ctx, const struct target *t,
                       const struct step *step, struct steps_result *r)
{
    struct moment m;
    for (size_t i = 0; i < step->moment.n; i++) {
        const struct pattern *p = &step->moment.patterns[i];
        if (!pattern_read(p, r->text, &m)) {
            continue;
        }
        if (p->has_date && is_placeholder(step, &m)) {
            r->absent = true;
            return ERR_OK;
        }
        const char *text = write_moment(t, p, &m, ctx->arena);
        r->text = span_of(text);
        return text ? ERR_OK : ERR_NOMEM;
    }
    r->reason = REASON_BAD_DATE;
    return ERR_OK;
}

static enum err quantity(const struct steps_context *ctx, const struct target *t,
                         const struct step *step, struct steps_result *r)
{
    (void)t;
    struct span number;
    enum err err =
        quantity_read(r->text, step->quantity.units, step->quantity.n, ctx->arena, &number);
    if (err == ERR_OK) {
        r->text = number;
    } else if (err == ERR_SYNTAX) {
        r->reason = REASON_BAD_FORMAT;
    }
    return err == ERR_NOMEM ? ERR_NOMEM : ERR_OK;
}

static enum err company(const struct steps_context *ctx, const struct target *t,
                        const struct step *step, struct steps_result *r)
{
    (void)t;
    (void)step;
    const struct reg_unit *unit = registry_unit_by_company(ctx->registry, r->text);
    if (unit) {
        r->text = span_of(unit->uscc);
    } else {
        r->reason = REASON_UNKNOWN_ENTITY;
    }
    return ERR_OK;
}

#define ORGANISATION_CHARS 9

/* The nine characters of an old organisation code, with or without its dash; false when the text is
 * none. */
static bool organisation_of(struct span text, char code[ORGANISATION_CHARS])
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool dash = c == '-' && n == ORGANISATION_CHARS - 1 && i == n;
        bool sign = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (dash) {
            continue;
        }
        if (!sign || n == ORGANISATION_CHARS) {
            return false;
        }
        code[n++] = (char)(c >= 'a' ? c - 'a' + 'A' : c);
    }
    return n == ORGANISATION_CHARS;
}

/* What is no such code stays: it may be the USCC itself, and is judged as one. */
static enum err organisation(const struct steps_context *ctx, const struct target *t,
                             const struct step *step, struct steps_result *r)
{
    char code[ORGANISATION_CHARS];
    (void)t;
    (void)step;
    if (!organisation_of(r->text, code)) {
        return ERR_OK;
    }
    const struct reg_unit *unit =
        registry_unit_by_organisation(ctx->registry, (struct span){code, sizeof code});
    if (unit) {
        r->text = span_of(unit->uscc);
    } else {
        r->reason = REASON_UNKNOWN_ENTITY;
    }
    return ERR_OK;
}

static enum err (*const runners[])(const struct steps_context *, const struct target *,
                                   const struct step *, struct steps_result *) = {
    [STEP_TRIM] = trim,       [STEP_FOLD] = fold,
    [STEP_ABSENT] = absent,   [STEP_PAD] = pad,
    [STEP_WORDS] = words,     [STEP_CODES] = codes,
    [STEP_MOMENT] = moment,   [STEP_QUANTITY] = quantity,
    [STEP_COMPANY] = company, [STEP_ORGANISATION] = organisation,
};

enum err steps_run(const struct steps_context *ctx, const struct target *target, struct span text,
                   struct steps_result *out)
{
    *out = (struct steps_result){.text = text};
    for (size_t i = 0; i < target->n_steps; i++) {
        const struct step *step = &target->steps[i];
        out->blamed = out->text;
        enum err err = runners[step->kind](ctx, target, step, out);
        if (err != ERR_OK || out->absent || out->reason != REASON_NONE) {
            return err;
        }
    }
    return ERR_OK;
}
