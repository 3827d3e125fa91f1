/* SPDX-License-Identifier: Apache-2.0 */
/* GET /attachments/<64 hexadecimal digits>: a photo or document by its hash, as what it is and as
 * nothing else: never a page, never guessed at, never running anything. */
#ifndef ADMIN_ATTACHMENT_PAGE_H
#define ADMIN_ATTACHMENT_PAGE_H

#include "admin/http_stream.h"
#include "model/attachments.h"

/* Where they come from. ask: done is called exactly once, later; or an error and never. */
struct attachment_store_ops {
    enum err (*ask)(void *ctx, const uint8_t hash[DIGEST_BYTES], uint64_t from,
                    attachment_done done, void *arg);
};

struct attachment_serving {
    const struct attachment_store_ops *ops;
    void *ctx;
};

#define ATTACHMENT_PAGE_PREFIX "/attachments/"
/* For http_add_stream(), whose ctx is a struct attachment_serving *. */
void attachment_page_begin(void *ctx, const char *rest, struct http_stream *s);

#endif
