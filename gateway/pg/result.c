/* SPDX-License-Identifier: Apache-2.0 */
/* Binary values of PostgreSQL 15: big-endian integers, times in microseconds since 2000-01-01. */
#include "pg/result.h"

#include <libpq-fe.h>
#include <stdlib.h>

/* Type oids of the server's catalogue (pg_type.dat); fixed since they exist. */
enum {
    OID_BOOL = 16,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_VARCHAR = 1043,
    OID_TIMESTAMPTZ = 1184
};

/* 2000-01-01 in microseconds since 1970-01-01. */
#define EPOCH_2000_US INT64_C(946684800000000)

size_t result_rows(const struct pg_result *r)
{
    return r ? (size_t)PQntuples(r) : 0;
}

int64_t result_affected(const struct pg_result *r)
{
    /* libpq's signature lacks const; the result is not changed. */
    union {
        const PGresult *in;
        PGresult *out;
    } same = {r};
    return r ? strtoll(PQcmdTuples(same.out), NULL, 10) : 0;
}

const char *result_tag(const struct pg_result *r)
{
    union {
        const PGresult *in;
        PGresult *out;
    } same = {r};
    return r ? PQcmdStatus(same.out) : "";
}

static bool inside(const struct pg_result *r, size_t row, int col)
{
    return r && row < result_rows(r) && col >= 0 && col < PQnfields(r) && PQfformat(r, col) == 1;
}

bool result_null(const struct pg_result *r, size_t row, int col)
{
    return !inside(r, row, col) || PQgetisnull(r, (int)row, col);
}

bool result_bytes(const struct pg_result *r, size_t row, int col, struct span *out)
{
    if (result_null(r, row, col)) {
        return false;
    }
    *out = (struct span){PQgetvalue(r, (int)row, col), (size_t)PQgetlength(r, (int)row, col)};
    return true;
}

/* A big-endian two's complement number of n bytes. */
static int64_t signed_be(struct span s)
{
    uint64_t v = (uint8_t)s.at[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < s.len; i++) {
        v = v << 8 | (uint8_t)s.at[i];
    }
    int64_t out;
    memcpy(&out, &v, sizeof out);
    return out;
}

static bool typed(const struct pg_result *r, size_t row, int col, Oid type, size_t len,
                  struct span *out)
{
    return result_bytes(r, row, col, out) && PQftype(r, col) == type && out->len == len;
}

bool result_int(const struct pg_result *r, size_t row, int col, int64_t *out)
{
    struct span s;
    if (!typed(r, row, col, OID_INT8, 8, &s) && !typed(r, row, col, OID_INT4, 4, &s) &&
        !typed(r, row, col, OID_INT2, 2, &s)) {
        return false;
    }
    *out = signed_be(s);
    return true;
}

bool result_bool(const struct pg_result *r, size_t row, int col, bool *out)
{
    struct span s;
    if (!typed(r, row, col, OID_BOOL, 1, &s)) {
        return false;
    }
    *out = s.at[0] != 0;
    return true;
}

bool result_text(const struct pg_result *r, size_t row, int col, struct span *out)
{
    struct span s;
    if (!result_bytes(r, row, col, &s)) {
        return false;
    }
    Oid type = PQftype(r, col);
    if (type != OID_TEXT && type != OID_VARCHAR && type != OID_NAME) {
        return false;
    }
    *out = s;
    return true;
}

bool result_time(const struct pg_result *r, size_t row, int col, int64_t *out_us)
{
    struct span s;
    if (!typed(r, row, col, OID_TIMESTAMPTZ, 8, &s)) {
        return false;
    }
    int64_t us = signed_be(s);
    if (us == INT64_MAX || us == INT64_MIN || us > INT64_MAX - EPOCH_2000_US) {
        return false;
    }
    *out_us = us + EPOCH_2000_US;
    return true;
}
