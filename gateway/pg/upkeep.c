/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/upkeep.h"

#include "pg/binary.h"

static const struct pg_statement raw_partitions = {
    NULL, "select dg.raw_partition_ensure((now() at time zone 'Asia/Shanghai')::date + d)"
          "  from generate_series(0, 1) d"};

static const struct pg_statement prune = {
    NULL, "select dg.raw_prune($1::int4), dg.audit_prune($2::int4), dg.attachment_prune($3::int4)"};

enum err upkeep_send(struct conn *conn, uint32_t raw_days, uint32_t audit_days,
                     uint32_t attachment_days, conn_done done, void *arg)
{
    uint8_t raw[4];
    uint8_t audit[4];
    binary_int4(raw, (int32_t)raw_days);
    binary_int4(audit, (int32_t)audit_days);
    uint8_t attachment[4];
    binary_int4(attachment, (int32_t)attachment_days);
    const struct pg_param days[] = {
        {raw, sizeof raw}, {audit, sizeof audit}, {attachment, sizeof attachment}};
    const struct pg_step steps[] = {{&raw_partitions, NULL, 0}, {&prune, days, 3}};
    return conn_send(conn, steps, 2, 0, done, arg);
}
