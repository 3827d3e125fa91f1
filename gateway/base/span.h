/* SPDX-License-Identifier: Apache-2.0 */
/* A borrowed run of bytes: pointer and length, owns nothing, not NUL-terminated. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *at;
    size_t len;
};

#define SPAN_NONE      ((struct span){NULL, 0})
#define SPAN_LIT(text) ((struct span){"" text "", sizeof(text) - 1})
/* For printf("%.*s"). */
#define SPAN_ARG(s) (int)(s).len, (s).at ? (s).at : ""

static inline struct span span_of(const char *text)
{
    return (struct span){text, text ? strlen(text) : 0};
}

static inline bool span_eq(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool span_is(struct span a, const char *text)
{
    return span_eq(a, span_of(text));
}

static inline bool span_starts(struct span s, struct span head)
{
    return s.len >= head.len && (head.len == 0 || memcmp(s.at, head.at, head.len) == 0);
}

/* White space of ASCII off both ends. */
struct span span_trim(struct span s);
/* Takes everything up to the first `sep` off the front of *rest and returns it; at the end returns
 * what is left and sets rest->at to NULL. */
struct span span_cut(struct span *rest, char sep);

#endif
