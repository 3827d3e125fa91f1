/* SPDX-License-Identifier: Apache-2.0 */
/* Rules across fields about the grading of risks: what was reported against what its own inputs
 * give. The reported value stays; a disagreement is a finding. Rows of the table in model/cross.c.
 */
#ifndef MODEL_CROSS_RISK_H
#define MODEL_CROSS_RISK_H

#include "model/cross_rule.h"

/* Of a risk_event: value and level by LEC or LS. */
void cross_risk_event(const struct cross *c);
/* Of a record with r_value and grade: the grade of a major installation. */
void cross_risk_installation(const struct cross *c);

#endif
