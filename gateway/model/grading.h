/* SPDX-License-Identifier: Apache-2.0 */
/* Risk grading recomputed from its inputs: LEC (D = L·E·C), LS (R = L·S) and the R value of a major
 * hazard installation. Exact: everything is integers or decimal text, never a binary fraction (in
 * doubles 36 of the 252 products of LEC are wrong in the last place). For: comparing with what was
 * reported. Not for: replacing it. Pure, allocates nothing. */
#ifndef MODEL_GRADING_H
#define MODEL_GRADING_H

#include <stdbool.h>

#include "model/schema.h"

#define GRADING_VALUE_MAX 24

enum grading_outcome {
    GRADING_DONE,
    GRADING_NOT_APPLICABLE, /* judgement and the like, or an input is absent */
    GRADING_INPUT_UNKNOWN,  /* an input is not one of the method's values */
    GRADING_METHOD_UNKNOWN, /* the thresholds of this method version are not known */
};

struct grading_input {
    Dualgate__V1__RiskMethod__Code method;
    const char *method_version; /* or NULL: the usual one */
    /* Valid decimals of the reported fields; NULL where absent. LS takes severity as S. */
    const char *likelihood, *exposure, *consequence, *severity;
    bool lec_70_is_general; /* the one boundary that LEC can meet: D = 70 is 一般, else 低 */
};

struct grading {
    enum grading_outcome outcome;
    const char *input;             /* of GRADING_INPUT_UNKNOWN: the field's name */
    char value[GRADING_VALUE_MAX]; /* decimal: "120", "0.05" */
    Dualgate__V1__RiskLevel__Code level;
    bool major_unreachable; /* the thresholds put 重大 above the matrix's largest product */
};

/* Method versions of LS: NULL, "" and names holding "2882" are the usual set (重大 from 20, 较大
 * from 15, 一般 from 9, matrix 5×5). A set is written as its three lower limits, "15/9/4"; a matrix
 * other than 5×5 in front, "6x6:24/15/8". Any other is unknown. LS2 has no usual set. */
struct grading grading_risk(const struct grading_input *in);

/* GB 18218-2018: 一级 from 100, 二级 from 50, 三级 from 10, else 四级. r: a valid decimal, not
 * negative. */
Dualgate__V1__InstallationGrade__Code grading_installation(const char *r);

#endif
