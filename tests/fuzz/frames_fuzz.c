/* SPDX-License-Identifier: Apache-2.0 */
/* A stream cut in two anywhere (the first byte says where) gives the frames of the whole. */
#include <stdint.h>
#include <stdlib.h>

#include "adapt/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct frames {
    size_t n, bytes;
};

static enum frame take_all(struct span *bytes, struct frames *out)
{
    struct span frame;
    enum frame state;
    while ((state = frame_take(bytes, SPAN_LIT("@@"), 64, &frame)) == FRAME_WHOLE) {
        out->n++;
        out->bytes += frame.len;
        if (memmem(frame.at, frame.len, "@@", 2) != NULL) {
            abort();
        }
    }
    return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frames whole = {0, 0};
    struct frames parts = {0, 0};
    if (size == 0) {
        return 0;
    }
    const char *stream = (const char *)data + 1;
    size_t len = size - 1;
    struct span all = {stream, len};
    struct span some = {stream, len > 0 ? data[0] % (len + 1) : 0};
    enum frame last = take_all(&all, &whole);
    enum frame state = take_all(&some, &parts);
    if (state != FRAME_TOO_LONG) {
        some.len = (size_t)(stream + len - some.at);
        state = take_all(&some, &parts);
    }
    if (state != last ||
        (state != FRAME_TOO_LONG && (whole.n != parts.n || whole.bytes != parts.bytes))) {
        abort();
    }
    return 0;
}
