/* SPDX-License-Identifier: Apache-2.0 */
/* A whole file as text that lives in an arena. For mappings, samples and the command line. */
#ifndef ADAPT_LOAD_H
#define ADAPT_LOAD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

/* Errors as file_read(): ERR_NOT_FOUND, ERR_IO, ERR_FULL when larger than max_bytes, ERR_NOMEM. */
MUST_CHECK enum err load_file(const char *path, size_t max_bytes, struct arena *arena,
                              struct span *out);

#endif
