/* SPDX-License-Identifier: Apache-2.0 */
/* The encrypted envelope of some sectors: base64 of AES-128-CBC with PKCS#7 padding, the key 16
 * bytes of text and the initial vector the key itself. It hides little and proves nothing; it is
 * what the national exchange prescribes. */
#ifndef ADAPT_ENVELOPE_H
#define ADAPT_ENVELOPE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define ENVELOPE_KEY_BYTES 16

enum envelope_kind { ENVELOPE_NONE, ENVELOPE_AES_128_CBC };

/* ERR_INVALID with *why a static text (no key, bad base64, wrong key or broken text); ERR_NOMEM. */
MUST_CHECK enum err envelope_open(enum envelope_kind kind, struct span sealed, struct span key,
                                  struct arena *arena, struct span *plain, const char **why);
/* The other way, appended to out. ERR_INVALID when the key has not 16 bytes; ERR_NOMEM. */
MUST_CHECK enum err envelope_seal(enum envelope_kind kind, struct span plain, struct span key,
                                  struct buf *out);

#endif
