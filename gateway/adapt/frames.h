/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in a stream, each ended by a mark ("@@"). A function over the bytes that have come so
 * far, however they were cut: a mark whose halves come apart is a mark. */
#ifndef ADAPT_FRAMES_H
#define ADAPT_FRAMES_H

#include "base/span.h"

enum frame {
    FRAME_WHOLE,    /* one was taken off the front */
    FRAME_NONE,     /* nothing is left but white space */
    FRAME_MORE,     /* the rest has no end yet; nothing was taken */
    FRAME_TOO_LONG, /* more than max bytes and still no end */
};

/* *frame is a slice of *bytes, without its mark. mark is not empty. */
enum frame frame_take(struct span *bytes, struct span mark, size_t max, struct span *frame);

#endif
