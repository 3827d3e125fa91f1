/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a whole file, bounded by the buffer's maximum. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/err.h"

/* Appends the file's bytes. ERR_NOT_FOUND or ERR_IO with errno set; ERR_FULL when it is larger than
 * the buffer may be; ERR_NOMEM. */
MUST_CHECK enum err file_read(const char *path, struct buf *out);

#endif
