/* SPDX-License-Identifier: Apache-2.0 */
/* Adapters as pipe/ wants them: reading native messages, and answering in a format's own way. The
 * ctx of both is a struct mappings. */
#ifndef APP_NATIVE_H
#define APP_NATIVE_H

#include "pipe/intake.h"
#include "pipe/settle.h"

extern const struct native_ops native_reading;
extern const struct native_answer_ops native_answering;

#endif
