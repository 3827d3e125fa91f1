/* SPDX-License-Identifier: Apache-2.0 */
#include "pg/schema_check.h"

#include <inttypes.h>

#include "pg/migrate.h"

const struct pg_statement schema_check_select = {
    "schema_check_select",
    "select no::int4, name::text, checksum::text from dg.migration order by no"};

static enum err check_row(int64_t no, struct span name, struct span checksum, struct buf *why)
{
    char expected[DIGEST_HEX + 1];
    if (no < 1 || (size_t)no >= embedded_migrations_count) {
        buf_printf(why, "the database has migration %.*s and is newer than this program",
                   SPAN_ARG(name));
        return ERR_INVALID;
    }
    migration_checksum(&embedded_migrations[no], expected);
    if (!span_is(checksum, expected)) {
        buf_printf(why, "migration %.*s was applied with another text than this program has",
                   SPAN_ARG(name));
        return ERR_INVALID;
    }
    return ERR_OK;
}

enum err schema_check_take(const struct pg_result *r, struct buf *why)
{
    for (size_t i = 0; i < result_rows(r); i++) {
        int64_t no = 0;
        struct span name = SPAN_NONE;
        struct span checksum = SPAN_NONE;
        if (!result_int(r, i, 0, &no) || !result_text(r, i, 1, &name) ||
            !result_text(r, i, 2, &checksum)) {
            return ERR_FATAL;
        }
        enum err err = check_row(no, name, checksum, why);
        if (err != ERR_OK) {
            return err;
        }
    }
    size_t wanted = embedded_migrations_count > 0 ? embedded_migrations_count - 1 : 0;
    if (result_rows(r) < wanted) {
        buf_printf(why, "the database lacks migration %s: run dualgate migrate",
                   embedded_migrations[result_rows(r) + 1].name);
        return ERR_INVALID;
    }
    return ERR_OK;
}
