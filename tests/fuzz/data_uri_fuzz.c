/* SPDX-License-Identifier: Apache-2.0 */
/* Photos and documents that stand in a text. What is taken is small enough, is what it is declared
 * as, and is never a page. */
#include <stdint.h>
#include <stdlib.h>

#include "base/base64.h"
#include "model/data_uri.h"
#include "model_fuzz.h"

#define BYTES_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_uri(struct span text)
{
    struct arena arena;
    struct data_uri uri;
    arena_init(&arena, 1 << 20);
    char *copy = arena_strndup(&arena, text.at, text.len);
    fuzz_require(copy);
    enum reason why = data_uri_read(copy, text.len, BYTES_MAX, &uri);
    if (why == REASON_NONE) {
        fuzz_require(uri.bytes.len > 0 && uri.bytes.len <= BYTES_MAX);
        fuzz_require(uri.bytes.at >= copy && uri.bytes.at + uri.bytes.len <= copy + text.len);
        fuzz_require(uri.kind != MEDIA_NONE && uri.kind == media_of_bytes(uri.bytes));
        fuzz_require(uri.bytes.at[0] != '<');
    } else {
        fuzz_require(why == REASON_ATTACHMENT_BROKEN || why == REASON_ATTACHMENT_TYPE ||
                     why == REASON_ATTACHMENT_TOO_LARGE);
        fuzz_require(!uri.wrong.at ||
                     (uri.wrong.at >= copy && uri.wrong.at + uri.wrong.len <= copy + text.len));
    }
    arena_free(&arena);
}

/* Exactly as many bytes are written as were said. */
static void fuzz_base64(struct span text)
{
    size_t n = base64_size(text);
    char *out = malloc(n + 1);
    fuzz_require(out);
    if (text.len % 4 == 0) {
        (void)base64_decode(text, out);
    } else {
        fuzz_require(!base64_decode(text, out));
    }
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = {(const char *)data, size};
    fuzz_base64(text);
    if (data_uri_is(text)) {
        fuzz_uri(text);
    }
    return 0;
}
