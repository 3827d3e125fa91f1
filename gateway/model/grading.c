/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of the methods, then products of their scaled values against limits. */
#include "model/grading.h"

#include <inttypes.h>
#include <stdio.h>

#include "model/decimal.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
/* L and E are held in tenths, C whole, so D is held in hundredths. */
#define LEC_SCALE    INT64_C(100)
#define LEC_70       (70 * LEC_SCALE)
#define LIMIT_DIGITS 3
#define MATRIX_MAX   9

struct scaled {
    const char *text;
    int64_t number;
};

static const struct scaled likelihoods[] = {{"10", 100}, {"6", 60},  {"3", 30}, {"1", 10},
                                            {"0.5", 5},  {"0.2", 2}, {"0.1", 1}};
static const struct scaled exposures[] = {{"10", 100}, {"6", 60}, {"3", 30},
                                          {"2", 20},   {"1", 10}, {"0.5", 5}};
static const struct scaled consequences[] = {{"100", 100}, {"40", 40}, {"15", 15},
                                             {"7", 7},     {"3", 3},   {"1", 1}};

/* 0 when the value is none of the table. Compared as numbers: 10.0 is 10. */
static int64_t scaled_of(const struct scaled *table, size_t n, const char *value)
{
    for (size_t i = 0; i < n; i++) {
        if (decimal_compare(span_of(table[i].text), span_of(value)) == 0) {
            return table[i].number;
        }
    }
    return 0;
}

static struct grading unknown_input(const char *field)
{
    return (struct grading){.outcome = GRADING_INPUT_UNKNOWN, .input = field};
}

/* ---- LEC ---- */

static Dualgate__V1__RiskLevel__Code lec_level(int64_t hundredths, bool lec_70_is_general)
{
    if (hundredths > 320 * LEC_SCALE) {
        return DUALGATE__V1__RISK_LEVEL__CODE__MAJOR;
    }
    if (hundredths >= 160 * LEC_SCALE) {
        return DUALGATE__V1__RISK_LEVEL__CODE__CONSIDERABLE;
    }
    if (hundredths > LEC_70 || (hundredths == LEC_70 && lec_70_is_general)) {
        return DUALGATE__V1__RISK_LEVEL__CODE__GENERAL;
    }
    return DUALGATE__V1__RISK_LEVEL__CODE__LOW;
}

static void write_hundredths(int64_t hundredths, char out[GRADING_VALUE_MAX])
{
    int len = snprintf(out, GRADING_VALUE_MAX, "%" PRId64 ".%02d", hundredths / LEC_SCALE,
                       (int)(hundredths % LEC_SCALE));
    while (len > 0 && out[len - 1] == '0') {
        out[--len] = '\0';
    }
    if (len > 0 && out[len - 1] == '.') {
        out[len - 1] = '\0';
    }
}

static struct grading grade_lec(const struct grading_input *in)
{
    if (!in->likelihood || !in->exposure || !in->consequence) {
        return (struct grading){.outcome = GRADING_NOT_APPLICABLE};
    }
    int64_t l = scaled_of(likelihoods, N(likelihoods), in->likelihood);
    int64_t e = scaled_of(exposures, N(exposures), in->exposure);
    int64_t c = scaled_of(consequences, N(consequences), in->consequence);
    if (l == 0 || e == 0 || c == 0) {
        return unknown_input(l == 0 ? "likelihood" : e == 0 ? "exposure" : "consequence");
    }
    int64_t hundredths = l * e * c;
    struct grading g = {.outcome = GRADING_DONE,
                        .level = lec_level(hundredths, in->lec_70_is_general)};
    write_hundredths(hundredths, g.value);
    return g;
}

/* ---- LS ---- */

/* Lower limits of the products; below the last is 低. */
struct matrix {
    int size;
    int major, considerable, general;
};

/* Digits, then the mark, which is passed over. */
static bool take_number(struct span *rest, char mark, int *out)
{
    struct span word = span_cut(rest, mark);
    *out = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (i == LIMIT_DIGITS || word.at[i] < '0' || word.at[i] > '9') {
            return false;
        }
        *out = *out * 10 + (word.at[i] - '0');
    }
    return word.len > 0;
}

