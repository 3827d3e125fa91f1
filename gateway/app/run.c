/* SPDX-License-Identifier: Apache-2.0 */
#include "app/run.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/gateway.h"
#include "app/reload.h"
#include "base/log.h"

struct running {
    uv_loop_t loop;
    struct gateway *gateway;
    uv_signal_t term, interrupt, hangup;
    struct reload reload;
    bool stopping;
};

static const char usage_text[] = "usage: dualgate run\n\n"
                                 "Runs the gateway in the foreground, logging to stderr. SIGTERM "
                                 "or SIGINT drain it: nothing more is\n"
                                 "taken in, what is held is committed and receipted. A second "
                                 "signal ends it at once; nothing is lost\n"
                                 "then either, the broker delivers again. SIGHUP reads settings "
                                 "and adapters again; what is wrong is\n"
                                 "logged and stays as it was.\n";

static void on_closed(void *arg)
{
    struct running *r = arg;
    uv_close((uv_handle_t *)&r->term, NULL);
    uv_close((uv_handle_t *)&r->interrupt, NULL);
    uv_close((uv_handle_t *)&r->hangup, NULL);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct running *r = handle->data;
    log_info("gateway", "event=signal number=%d", number);
    if (r->stopping) {
        _exit(EXIT_FAILURE);
    }
    r->stopping = true;
    gateway_stop(r->gateway, on_closed, r);
}

static void watch_signal(struct running *r, uv_signal_t *handle, int number, uv_signal_cb act)
{
    handle->data = r;
    uv_signal_init(&r->loop, handle);
    uv_signal_start(handle, act, number);
}

static void on_hangup(uv_signal_t *handle, int number)
{
    struct running *r = handle->data;
    (void)number;
    if (!r->stopping) {
        reload_run(&r->reload, r->gateway);
    }
}

int app_run(int argc, char **argv, const struct settings *settings)
{
    if (argc > 1) {
        bool help = strcmp(argv[1], "--help") == 0;
        fputs(usage_text, help ? stdout : stderr);
        return help ? CLI_DONE : CLI_USAGE;
    }
    struct running r = {.stopping = false};
    struct buf errors;
    buf_init(&errors, 0);
    log_set_level(log_level_of(settings->log.level));
    reload_init(&r.reload, settings);
    (void)signal(SIGHUP, SIG_IGN);  /* until there is something to reload */
    (void)signal(SIGPIPE, SIG_IGN); /* a broken connection is an error code, not an end */
    if (uv_loop_init(&r.loop) != 0) {
        fputs("dualgate run: no event loop\n", stderr);
        return CLI_WRONG;
    }
    enum err e = gateway_new(&r.gateway, &r.loop, &r.reload.now, &clock_system, &errors);
    if (e == ERR_OK) {
        watch_signal(&r, &r.term, SIGTERM, on_signal);
        watch_signal(&r, &r.interrupt, SIGINT, on_signal);
        watch_signal(&r, &r.hangup, SIGHUP, on_hangup);
        gateway_start(r.gateway);
    } else {
        fprintf(stderr, "dualgate run: %s\n%s", err_text(e), buf_text(&errors));
    }
    uv_run(&r.loop, UV_RUN_DEFAULT);
    log_finish();
    if (uv_loop_close(&r.loop) != 0) {
        log_error("gateway", "event=handles_left");
    }
    buf_free(&errors);
    reload_free(&r.reload);
    return e == ERR_OK ? CLI_DONE : CLI_WRONG;
}
