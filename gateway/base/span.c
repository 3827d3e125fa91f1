/* SPDX-License-Identifier: Apache-2.0 */
/* The two things done to spans that are more than a line. Never copies, never allocates. */
#include "base/span.h"

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct span span_trim(struct span s)
{
    while (s.len > 0 && is_space(s.at[s.len - 1])) {
        s.len--;
    }
    while (s.len > 0 && is_space(s.at[0])) {
        s.at++;
        s.len--;
    }
    return s;
}

struct span span_cut(struct span *rest, char sep)
{
    struct span head = *rest;
    const char *end = head.len ? memchr(head.at, sep, head.len) : NULL;
    if (!end) {
        *rest = SPAN_NONE;
        return head;
    }
    head.len = (size_t)(end - head.at);
    rest->at = end + 1;
    rest->len -= head.len + 1;
    return head;
}
