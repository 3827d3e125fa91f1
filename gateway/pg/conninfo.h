/* SPDX-License-Identifier: Apache-2.0 */
/* From the settings to a session of the database: the one place that knows both. */
#ifndef PG_CONNINFO_H
#define PG_CONNINFO_H

#include "base/buf.h"
#include "base/err.h"
#include "conf/settings.h"
#include "pg/conn.h"

/* Appends the text, password included: never log it. ERR_IO or ERR_INVALID with a phrase in why
 * when the password's file is not as it must be; ERR_NOMEM. */
MUST_CHECK enum err conninfo_write(const struct settings *s, struct buf *out, struct buf *why);
/* How every session on the loop is opened. conninfo and who are borrowed. */
struct conn_config conn_config_of(const struct settings *s, const char *conninfo, const char *who);

#endif
