/* SPDX-License-Identifier: Apache-2.0 */
/* Blocking reads: for start-up and the command line, not for the loop. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t)16384)

static size_t chunk(const struct buf *out)
{
    size_t left = out->max ? out->max - out->len : CHUNK_BYTES;
    return left < CHUNK_BYTES ? left : CHUNK_BYTES;
}

static enum err read_all(int fd, struct buf *out)
{
    for (;;) {
        size_t want = chunk(out);
        char last;
        char *to = want ? buf_reserve(out, want) : &last;
        if (!to) {
            return ERR_NOMEM;
        }
        ssize_t n = read(fd, to, want ? want : 1);
        if (n == 0) {
            return ERR_OK;
        }
        if (n < 0 && errno != EINTR) {
            return ERR_IO;
        }
        if (n > 0 && want == 0) {
            return ERR_FULL;
        }
        out->len += n > 0 ? (size_t)n : 0;
    }
}

enum err file_read(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    }
    enum err e = read_all(fd, out);
    int reason = errno;
    (void)close(fd);
    errno = reason;
    return e;
}
