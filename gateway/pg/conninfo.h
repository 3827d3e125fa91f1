/* SPDX-License-Identifier: Apache-2.0 */
/* The connection string of libpq made of the settings, quoted; for conn.h and sync.h. */
#ifndef PG_CONNINFO_H
#define PG_CONNINFO_H

#include "base/buf.h"
#include "conf/settings.h"

/* password may be NULL. The text holds the password: never log it. */
void conninfo_write(const struct settings *settings, const char *password, struct buf *out);

#endif
