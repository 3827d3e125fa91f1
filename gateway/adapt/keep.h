/* SPDX-License-Identifier: Apache-2.0 */
/* What no field of the schema takes is kept beside the report, never dropped. Between keep.c and
 * translate.c. */
#ifndef ADAPT_KEEP_H
#define ADAPT_KEEP_H

#include "adapt/gather.h"

/* The members of the row that the record does not know, into the envelope's unknown members. ERR_OK
 * with the row's problem set when one cannot be kept; ERR_NOMEM. */
MUST_CHECK enum err keep_members(struct row *r);

#endif
