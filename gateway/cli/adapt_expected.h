/* SPDX-License-Identifier: Apache-2.0 */
/* What came of a native message, as lines of a sample's FILE.expected.jsonl. */
#ifndef CLI_ADAPT_EXPECTED_H
#define CLI_ADAPT_EXPECTED_H

#include <stdbool.h>

#include "model/report.h"
#include "model/schema.h"

/* Prints a line for each report, or one for a message that could not be read. True when nothing was
 * rejected. */
bool adapt_expected_print(const struct schema *schema, const struct report_set *set);

#endif
