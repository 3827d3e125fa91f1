/* SPDX-License-Identifier: Apache-2.0 */
#include "app/mappings.h"

#include <stdio.h>
#include <unistd.h>

#include "adapt/sample.h"
#include "base/log.h"
#include "pipe/intake.h"

#define PATH_CHARS_MAX 1024

/* With the limits that samples are written for: a smaller one of this gateway makes no mapping
 * wrong.
 */
static enum err load(const char *dir, const struct schema *schema, struct adapters **out,
                     struct buf *complaints)
{
    struct settings usual;
    settings_default(&usual);
    const struct read_limits limits = intake_limits(&usual);
    enum err e = adapters_load(dir, schema, &limits, out, complaints);
    if (e == ERR_NOT_FOUND) {
        buf_printf(complaints, "adapters.path: there is no folder \"%s\"\n", dir);
    }
    return e;
}

enum err mappings_load(struct mappings *m, const char *dir, const struct schema *schema,
                       const struct read_limits *limits, struct buf *complaints)
{
    *m = (struct mappings){.fresh = NULL};
    enum err e = load(dir, schema, &m->running, complaints);
    if (e == ERR_OK) {
        e = adapt_check(m->running, dir, complaints);
        adapters_set_limits(m->running, limits);
    }
    return e;
}

/* Those whose samples come out otherwise than expected are not taken up. */
static enum err drop_wrong(struct adapters *a, const char *dir, struct buf *complaints)
{
    enum err worst = ERR_OK;
    for (size_t i = adapters_count(a); i-- > 0;) {
        struct sample_count count;
        enum err e = sample_check(a, dir, adapters_at(a, i), &count, complaints);
        if (e == ERR_NOMEM) {
            return e;
        }
        if (e != ERR_OK) {
            adapters_drop(a, i);
            worst = ERR_INVALID;
        }
    }
    return worst;
}

static void tell_fresh(const struct mappings *m)
{
    for (size_t i = 0; i < adapters_count(m->fresh); i++) {
        struct span name = span_of(adapters_at(m->fresh, i)->name);
        const char *event = adapters_find(m->running, name) ? "changed" : "added";
        if (!adapters_same(m->running, m->fresh, name)) {
            log_lines(LOG_LEVEL_INFO, "adapters", event, name.at);
        }
    }
}

/* Nobody is turned away because a folder is being copied. */
static void tell_gone(const struct mappings *m, const char *dir)
{
    for (size_t i = 0; i < adapters_count(m->running); i++) {
        const char *name = adapters_at(m->running, i)->name;
        char path[PATH_CHARS_MAX];
        int n = snprintf(path, sizeof path, "%s/%s/mapping.yaml", dir, name);
        if (n > 0 && (size_t)n < sizeof path && access(path, F_OK) != 0) {
            (void)snprintf(path, sizeof path, "%s serves until the next start", name);
            log_lines(LOG_LEVEL_WARN, "adapters", "gone", path);
        }
    }
}

enum err mappings_renew(struct mappings *m, const char *dir, struct buf *complaints)
{
    struct adapters *fresh = NULL;
    enum err e = load(dir, adapters_schema(m->running), &fresh, complaints);
    enum err samples = fresh != NULL ? drop_wrong(fresh, dir, complaints) : ERR_OK;
    if (e == ERR_NOMEM || e == ERR_NOT_FOUND || samples == ERR_NOMEM) {
        adapters_free(fresh);
        return e == ERR_OK || e == ERR_INVALID ? samples : e;
    }
    adapters_free(m->fresh);
    m->fresh = fresh;
    tell_fresh(m);
    tell_gone(m, dir);
    return e == ERR_OK ? samples : e;
}

void mappings_exchange(struct mappings *m)
{
    if (m->fresh == NULL) {
        return;
    }
    adapters_set_limits(m->fresh, adapters_limits(m->running));
    adapters_inherit(m->fresh, m->running);
    adapters_free(m->running);
    m->running = m->fresh;
    m->fresh = NULL;
    log_info("adapters", "event=exchanged adapters=%zu", adapters_count(m->running));
}

void mappings_set_limits(struct mappings *m, const struct read_limits *limits)
{
    adapters_set_limits(m->running, limits);
}

void mappings_free(struct mappings *m)
{
    adapters_free(m->running);
    adapters_free(m->fresh);
}
