/* SPDX-License-Identifier: Apache-2.0 */
/* A listening TCP socket at a numeric address. */
#ifndef ADMIN_LISTEN_H
#define ADMIN_LISTEN_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* port 0: a free one; *taken is the one it got. The caller closes *fd. ERR_INVALID for an address
 * that is none, ERR_IO when it cannot be had; a phrase is appended to why. */
MUST_CHECK enum err listen_open(const char *host, uint16_t port, int *fd, uint16_t *taken,
                                struct buf *why);

#endif
