/* SPDX-License-Identifier: Apache-2.0 */
#include "app/reload.h"

#include "base/log.h"
#include "conf/settings_follow.h"

#define RELOADS "dualgate_reload_total"

void reload_init(struct reload *r, const struct settings *at_start)
{
    *r = (struct reload){.now = *at_start};
    r->ok = metric_counter(RELOADS, "result=\"ok\"", "SIGHUPs by what came of them");
    r->refused = metric_counter(RELOADS, "result=\"refused\"", "SIGHUPs by what came of them");
    r->stale = metric_gauge("dualgate_config_stale", "",
                            "1 while something runs that is older than its file, which is wrong");
}

void reload_free(struct reload *r)
{
    if (r->taken) {
        settings_free(&r->source);
    }
}

static void tell(void *arg, const struct setting *row, const struct settings *running,
                 const struct settings *fresh)
{
    (void)arg;
    struct buf line;
    buf_init(&line, 0);
    buf_printf(&line, "%s: ", row->name);
    setting_write(running, row, &line);
    buf_puts(&line, " -> ");
    setting_write(fresh, row, &line);
    if (row->reloadable) {
        log_lines(LOG_LEVEL_INFO, "reload", "setting", buf_text(&line));
    } else {
        buf_puts(&line, ": needs a restart");
        log_lines(LOG_LEVEL_WARN, "reload", "needs_restart", buf_text(&line));
    }
    buf_free(&line);
}

static enum err renew_settings(struct reload *r, struct gateway *g, struct buf *complaints)
{
    struct settings fresh;
    enum err e = settings_load(&fresh, r->now.file, complaints);
    if (e != ERR_OK) {
        settings_free(&fresh);
        return e;
    }
    size_t changed = settings_follow(&r->now, &fresh, tell, NULL);
    reload_free(r);
    r->source = fresh;
    r->taken = true;
    log_set_level(log_level_of(r->now.log.level));
    if (changed > 0) {
        gateway_follow(g);
    }
    return ERR_OK;
}

void reload_run(struct reload *r, struct gateway *g)
{
    struct buf complaints;
    buf_init(&complaints, 0);
    enum err settings = renew_settings(r, g, &complaints);
    enum err adapters = gateway_renew_adapters(g, &complaints);
    enum err passwords = gateway_check_passwords(g, &complaints);
    bool good = settings == ERR_OK && adapters == ERR_OK && passwords == ERR_OK;
    log_lines(LOG_LEVEL_ERROR, "reload", "refused", buf_text(&complaints));
    if (good) {
        log_info("reload", "event=done");
    } else {
        log_error("reload", "event=kept_old settings=%s adapters=%s",
                  settings == ERR_OK ? "taken" : "wrong", adapters == ERR_OK ? "taken" : "wrong");
    }
    metric_add(good ? r->ok : r->refused, 1);
    metric_set(r->stale, good ? 0 : 1);
    buf_free(&complaints);
}
