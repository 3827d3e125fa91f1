/* SPDX-License-Identifier: Apache-2.0 */
/* From a conninfo text to the parameters of PQconnectStartParams, with every host name resolved on
 * libuv's thread pool: libpq itself would block the loop for ten seconds on a dead resolver. A name
 * with several addresses becomes several hosts. Socket directories and addresses stay as they are.
 */
#ifndef PG_RESOLVE_H
#define PG_RESOLVE_H

#include <uv.h>

#include "base/err.h"

struct resolve;

/* ready: ERR_OK (then resolve_params() may be asked) or why not; called once per resolve_start(),
 * never from inside it. */
typedef void (*resolve_ready)(void *arg, enum err err, const char *why);

/* conninfo is parsed now: ERR_SYNTAX with *why (to be freed by PQfreemem) or ERR_NOMEM. */
MUST_CHECK enum err resolve_new(struct resolve **out, uv_loop_t *loop, const char *conninfo,
                                char **why);
/* ERR_FULL while an earlier question is still with the resolver. */
MUST_CHECK enum err resolve_start(struct resolve *r, resolve_ready ready, void *arg);
/* The answer is no longer wanted: ready will not be called. */
void resolve_abandon(struct resolve *r);
/* Keyword and value arrays ended by NULL, with room for `extra` more pairs written over the end by
 * resolve_add(). They live until the next resolve_start() or resolve_free(). */
void resolve_add(struct resolve *r, const char *keyword, const char *value);
const char *const *resolve_keywords(const struct resolve *r);
const char *const *resolve_values(const struct resolve *r);
/* Freed as soon as the resolver gives back what it holds; then freed() is called (perhaps at once).
 */
void resolve_free(struct resolve *r, void (*freed)(void *arg), void *arg);

#endif
