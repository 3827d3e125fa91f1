/* SPDX-License-Identifier: Apache-2.0 */
/* The schema for all tests of a file: cmocka_run_group_tests(tests, load, unload).
 * Included behind cmocka.h's own headers, once for a binary. */
#ifndef UNIT_WITH_SCHEMA_H
#define UNIT_WITH_SCHEMA_H

#include "model/schema.h"

static struct schema *schema;

static int load(void **state)
{
    (void)state;
    const char *why = NULL;
    return schema_load(&schema, &why) == ERR_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    schema_free(schema);
    return 0;
}

#endif
