/* SPDX-License-Identifier: Apache-2.0 */
/* A listening TCP socket of our own instead of the library's, because the library would not say why
 * it cannot listen, nor which free port it got. */
#include "admin/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN_BACKLOG 64

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* Length of the address, 0 if host is none. */
static socklen_t parse_address(const char *host, uint16_t port, union address *out)
{
    *out = (union address){0};
    if (inet_pton(AF_INET, host, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(port);
        return sizeof(out->v4);
    }
    if (inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons(port);
        return sizeof(out->v6);
    }
    return 0;
}

/* The listening socket, or -1 with errno. Sets the port that was really taken. */
static int listen_at(union address *address, socklen_t len, uint16_t *port)
{
    int yes = 1;
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
        bind(fd, &address->any, len) == 0 && listen(fd, LISTEN_BACKLOG) == 0 &&
        getsockname(fd, &address->any, &len) == 0) {
        *port =
            ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port : address->v6.sin6_port);
        return fd;
    }
    int reason = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    errno = reason;
    return -1;
}

enum err listen_open(const char *host, uint16_t port, int *fd, uint16_t *taken, struct buf *why)
{
    union address address;
    socklen_t len = parse_address(host, port, &address);
    *fd = -1;
    if (len == 0) {
        buf_printf(why, "%s is no numeric address", host);
        return ERR_INVALID;
    }
    *fd = listen_at(&address, len, taken);
    if (*fd < 0) {
        buf_printf(why, "%s port %u: %s", host, port, strerror(errno));
        return ERR_IO;
    }
    return ERR_OK;
}
