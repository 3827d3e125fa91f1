/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of documents in the one form in which they are compared: 平湛安〔2020〕3号. Sources write
 * the brackets around the year as [], (), （）, 【】 or ﹝﹞, digits in full width, and spaces. */
#ifndef MODEL_DOC_NO_H
#define MODEL_DOC_NO_H

#include "base/arena.h"
#include "base/span.h"

/* The canonical text in the arena, NULL when it is exhausted. Brackets that hold no year of four
 * digits stay as they are. */
const char *doc_no_canonical(struct span text, struct arena *arena);

#endif
