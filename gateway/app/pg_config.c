/* SPDX-License-Identifier: Apache-2.0 */
#include "app/pg_config.h"

struct conn_config pg_config_of(const struct settings *s, const char *conninfo, const char *who)
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
