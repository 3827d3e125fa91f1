/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a message in an adapter's own format: as they are, as what stands in clear in its
 * envelope or form, and from UTF-8 into its encoding. FUZZ_ADAPTER names the adapter; `run` goes
 * through all there are, each with its samples as corpus. Run from the top of the tree. */
#include <stdint.h>

#include "adapt/sample.h"
#include "adapt_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The ways in which a sample is written for people, and what is published. */
static const char *const ways[] = {"x.json",       "x.plain.json", "x.plain.form",
                                   "x.utf8.plain", "x.utf8.xml",   "x.utf8.plain.form"};

/* What is shown of it to people, and what its sender is answered. */
static void answer(struct adapt_fuzz *f, struct span payload, struct arena *arena)
{
    const struct adapt_answer rows[] = {{.ok = true},
                                        {.id = payload, .text = SPAN_LIT("缺少名称")}};
    struct span shown;
    struct buf out;
    buf_init(&out, 0);
    enum err err = adapt_redact(f->adapters, f->trial.adapter, payload, arena, &shown);
    fuzz_require(err == ERR_OK || err == ERR_NOMEM);
    err = adapt_native_receipt(f->adapters, f->trial.adapter, SPAN_NONE, rows, 2, &out);
    fuzz_require(err == ERR_OK ? out.len > 0 : err == ERR_NOT_FOUND);
    buf_free(&out);
}

static void take_as(struct adapt_fuzz *f, const struct mapping *m, const char *name,
                    struct span written)
{
    struct arena arena;
    struct span payload;
    arena_init(&arena, 1 << 24);
    if (sample_prepare(m, name, written, span_of(f->trial.publisher->key), &arena, &payload) ==
            ERR_OK &&
        (payload.at != written.at || strcmp(name, ways[0]) == 0)) {
        fuzz_take(f, payload);
        answer(f, payload, &arena);
    }
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *name = getenv("FUZZ_ADAPTER");
    fuzz_require(name != NULL);
    struct adapt_fuzz *f = adapt_fuzz(name);
    const struct mapping *m = adapters_find(f->adapters, f->trial.adapter);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        take_as(f, m, ways[i], (struct span){(const char *)data, size});
    }
    return 0;
}
