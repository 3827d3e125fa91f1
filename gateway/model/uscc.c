/* SPDX-License-Identifier: Apache-2.0 */
/* Unified social credit code: the two check characters, and nothing about who holds the code. Every
 * code of GB 32100 carries an organisation code in its characters 9 to 17, whatever its class, so
 * both checks are asked of every code. */
#include "model/uscc.h"

#define ORG_CODE_AT   8
#define ORG_CODE_BODY 8

/* GB 32100: digits and capitals without I, O, S, V, Z. */
static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int code_value_of(char c)
{
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

char uscc_check_character(const char first17[17])
{
    static const int weight[17] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    int sum = 0;
    for (int i = 0; i < 17; i++) {
        int value = code_value_of(first17[i]);
        if (value < 0) {
            return 0;
        }
        sum += value * weight[i];
    }
    return alphabet[(31 - sum % 31) % 31];
}

char org_code_check_character(const char first8[8])
{
    static const int weight[8] = {3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 8; i++) {
        char c = first8[i];
        if (c >= '0' && c <= '9') {
            sum += (c - '0') * weight[i];
        } else if (c >= 'A' && c <= 'Z') {
            sum += (c - 'A' + 10) * weight[i];
        } else {
            return 0;
        }
    }
    return "0X987654321"[sum % 11];
}

bool uscc_valid(struct span code)
{
    return code.len == 18 && uscc_check_character(code.at) == code.at[17] &&
           org_code_check_character(code.at + ORG_CODE_AT) == code.at[ORG_CODE_AT + ORG_CODE_BODY];
}
