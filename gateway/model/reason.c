/* SPDX-License-Identifier: Apache-2.0 */
/* Three tables made from the one list. Where a caller knows no label, a word that fits the sentence
 * stands in for it. */
#include "model/reason.h"

#include "model/sentence.h"

/* clang-format off */
#define X(id, word, zh, en) [REASON_##id] = word,
static const char *const words[REASON_COUNT] = {[REASON_NONE] = "", REASON_LIST(X)};
#undef X
#define X(id, word, zh, en) [REASON_##id] = zh,
static const char *const texts_zh[REASON_COUNT] = {[REASON_NONE] = "", REASON_LIST(X)};
#undef X
#define X(id, word, zh, en) [REASON_##id] = en,
static const char *const texts_en[REASON_COUNT] = {[REASON_NONE] = "", REASON_LIST(X)};
#undef X
/* clang-format on */

static size_t index_of(enum reason r)
{
    return (size_t)r < REASON_COUNT ? (size_t)r : REASON_NONE;
}

const char *reason_word(enum reason r)
{
    return words[index_of(r)];
}

enum reason reason_of_word(struct span word)
{
    for (size_t i = REASON_NONE + 1; i < REASON_COUNT; i++) {
        if (span_is(word, words[i])) {
            return (enum reason)i;
        }
    }
    return REASON_NONE;
}

static bool of_message(enum reason r)
{
    return r < REASON_NOT_AN_OBJECT;
}

void reason_text_zh(enum reason r, struct span label, struct span value, struct buf *out)
{
    struct sentence_parts parts = {.label = label, .values = {value}};
    if (!label.len) {
        parts.label = of_message(r) ? SPAN_LIT("内容") : SPAN_LIT("字段");
    }
    sentence_write(texts_zh[index_of(r)], &parts, out);
}

void reason_text_en(enum reason r, struct span label, struct span value, struct buf *out)
{
    struct sentence_parts parts = {.label = label, .values = {value}};
    if (!label.len) {
        parts.label = of_message(r) ? SPAN_LIT("content") : SPAN_LIT("field");
    }
    sentence_write(texts_en[index_of(r)], &parts, out);
}
