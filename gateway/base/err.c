/* SPDX-License-Identifier: Apache-2.0 */
/* The phrases of enum err. For logs and for people at a terminal; what a report is told has its own
 * list. Promises a phrase for every value, known or not. */
#include "base/err.h"

const char *err_text(enum err e)
{
    switch (e) {
    case ERR_OK:
        return "done";
    case ERR_NOMEM:
        return "out of memory";
    case ERR_FULL:
        return "full";
    case ERR_CLOSED:
        return "closed";
    case ERR_SYNTAX:
        return "malformed";
    case ERR_INVALID:
        return "not allowed";
    case ERR_NOT_FOUND:
        return "not found";
    case ERR_IO:
        return "input or output failed";
    case ERR_TIMEOUT:
        return "deadline passed";
    case ERR_TRANSIENT:
        return "failed for now";
    case ERR_DATA:
        return "data refused";
    case ERR_FATAL:
        return "failed for good";
    }
    return "unknown error";
}
