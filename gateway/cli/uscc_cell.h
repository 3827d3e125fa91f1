/* SPDX-License-Identifier: Apache-2.0 */
/* A cell that should hold a unified social credit code, after spreadsheets and people had their
 * hands in it. Width, case and spaces are put right; nothing else is: a code that is wrong is told
 * with what probably happened to it. */
#ifndef CLI_USCC_CELL_H
#define CLI_USCC_CELL_H

#include <stdbool.h>

#include "base/buf.h"

#define USCC_CHARS 18

/* True with the code in out. False with a phrase in why. */
bool uscc_cell(struct span cell, char out[USCC_CHARS + 1], struct buf *why);

#endif
