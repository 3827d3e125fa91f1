/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine or a person asks first: is it alive (/healthz), is it ready and if not why
 * (/readyz), its metrics (/metrics), and one plain page of figures (/). Knows nothing of lanes or
 * databases: the owner says. */
#ifndef ADMIN_HEALTH_H
#define ADMIN_HEALTH_H

#include <stdbool.h>

#include "admin/http.h"

/* One pair; both texts are borrowed for the call. */
typedef void (*health_say)(void *arg, const char *name, const char *text);

struct health_ops {
    /* Says (who, why) for everything that keeps the gateway from being ready; nothing when it is:
     * say(arg, "lane 1", "no database connection"). */
    void (*reasons)(void *ctx, health_say say, void *arg);
    /* Says (name, value) for the page, in Chinese or English. */
    void (*figures)(void *ctx, bool english, health_say say, void *arg);
};

struct health {
    const struct health_ops *ops;
    void *ctx;
};

/* For http_new(), whose ctx is then a struct health *. */
extern const struct http_route health_routes[];

#endif
