/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a message of the national exchange. The first byte says whether they are the
 * message, or the rows of one of its objects, which are then put into an envelope with the right
 * key. */
#include <stdint.h>

#include "adapt/envelope.h"
#include "adapt_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_sealed(struct adapt_fuzz *f, const struct mapping *m, size_t record,
                        struct span rows)
{
    struct buf message;
    struct span path = m->records[record % m->n_records].match.at[0];
    buf_init(&message, 0);
    buf_printf(&message, "{\"%.*s\":\"%.*s\",\"%.*s\":\"", SPAN_ARG(m->find_source.name),
               SPAN_ARG(path), SPAN_ARG(m->sealed_member));
    fuzz_require(envelope_seal(m->envelope, rows, span_of(f->trial.publisher->key), &message) ==
                 ERR_OK);
    buf_puts(&message, "\"}");
    fuzz_take(f, buf_span(&message));
    buf_free(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct adapt_fuzz *f = adapt_fuzz("hazchem");
    const struct mapping *m = adapters_find(f->adapters, f->trial.adapter);
    if (size == 0) {
        return 0;
    }
    struct span rest = {(const char *)data + 1, size - 1};
    if (data[0] == '-') {
        fuzz_take(f, rest);
    } else {
        take_sealed(f, m, data[0], rest);
    }
    return 0;
}
