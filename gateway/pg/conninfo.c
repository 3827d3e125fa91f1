/* SPDX-License-Identifier: Apache-2.0 */
/* Values are quoted as libpq wants them: in single quotes, with backslashes before quotes and
 * backslashes. */
#include "pg/conninfo.h"

#include <inttypes.h>

#include "conf/secret.h"

/* A password is one short line. */
#define SECRET_BYTES_MAX ((size_t)16384)

static void put(struct buf *out, const char *keyword, const char *value)
{
    buf_printf(out, "%s='", keyword);
    for (const char *p = value; *p; p++) {
        if (*p == '\'' || *p == '\\') {
            buf_putc(out, '\\');
        }
        buf_putc(out, *p);
    }
    buf_puts(out, "' ");
}

enum err conninfo_write(const struct settings *s, struct buf *out, struct buf *why)
{
    struct arena arena;
    const char *password = NULL;
    arena_init(&arena, SECRET_BYTES_MAX);
    enum err err = secret_read(s->pg.password_file, &arena, &password, why);
    if (err == ERR_OK) {
        put(out, "host", s->pg.host);
        buf_printf(out, "port=%" PRId64 " ", s->pg.port);
        put(out, "dbname", s->pg.database);
        put(out, "user", s->pg.user);
        if (password) {
            put(out, "password", password);
        }
        err = buf_failed(out) ? ERR_NOMEM : ERR_OK;
    }
    arena_free(&arena);
    return err;
}

struct conn_config conn_config_of(const struct settings *s, const char *conninfo, const char *who)
{
    return (struct conn_config){
        .who = who,
        .conninfo = conninfo,
        .application = "dualgate",
        .connect_timeout_ms = (uint32_t)s->pg.connect_timeout_ms,
        .request_timeout_ms = (uint32_t)s->pg.statement_deadline_ms,
        .retry_first_ms = (uint32_t)s->pg.backoff_first_ms,
        .retry_max_ms = (uint32_t)s->pg.backoff_max_ms,
    };
}
