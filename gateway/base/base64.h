/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648 §4), strictly: the one spelling that an encoder of the standard writes. No line
 * ends, no blanks, no other alphabet, padding where it belongs, no bits left over. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* Bytes that text stands for, if it is base64 at all. */
size_t base64_size(struct span text);
/* Writes base64_size(text) bytes to out, which may be where text begins. False when text is not
 * base64; then out holds rubbish. An empty text is zero bytes. */
bool base64_decode(struct span text, char *out);

#endif
