/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a mapping file: it compiles, or says at least one thing that is wrong with it. */
#include <stdint.h>

#include "adapt_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct schema *schema;
    const char *why = NULL;
    struct mapping *m = NULL;
    struct buf complaints;
    if (!schema) {
        fuzz_require(schema_load(&schema, &why) == ERR_OK);
    }
    buf_init(&complaints, 1 << 20);
    enum err err = mapping_compile((struct span){(const char *)data, size}, "m.yaml", "x", schema,
                                   &m, &complaints);
    fuzz_require(m ? err == ERR_OK && complaints.len == 0
                   : err == ERR_NOMEM || (err == ERR_INVALID && complaints.len > 0));
    mapping_free(m);
    buf_free(&complaints);
    return 0;
}
