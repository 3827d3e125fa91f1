/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4, by OpenSSL), hexadecimal, and identifiers made of digests or chance. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

#define DIGEST_BYTES 32
#define DIGEST_HEX   (2 * DIGEST_BYTES)
#define UUID_TEXT    36

void digest_of(struct span bytes, uint8_t out[DIGEST_BYTES]);

/* Lower case, 2·n characters and NUL. */
void hex_encode(const uint8_t *bytes, size_t n, char *out);
/* ERR_SYNTAX unless text is exactly 2·n hexadecimal digits. */
MUST_CHECK enum err hex_decode(struct span text, uint8_t *out, size_t n);

/* n bytes from the system's generator. */
MUST_CHECK enum err random_bytes(void *out, size_t n);
/* RFC 9562 version 8 from the first 122 usable bits of a digest; out holds UUID_TEXT + 1. */
void uuid8_of(const uint8_t digest[DIGEST_BYTES], char out[UUID_TEXT + 1]);
/* RFC 9562 version 7 for a Unix time in milliseconds and 10 bytes of chance. */
void uuid7_of(int64_t unix_ms, const uint8_t chance[10], char out[UUID_TEXT + 1]);
/* True for 8-4-4-4-12 hexadecimal digits, any version, any case. */
int uuid_is(struct span text);

#endif
