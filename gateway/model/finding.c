/* SPDX-License-Identifier: Apache-2.0 */
/* Three tables made from the one list, as in model/reason. */
#include "model/finding.h"

#include "model/sentence.h"

/* clang-format off */
#define X(id, word, zh, en) [FINDING_##id] = word,
static const char *const words[FINDING_COUNT] = {[FINDING_NONE] = "", FINDING_LIST(X)};
#undef X
#define X(id, word, zh, en) [FINDING_##id] = zh,
static const char *const texts_zh[FINDING_COUNT] = {[FINDING_NONE] = "", FINDING_LIST(X)};
#undef X
#define X(id, word, zh, en) [FINDING_##id] = en,
static const char *const texts_en[FINDING_COUNT] = {[FINDING_NONE] = "", FINDING_LIST(X)};
#undef X
/* clang-format on */

static size_t index_of(enum finding_code code)
{
    return (size_t)code < FINDING_COUNT ? (size_t)code : FINDING_NONE;
}

const char *finding_word(enum finding_code code)
{
    return words[index_of(code)];
}

enum finding_code finding_of_word(struct span word)
{
    for (size_t i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        if (span_is(word, words[i])) {
            return (enum finding_code)i;
        }
    }
    return FINDING_NONE;
}

void finding_text_zh(enum finding_code code, struct span label, struct span reported,
                     struct span expected, struct buf *out)
{
    struct sentence_parts parts = {.label = label.len ? label : SPAN_LIT("字段"),
                                   .values = {reported, expected}};
    sentence_write(texts_zh[index_of(code)], &parts, out);
}

void finding_text_en(enum finding_code code, struct span label, struct span reported,
                     struct span expected, struct buf *out)
{
    struct sentence_parts parts = {.label = label.len ? label : SPAN_LIT("field"),
                                   .values = {reported, expected}};
    sentence_write(texts_en[index_of(code)], &parts, out);
}