/* "6x6:24/15/8" or "15/9/4". */
static bool parse_matrix(const char *text, struct matrix *out)
{
    struct span rest = span_of(text);
    int rows = 5;
    int columns = 5;
    if (strchr(text, ':') &&
        (!take_number(&rest, 'x', &rows) || !take_number(&rest, ':', &columns))) {
        return false;
    }
    bool read = take_number(&rest, '/', &out->major) &&
                take_number(&rest, '/', &out->considerable) &&
                take_number(&rest, '\0', &out->general) && rest.at == NULL;
    out->size = rows;
    return read && rows == columns && rows >= 2 && rows <= MATRIX_MAX &&
           out->major > out->considerable && out->considerable > out->general && out->general > 0;
}

static bool matrix_of(const struct grading_input *in, struct matrix *out)
{
    const char *version = in->method_version ? in->method_version : "";
    bool usual = version[0] == '\0' || strstr(version, "2882");
    if (usual && in->method == DUALGATE__V1__RISK_METHOD__CODE__LS) {
        *out = (struct matrix){5, 20, 15, 9};
        return true;
    }
    return parse_matrix(version, out);
}

static Dualgate__V1__RiskLevel__Code matrix_level(const struct matrix *m, int product)
{
    return product >= m->major          ? DUALGATE__V1__RISK_LEVEL__CODE__MAJOR
           : product >= m->considerable ? DUALGATE__V1__RISK_LEVEL__CODE__CONSIDERABLE
           : product >= m->general      ? DUALGATE__V1__RISK_LEVEL__CODE__GENERAL
                                        : DUALGATE__V1__RISK_LEVEL__CODE__LOW;
}

/* 1 to size as a number, 0 when it is none of them. */
static int step_of(const char *value, int size)
{
    for (int i = 1; i <= size; i++) {
        char text[12];
        snprintf(text, sizeof text, "%d", i);
        if (decimal_compare(span_of(text), span_of(value)) == 0) {
            return i;
        }
    }
    return 0;
}

static struct grading grade_ls(const struct grading_input *in)
{
    struct matrix m;
    if (!in->likelihood || !in->severity) {
        return (struct grading){.outcome = GRADING_NOT_APPLICABLE};
    }
    if (!matrix_of(in, &m)) {
        return (struct grading){.outcome = GRADING_METHOD_UNKNOWN};
    }
    int l = step_of(in->likelihood, m.size);
    int s = step_of(in->severity, m.size);
    if (l == 0 || s == 0) {
        return unknown_input(l == 0 ? "likelihood" : "severity");
    }
    struct grading g = {.outcome = GRADING_DONE,
                        .level = matrix_level(&m, l * s),
                        .major_unreachable = m.major > m.size * m.size};
    snprintf(g.value, sizeof g.value, "%d", l * s);
    return g;
}

/* ---- ---- */

struct grading grading_risk(const struct grading_input *in)
{
    if (in->method == DUALGATE__V1__RISK_METHOD__CODE__LEC) {
        return grade_lec(in);
    }
    if (in->method == DUALGATE__V1__RISK_METHOD__CODE__LS ||
        in->method == DUALGATE__V1__RISK_METHOD__CODE__LS2) {
        return grade_ls(in);
    }
    return (struct grading){.outcome = GRADING_NOT_APPLICABLE};
}

Dualgate__V1__InstallationGrade__Code grading_installation(const char *r)
{
    static const struct {
        const char *from;
        Dualgate__V1__InstallationGrade__Code grade;
    } grades[] = {{"100", DUALGATE__V1__INSTALLATION_GRADE__CODE__FIRST},
                  {"50", DUALGATE__V1__INSTALLATION_GRADE__CODE__SECOND},
                  {"10", DUALGATE__V1__INSTALLATION_GRADE__CODE__THIRD}};
    for (size_t i = 0; i < N(grades); i++) {
        if (decimal_compare(span_of(r), span_of(grades[i].from)) >= 0) {
            return grades[i].grade;
        }
    }
    return DUALGATE__V1__INSTALLATION_GRADE__CODE__FOURTH;
}
