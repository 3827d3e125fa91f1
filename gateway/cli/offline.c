/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/offline.h"

#include <uv.h>

#include "base/log.h"
#include "pg/conninfo.h"
#include "pg/register_load.h"

/* Waiting for the register: until it is there, or the time is up. */
struct waiting {
    struct register_load *loader;
    struct registry *registry;
    uv_timer_t deadline;
    const char *reason;
};

static void read_native_blame(void *ctx, struct span adapter, struct report *r, struct arena *arena)
{
    adapt_blame(ctx, adapter, r, arena);
}

static const struct native_ops native_ops = {adapt_redact, adapt_read, read_native_blame};

static void on_closed(void *arg)
{
    (void)arg;
}

static void end(struct waiting *w)
{
    if (!uv_is_closing((uv_handle_t *)&w->deadline)) {
        uv_close((uv_handle_t *)&w->deadline, NULL);
        register_load_close(w->loader, on_closed, NULL);
    }
}

static void on_loaded(void *ctx, struct registry *registry, int64_t version)
{
    struct waiting *w = ctx;
    (void)version;
    registry_free(w->registry);
    w->registry = registry;
    end(w);
}

static void on_deadline(uv_timer_t *timer)
{
    struct waiting *w = timer->data;
    w->reason = register_load_reason(w->loader);
    end(w);
}

static enum err load_register(struct offline *o, const struct settings *s, struct buf *errors)
{
    static const struct register_load_ops ops = {on_loaded};
    uv_loop_t loop;
    struct waiting w = {.reason = "no answer"};
    struct buf conninfo;
    buf_init(&conninfo, 0);
    enum err e = conninfo_write(s, &conninfo, errors);
    if (e != ERR_OK || uv_loop_init(&loop) != 0) {
        buf_free(&conninfo);
        return e == ERR_OK ? ERR_NOMEM : e;
    }
    const struct conn_config config = conn_config_of(s, buf_text(&conninfo), "register");
    e = register_load_new(&w.loader, &loop, &config, (uint32_t)s->reg.poll_ms, &ops, &w);
    if (e == ERR_OK) {
        uv_timer_init(&loop, &w.deadline);
        w.deadline.data = &w;
        uv_timer_start(&w.deadline, on_deadline, (uint64_t)s->pg.connect_timeout_ms * 2, 0);
        register_load_start(w.loader);
        uv_run(&loop, UV_RUN_DEFAULT);
        o->registry = w.registry;
        e = w.registry != NULL ? ERR_OK : ERR_TIMEOUT;
    }
    if (e != ERR_OK) {
        buf_printf(errors, "register: %s\n", w.reason);
    }
    (void)uv_loop_close(&loop);
    buf_free(&conninfo);
    return e;
}

enum err offline_open(struct offline *o, const struct settings *s, struct buf *errors)
{
    const struct read_limits limits = intake_limits(s);
    const char *why = NULL;
    *o = (struct offline){0};
    enum err e = schema_load(&o->schema, &why);
    if (e != ERR_OK) {
        buf_printf(errors, "schema: %s\n", why ? why : err_text(e));
        return e;
    }
    e = adapters_load(s->adapters.path, o->schema, &limits, &o->adapters, errors);
    if (e == ERR_NOT_FOUND) {
        buf_printf(errors, "adapters.path: there is no folder \"%s\"\n", s->adapters.path);
    }
    if (e == ERR_OK) {
        e = load_register(o, s, errors);
    }
    o->intake = intake_of(s, &native_ops);
    o->intake.schema = o->schema;
    o->intake.registry = o->registry;
    o->intake.clock = &clock_system;
    o->intake.native_ctx = o->adapters;
    return e;
}

void offline_close(struct offline *o)
{
    registry_free(o->registry);
    adapters_free(o->adapters);
    schema_free(o->schema);
}
