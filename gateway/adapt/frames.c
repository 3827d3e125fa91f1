/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/frames.h"

enum frame frame_take(struct span *bytes, struct span mark, size_t max, struct span *frame)
{
    if (span_trim(*bytes).len == 0) {
        return FRAME_NONE;
    }
    const char *end = memmem(bytes->at, bytes->len, mark.at, mark.len);
    /* The last bytes may be the beginning of a mark. */
    size_t open = bytes->len < mark.len ? 0 : bytes->len - (mark.len - 1);
    size_t len = end ? (size_t)(end - bytes->at) : open;
    if (len > max) {
        return FRAME_TOO_LONG;
    }
    if (!end) {
        return FRAME_MORE;
    }
    *frame = (struct span){bytes->at, len};
    *bytes = (struct span){end + mark.len, bytes->len - len - mark.len};
    return FRAME_WHOLE;
}
