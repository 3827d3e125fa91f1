/* SPDX-License-Identifier: Apache-2.0 */
/* Strict UTF-8 (Unicode 15 table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* Offset of the first byte that is not valid, or s.len when all is. */
size_t utf8_valid_prefix(struct span s);
/* The same, and in addition every \u escape of the JSON text s names a scalar value: a high
 * surrogate is followed at once by an escaped low one, and none stands alone. */
size_t utf8_json_valid_prefix(struct span s);
/* Characters (code points) of valid UTF-8. */
size_t utf8_length(struct span s);
/* Offset of the first character no text of a report may hold: C0 controls but tab, LF and CR; DEL;
 * C1; U+FFFE, U+FFFF. s.len when there is none. */
size_t utf8_text_prefix(struct span s);
/* The longest prefix of at most max_chars characters. */
struct span utf8_clip(struct span s, size_t max_chars);

#endif
