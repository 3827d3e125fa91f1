/* SPDX-License-Identifier: Apache-2.0 */
/* The encrypted envelope of some sectors: base64 of AES-128 with PKCS#7 padding, in CBC with the
 * key for initial vector, or in ECB. It hides little and proves nothing; it is what the national
 * exchange prescribes. */
#ifndef ADAPT_ENVELOPE_H
#define ADAPT_ENVELOPE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define ENVELOPE_KEY_BYTES 16

enum envelope_kind { ENVELOPE_NONE, ENVELOPE_AES_128_CBC, ENVELOPE_AES_128_ECB };

/* How the registered text becomes a key. */
enum envelope_digest {
    ENVELOPE_KEY_TEXT,     /* its 16 bytes are the key */
    ENVELOPE_KEY_SHA1PRNG, /* the first 16 bytes of SHA-1 of SHA-1 of it: what Java's generator of
                              keys makes of a seed by "SHA1PRNG" */
};

struct envelope {
    enum envelope_kind kind;
    enum envelope_digest digest;
};

/* ERR_INVALID with *why a static text (no key, bad base64, wrong key or broken text); ERR_NOMEM. */
MUST_CHECK enum err envelope_open(struct envelope how, struct span sealed, struct span key,
                                  struct arena *arena, struct span *plain, const char **why);
/* The other way, appended to out. ERR_INVALID when the key is none; ERR_NOMEM. */
MUST_CHECK enum err envelope_seal(struct envelope how, struct span plain, struct span key,
                                  struct buf *out);

#endif
