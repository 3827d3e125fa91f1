/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool number_typed(const char *text, int64_t max, int64_t *out)
{
    if (text == NULL || text[0] == '\0' || strspn(text, "0123456789") != strlen(text)) {
        return false;
    }
    errno = 0;
    long long v = strtoll(text, NULL, 10);
    *out = v;
    return errno == 0 && v <= max;
}
