/* SPDX-License-Identifier: Apache-2.0 */
/* What stands around the rows of a message, and what is answered to it: envelope, frames, texts
 * with holes. */
#include "adapt/compile.h"
#include "adapt/form.h"

#define CIPHERS "aes-128-cbc or aes-128-ecb"

static void read_cipher(void *ctx, struct fy_node *key, struct fy_node *value)
{
    static const char *const ciphers[] = {"aes-128-cbc", "aes-128-ecb"};
    struct compiler *c = ctx;
    (void)key;
    struct span text = yaml_text(&c->why, value, CIPHERS);
    for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++) {
        if (span_is(text, ciphers[i])) {
            c->m->envelope.kind = (enum envelope_kind)(ENVELOPE_AES_128_CBC + i);
            return;
        }
    }
    yaml_complain(&c->why, value, "cipher “%.*s”; expected " CIPHERS, SPAN_ARG(text));
}

static void read_key_digest(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    struct span text = yaml_text(&c->why, value, "sha1prng");
    if (span_is(text, "sha1prng")) {
        c->m->envelope.digest = ENVELOPE_KEY_SHA1PRNG;
    } else {
        yaml_complain(&c->why, value, "key_digest “%.*s”; expected sha1prng", SPAN_ARG(text));
    }
}

static void read_sealed(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->m->sealed_member = yaml_word(&c->why, value, "a member's name", &c->m->arena);
}

void compile_envelope(void *ctx, struct fy_node *key, struct fy_node *value)
{
    static const struct yaml_member members[] = {
        {"cipher", read_cipher}, {"member", read_sealed}, {"key_digest", read_key_digest}};
    struct compiler *c = ctx;
    yaml_members(&c->why, value, members, 3, c);
    if (c->m->envelope.kind == ENVELOPE_NONE || c->m->sealed_member.len == 0) {
        yaml_complain(&c->why, key, "envelope: expected cipher: " CIPHERS " and member: NAME");
    }
}

static void read_frame_end(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    c->m->frame_end = yaml_word(&c->why, value, "the mark that ends a frame", &c->m->arena);
}

void compile_frame(void *ctx, struct fy_node *key, struct fy_node *value)
{
    static const struct yaml_member members[] = {{"end", read_frame_end}};
    struct compiler *c = ctx;
    yaml_members(&c->why, value, members, 1, c);
    if (c->m->frame_end.len == 0) {
        yaml_complain(&c->why, key, "frame: expected end: MARK");
    }
}

static void read_form(struct compiler *c, struct fy_node *value, struct form *out)
{
    struct span text = yaml_word(&c->why, value, "text with ${holes}", &c->m->arena);
    struct span wrong = SPAN_NONE;
    if (text.at && !form_compile(text, &c->m->arena, out, &wrong)) {
        c->why.nomem = c->why.nomem || !wrong.at;
        yaml_complain(&c->why, value,
                      "hole “%.*s”; expected request, count, failed, items, id, word or text",
                      SPAN_ARG(wrong));
    }
}

static void read_good(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    read_form(c, value, &c->m->answer_good);
}

static void read_bad(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    read_form(c, value, &c->m->answer_bad);
}

static void read_item(void *ctx, struct fy_node *key, struct fy_node *value)
{
    struct compiler *c = ctx;
    (void)key;
    read_form(c, value, &c->m->answer_item);
}

void compile_answer(void *ctx, struct fy_node *key, struct fy_node *value)
{
    static const struct yaml_member members[] = {
        {"good", read_good}, {"bad", read_bad}, {"item", read_item}};
    struct compiler *c = ctx;
    yaml_members(&c->why, value, members, 3, c);
    c->m->answers = true;
    if (c->m->answer_good.n == 0 || c->m->answer_bad.n == 0 || c->m->answer_item.n == 0) {
        yaml_complain(&c->why, key, "answer: expected good, bad and item");
    }
}
