/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords stand in files of their own, which only their owner and group may read. */
#ifndef CONF_SECRET_H
#define CONF_SECRET_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* The first line of the file, without its end, copied into the arena. "" as path gives *out = NULL
 * and ERR_OK. ERR_IO: cannot be read; ERR_INVALID: readable by others, empty, too long or with a
 * NUL; then a phrase is appended to why. */
MUST_CHECK enum err secret_read(const char *path, struct arena *arena, const char **out,
                                struct buf *why);
/* Only looks whether secret_read would take the file's place and permissions. */
MUST_CHECK enum err secret_check(const char *path, struct buf *why);

#endif
