# SPDX-License-Identifier: Apache-2.0
"""Unified social credit codes with a right check digit (GB 32100-2015), independent of the C code."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def org_check(first8):
    """The check digit of the organisation code inside (GB 11714)."""
    total = sum(int(c, 36) * w for c, w in zip(first8, ORG_WEIGHTS))
    return "0X987654321"[total % 11]


def check_digit(first17):
    total = sum(ALPHABET.index(c) * w for c, w in zip(first17, WEIGHTS))
    return ALPHABET[(31 - total % 31) % 31]


def uscc(n, division="410411"):
    """The n-th enterprise's code: the same number, the same code."""
    first8 = "MA%06d" % n
    first17 = "91" + division + first8 + org_check(first8)
    return first17 + check_digit(first17)
