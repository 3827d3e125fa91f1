/* SPDX-License-Identifier: Apache-2.0 */
/* The one error type. Foreign codes (errno, UV_*, MOSQ_ERR_*, SQLSTATE) are translated to it where
 * they enter. What is wrong with a *report* is not an error of the program: see model/reason.h. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum err {
    ERR_OK = 0,
    ERR_NOMEM,     /* allocation failed, or a named maximum was reached while allocating */
    ERR_FULL,      /* a bounded queue or buffer takes no more now */
    ERR_CLOSED,    /* the object is closing or closed */
    ERR_SYNTAX,    /* text or bytes do not parse */
    ERR_INVALID,   /* parsed, but not allowed */
    ERR_NOT_FOUND, /* the thing named does not exist */
    ERR_IO,        /* file or socket trouble */
    ERR_TIMEOUT,   /* a deadline of ours has passed */
    ERR_TRANSIENT, /* asking again later may succeed (SQLSTATE 40, 53, 57, 08) */
    ERR_DATA,      /* the peer refuses these very data (SQLSTATE 22, 23) */
    ERR_FATAL,     /* our fault or theirs, never the data's (SQLSTATE 42, 0A, XX, 58): stop */
};

/* A short lower-case phrase for logs. Never NULL. */
const char *err_text(enum err e);

#endif
