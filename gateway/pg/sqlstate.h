/* SPDX-License-Identifier: Apache-2.0 */
/* SQLSTATE to our error type, by class. Whose fault it is decides what is done: 22 and 23 are the
 * data's (look for the report), 08, 40, 53 and 57 pass (ask again), everything else stops the
 * asker. */
#ifndef PG_SQLSTATE_H
#define PG_SQLSTATE_H

#include "base/err.h"

#define SQLSTATE_LEN 5

/* state: five characters. NULL or an empty text is a connection that broke without a word of the
 * server: ERR_TRANSIENT. "00…" is ERR_OK. */
enum err sqlstate_err(const char *state);

#endif
