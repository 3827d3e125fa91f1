/* SPDX-License-Identifier: Apache-2.0 */
#include "model/schema_options.h"

#define FIELD_OF_ORGANISATION "org"

struct word_bit {
    const char *word;
    unsigned bit;
};

#define SUBJECT_UNIT 1u
#define SUBJECT_ORG  2u
static const struct word_bit subjects[] = {{"unit", SUBJECT_UNIT}, {"org", SUBJECT_ORG}, {0}};

#define BY_PUBLISHER 1u
#define BY_ORG       2u
static const struct word_bit publishers[] = {{"publisher", BY_PUBLISHER}, {"org", BY_ORG}, {0}};

/* --- fields ----------------------------------------------------------------------------------- */

static bool is_text(const struct field_type *f)
{
    return f->desc->type == PROTOBUF_C_TYPE_STRING;
}

static bool check_attachment(struct schema_join *j, const struct message_type *m,
                             const struct field_type *f)
{
    bool fine = !f->rule->attachment ||
                (is_text(f) && f->rule->format == DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TEXT);
    return fine || join_fail(j, ERR_INVALID, "%s.%s: an attachment is text without a format",
                             m->name, f->desc->name);
}

static bool check_code_system(struct schema_join *j, const struct message_type *m,
                              const struct field_type *f)
{
    const Dualgate__V1__FieldRule *rule = f->rule;
    if (rule->code_system && (!is_text(f) || rule->code_system[0] == '\0')) {
        return join_fail(j, ERR_INVALID, "%s.%s: code_system is for text, and names a system",
                         m->name, f->desc->name);
    }
    if (!rule->version_field) {
        return true;
    }
    const struct field_type *version = message_field(m, span_of(rule->version_field));
    bool fine = rule->code_system && version && version != f && is_text(version) &&
                version->desc->label != PROTOBUF_C_LABEL_REPEATED;
    return fine || join_fail(j, ERR_INVALID, "%s.%s: version_field names no text: %s", m->name,
                             f->desc->name, rule->version_field);
}

bool options_check_fields(struct schema_join *j, const struct message_type *m)
{
    bool fine = true;
    for (size_t i = 0; fine && i < m->n_fields; i++) {
        fine = check_attachment(j, m, &m->fields[i]) && check_code_system(j, m, &m->fields[i]);
    }
    return fine;
}

/* --- records ---------------------------------------------------------------------------------- */

/* The words as bits; none given: `otherwise`. 0 after a failure. */
static unsigned bits_of(struct schema_join *j, const struct record_type *r, const char *option,
                        char **words, size_t n, const struct word_bit *known, unsigned otherwise)
{
    unsigned bits = n ? 0 : otherwise;
    for (size_t i = 0; i < n; i++) {
        const struct word_bit *w = known;
        while (w->word && strcmp(w->word, words[i]) != 0) {
            w++;
        }
        if (!w->word || (bits & w->bit)) {
            (void)join_fail(j, ERR_INVALID, "%s: %s is no word of %s, or stands twice", r->name,
                            words[i], option);
            return 0;
        }
        bits |= w->bit;
    }
    return bits;
}

static bool take_subject(struct schema_join *j, struct record_type *r)
{
    const Dualgate__V1__RecordRule *rule = r->rule;
    unsigned bits =
        bits_of(j, r, "subject", rule->subject, rule->n_subject, subjects, SUBJECT_UNIT);
    r->about_unit = bits & SUBJECT_UNIT;
    r->about_org = bits & SUBJECT_ORG;
    if (!r->about_org) {
        return bits != 0;
    }
    const struct field_type *org = message_field(r->message, SPAN_LIT(FIELD_OF_ORGANISATION));
    bool named = org && is_text(org) && org->desc->label != PROTOBUF_C_LABEL_REPEATED &&
                 org->rule->format == DUALGATE__V1__FIELD_RULE__FORMAT__CODE__ORG;
    if (!named) {
        return join_fail(j, ERR_INVALID, "%s: a subject org needs a field org of format ORG",
                         r->name);
    }
    r->org = org->desc;
    /* All of them stand under one empty uscc: without it, one could overwrite another's. */
    bool apart = false;
    for (size_t i = 0; i < rule->n_key; i++) {
        apart |= strcmp(rule->key[i], FIELD_OF_ORGANISATION) == 0;
    }
    return apart || join_fail(j, ERR_INVALID, "%s: a subject org needs org in its key", r->name);
}

static bool take_publishers(struct schema_join *j, struct record_type *r)
{
    const Dualgate__V1__RecordRule *rule = r->rule;
    unsigned bits = bits_of(j, r, "by", rule->by, rule->n_by, publishers, BY_PUBLISHER | BY_ORG);
    r->by_publisher = bits & BY_PUBLISHER;
    r->by_org = bits & BY_ORG;
    return bits != 0;
}

static bool take_moves(struct schema_join *j, const struct schema *s, struct record_type *r)
{
    const Dualgate__V1__RecordRule *rule = r->rule;
    if (!rule->moves && !rule->via) {
        return true;
    }
    const struct field_type *id =
        rule->moves_id ? message_field(r->message, span_of(rule->moves_id)) : NULL;
    bool fine = id && is_text(id) && id->desc->label != PROTOBUF_C_LABEL_REPEATED;
    if (fine && rule->moves) {
        r->moves = schema_record(s, span_of(rule->moves));
        fine = r->moves && r->moves != r && !r->moves->rule->via && !rule->via;
    }
    return fine || join_fail(j, ERR_INVALID, "%s: moves or moves_id is wrong", r->name);
}

bool options_take(struct schema_join *j, const struct schema *s, struct record_type *r)
{
    return take_subject(j, r) && take_publishers(j, r) && take_moves(j, s, r);
}
