/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a spreadsheet of industry and trade, in either encoding. The first byte says which:
 * even GB18030, odd UTF-8. */
#include <stdint.h>

#include "adapt_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct adapt_fuzz *f = adapt_fuzz("gongmao");
    if (size == 0) {
        return 0;
    }
    f->trial.charset = data[0] % 2 == 0 ? SPAN_LIT("GB18030") : SPAN_LIT("UTF-8");
    fuzz_take(f, (struct span){(const char *)data + 1, size - 1});
    return 0;
}
