/* SPDX-License-Identifier: Apache-2.0 */
/* The table of classes. What stands in no row is ERR_FATAL: stopping with a reason is better than
 * repeating for ever what nobody has thought about. */
#include "pg/sqlstate.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *prefix; /* the longest match wins: exceptions stand before their class */
    enum err err;
} classes[] = {
    {"00", ERR_OK},           /* successful completion */
    {"01", ERR_OK},           /* warning */
    {"02", ERR_OK},           /* no data */
    {"08", ERR_TRANSIENT},    /* connection */
    {"22", ERR_DATA},         /* data exception, bad UTF-8 (22021) included */
    {"23", ERR_DATA},         /* integrity constraint */
    {"25006", ERR_TRANSIENT}, /* read-only transaction: a primary that has just become a standby */
    {"25P03", ERR_TRANSIENT}, /* idle in transaction for too long: the session was ended */
    {"28", ERR_TRANSIENT},    /* not authorised to connect: a password may be set while we wait */
    {"3D", ERR_TRANSIENT},    /* no such database: it may be created while we wait */
    {"40", ERR_TRANSIENT},    /* rollback: serialization, deadlock */
    {"53", ERR_TRANSIENT},    /* resources: disk full, memory, connections */
    {"54000", ERR_DATA}, /* a value beyond a limit of the server, as a key too long for its index */
    {"55P03", ERR_TRANSIENT}, /* lock not available in time */
    {"57", ERR_TRANSIENT},    /* operator intervention, shutdown, statement timeout */
};

enum err sqlstate_err(const char *state)
{
    if (!state || state[0] == '\0') {
        return ERR_TRANSIENT;
    }
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (strncmp(state, classes[i].prefix, strlen(classes[i].prefix)) == 0) {
            return classes[i].err;
        }
    }
    return ERR_FATAL;
}
