/* SPDX-License-Identifier: Apache-2.0 */
/* Declared encodings into UTF-8. The encoding is never guessed from the bytes; but bytes that
 * betray that they are in the other encoding than the declared one are refused, because what came
 * out would be stored as nonsense that looks like text. */
#ifndef ADAPT_CHARSET_H
#define ADAPT_CHARSET_H

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

enum charset { CHARSET_UNKNOWN, CHARSET_UTF8, CHARSET_GB18030 };

/* Any case; gb2312, gbk, cp936 and their like mean GB18030, which holds them all. */
enum charset charset_of_name(struct span name);
const char *charset_name(enum charset c);
/* A byte order mark is taken off. ERR_SYNTAX when the bytes are not of the encoding, or plainly of
 * the neighbour's; ERR_NOMEM. */
MUST_CHECK enum err charset_decode(enum charset c, struct span bytes, struct arena *arena,
                                   struct span *text);
/* UTF-8 into the encoding (samples, and one day outbound). ERR_DATA when it cannot be said in it.
 */
MUST_CHECK enum err charset_encode(enum charset c, struct span text, struct arena *arena,
                                   struct span *bytes);

#endif
