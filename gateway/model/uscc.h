/* SPDX-License-Identifier: Apache-2.0 */
/* Unified social credit code, GB 32100-2015, with the check character of the code and that of the
 * organisation code inside it (GB 11714). */
#ifndef MODEL_USCC_H
#define MODEL_USCC_H

#include <stdbool.h>

#include "base/span.h"

/* 18 characters, alphabet, and check character of GB 32100. */
bool uscc_valid(struct span code);
/* The check character for the first 17; 0 when a character is not of the alphabet. */
char uscc_check_character(const char first17[17]);
/* Check character of an 8-character organisation code (GB 11714). */
char org_code_check_character(const char first8[8]);

#endif
