/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a password: the file is opened once and everything is asked of that descriptor, so that
 * it cannot be exchanged between the look and the reading. */
#include "conf/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_BYTES_MAX 1024

/* Opens and looks at it; -1 with a phrase in why. */
static int open_secret(const char *path, struct buf *why, enum err *error)
{
    struct stat st;
    *error = ERR_IO;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0) {
        buf_printf(why, "cannot be read: %s", strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        buf_puts(why, "is no file");
    } else if (st.st_mode & S_IRWXO) {
        *error = ERR_INVALID;
        buf_printf(why, "is open to others (mode %03o); chmod o-rwx it",
                   (unsigned)(st.st_mode & 0777));
    } else {
        *error = ERR_OK;
        return fd;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return -1;
}

enum err secret_check(const char *path, struct buf *why)
{
    enum err e;
    int fd = open_secret(path, why, &e);
    if (fd >= 0) {
        (void)close(fd);
    }
    return e;
}

enum err secret_read(const char *path, struct arena *arena, const char **out, struct buf *why)
{
    *out = NULL;
    if (path[0] == '\0') {
        return ERR_OK;
    }
    enum err e;
    int fd = open_secret(path, why, &e);
    if (fd < 0) {
        return e;
    }
    char text[SECRET_BYTES_MAX + 2];
    ssize_t n = read(fd, text, sizeof(text) - 1);
    (void)close(fd);
    if (n < 0) {
        buf_printf(why, "cannot be read: %s", strerror(errno));
        return ERR_IO;
    }
    text[n] = '\0';
    size_t len = strcspn(text, "\r\n");
    if (len == 0 || len > SECRET_BYTES_MAX || (len < (size_t)n && text[len] == '\0')) {
        buf_printf(why, "must hold one line of 1 to %d bytes", SECRET_BYTES_MAX);
        return ERR_INVALID;
    }
    *out = arena_strndup(arena, text, len);
    return *out ? ERR_OK : ERR_NOMEM;
}
