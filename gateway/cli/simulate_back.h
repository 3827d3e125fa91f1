/* SPDX-License-Identifier: Apache-2.0 */
/* One canonical value back through the steps of its mapping, to what the source would have written.
 * Not every mapping can be walked so: of two words for one code the first is taken. */
#ifndef CLI_SIMULATE_BACK_H
#define CLI_SIMULATE_BACK_H

#include "adapt/mapping.h"

#define SIM_BACK_BYTES 64

/* The source's text; borrowed from value, the mapping or room. company_code: of the entity, or
 * NULL. */
const char *sim_back(const struct target *t, const char *company_code, const char *value,
                     char room[SIM_BACK_BYTES]);
/* The source's code for a value; NULL when its list has none. The step is a STEP_CODES. */
const char *sim_back_code(const struct step *step, const char *value);

#endif
