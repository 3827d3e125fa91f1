/* SPDX-License-Identifier: Apache-2.0 */
#include "adapt/load.h"

#include "base/file.h"

enum err load_file(const char *path, size_t max_bytes, struct arena *arena, struct span *out)
{
    struct buf bytes;
    buf_init(&bytes, max_bytes);
    *out = SPAN_NONE;
    enum err err = file_read(path, &bytes);
    if (err == ERR_OK) {
        char *copy = arena_strndup(arena, bytes.data ? bytes.data : "", bytes.len);
        *out = (struct span){copy, bytes.len};
        err = copy ? ERR_OK : ERR_NOMEM;
    }
    buf_free(&bytes);
    return err;
}
