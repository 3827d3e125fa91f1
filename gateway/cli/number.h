/* SPDX-License-Identifier: Apache-2.0 */
/* Whole numbers as people type them behind an option. */
#ifndef CLI_NUMBER_H
#define CLI_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* True for ASCII digits alone, up to max. */
bool number_typed(const char *text, int64_t max, int64_t *out);

#endif
