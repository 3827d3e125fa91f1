/* SPDX-License-Identifier: Apache-2.0 */
/* What of a set of adapters only adapt/ itself asks. */
#ifndef ADAPT_ADAPTERS_H
#define ADAPT_ADAPTERS_H

#include "adapt/adapt.h"

const struct read_limits *adapters_limits(const struct adapters *a);
const struct schema *adapters_schema(const struct adapters *a);

#endif
