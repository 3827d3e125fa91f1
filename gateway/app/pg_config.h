/* SPDX-License-Identifier: Apache-2.0 */
/* From the settings to a connection's configuration; every connection of the gateway has the same.
 */
#ifndef APP_PG_CONFIG_H
#define APP_PG_CONFIG_H

#include "conf/settings.h"
#include "pg/conn.h"

/* conninfo and who are borrowed. */
struct conn_config pg_config_of(const struct settings *s, const char *conninfo, const char *who);

#endif
