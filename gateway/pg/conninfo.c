/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/conninfo.h"

#include <inttypes.h>

/* libpq wants values in single quotes, with \ before quotes and backslashes. */
static void keyword(struct buf *out, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0') {
        return;
    }
    buf_printf(out, "%s='", name);
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '\'' || *at == '\\') {
            buf_putc(out, '\\');
        }
        buf_putc(out, *at);
    }
    buf_puts(out, "' ");
}

void conninfo_write(const struct settings *settings, const char *password, struct buf *out)
{
    keyword(out, "host", settings->pg.host);
    buf_printf(out, "port=%" PRId64 " ", settings->pg.port);
    keyword(out, "dbname", settings->pg.database);
    keyword(out, "user", settings->pg.user);
    keyword(out, "password", password);
}
