/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for one host after another, so that a thread pool that a dead resolver blocks is blocked
 * once. */
#include "pg/resolve.h"

#include <libpq-fe.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/span.h"

/* libpq 15 knows 43 keywords. */
#define KEYWORDS_MAX 64
/* A list of hosts and addresses that is longer is a mistake. */
#define LIST_BYTES_MAX ((size_t)8192)

struct resolve {
    uv_timer_t soon; /* answers without asking anybody still come from the loop */
    uv_getaddrinfo_t req;
    uv_loop_t *loop;
    PQconninfoOption *options;
    bool asking; /* the resolver holds req */
    bool closing;
    bool timer_closed;
    resolve_ready ready; /* NULL: nobody waits */
    void *arg;
    void (*freed)(void *arg);
    void *freed_arg;

    struct span hosts_left, ports_left;
    struct span host, port; /* being asked for */
    bool one_port;          /* one port for all hosts */
    size_t n_entries;
    char why[256];
    struct buf host_list, addr_list, port_list;
    const char *keywords[KEYWORDS_MAX + 1];
    const char *values[KEYWORDS_MAX + 1];
    size_t n_params;
};

static const char *option(const struct resolve *r, const char *keyword)
{
    for (const PQconninfoOption *o = r->options; o->keyword; o++) {
        if (strcmp(o->keyword, keyword) == 0) {
            return o->val && o->val[0] ? o->val : NULL;
        }
    }
    return NULL;
}

/* libpq's own order: the text, then the environment. */
static const char *option_or_env(const struct resolve *r, const char *keyword, const char *env)
{
    const char *value = option(r, keyword);
    return value ? value : getenv(env);
}

enum err resolve_new(struct resolve **out, uv_loop_t *loop, const char *conninfo, char **why)
{
    *why = NULL;
    struct resolve *r = mem_zalloc(sizeof *r);
    if (!r) {
        return ERR_NOMEM;
    }
    r->options = PQconninfoParse(conninfo, why);
    if (!r->options) {
        mem_free(r);
        return *why ? ERR_SYNTAX : ERR_NOMEM;
    }
    r->loop = loop;
    buf_init(&r->host_list, LIST_BYTES_MAX);
    buf_init(&r->addr_list, LIST_BYTES_MAX);
    buf_init(&r->port_list, LIST_BYTES_MAX);
    (void)uv_timer_init(loop, &r->soon);
    r->soon.data = r;
    r->req.data = r;
    *out = r;
    return ERR_OK;
}

static void answer(struct resolve *r, enum err err)
{
    resolve_ready ready = r->ready;
    r->ready = NULL;
    if (ready) {
        ready(r->arg, err, r->why);
    }
}

static void add_entry(struct resolve *r, const char *address)
{
    const char *comma = r->n_entries++ ? "," : "";
    buf_puts(&r->host_list, comma);
    buf_put_span(&r->host_list, r->host);
    buf_puts(&r->addr_list, comma);
    buf_puts(&r->addr_list, address);
    buf_puts(&r->port_list, comma);
    buf_put_span(&r->port_list, r->port);
}

/* Keywords as given, the lists in the place of host, hostaddr and port. */
static void build(struct resolve *r)
{
    r->n_params = 0;
    bool listed = r->n_entries > 0;
    for (const PQconninfoOption *o = r->options; o->keyword; o++) {
        bool place = strcmp(o->keyword, "host") == 0 || strcmp(o->keyword, "hostaddr") == 0 ||
                     strcmp(o->keyword, "port") == 0;
        if (o->val && !(listed && place)) {
            resolve_add(r, o->keyword, o->val);
        }
    }
    if (listed) {
        resolve_add(r, "host", buf_text(&r->host_list));
        resolve_add(r, "hostaddr", buf_text(&r->addr_list));
        resolve_add(r, "port", buf_text(&r->port_list));
    }
}

void resolve_add(struct resolve *r, const char *keyword, const char *value)
{
    for (size_t i = 0; i < r->n_params; i++) {
        if (strcmp(r->keywords[i], keyword) == 0) {
            return; /* what the administrator wrote stands */
        }
    }
    if (r->n_params < KEYWORDS_MAX) {
        r->keywords[r->n_params] = keyword;
        r->values[r->n_params++] = value;
        r->keywords[r->n_params] = r->values[r->n_params] = NULL;
    }
}

static bool is_socket(struct span host)
{
    return host.len == 0 || host.at[0] == '/' || host.at[0] == '@';
}

static void on_addresses(uv_getaddrinfo_t *req, int status, struct addrinfo *list);

/* Goes on to the next host that must be asked for. True when it asks; false when the lists are
 * done. */
static bool ask_next(struct resolve *r)
{
    while (r->hosts_left.at) {
        r->host = span_trim(span_cut(&r->hosts_left, ','));
        r->port = r->one_port
                      ? r->ports_left
                      : span_trim(r->ports_left.at ? span_cut(&r->ports_left, ',') : SPAN_NONE);
        if (is_socket(r->host)) {
            add_entry(r, "");
            continue;
        }
        char name[256];
        struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
        int len = snprintf(name, sizeof name, "%.*s", SPAN_ARG(r->host));
        if (len > 0 && (size_t)len < sizeof name &&
            uv_getaddrinfo(r->loop, &r->req, on_addresses, name, NULL, &hints) == 0) {
            r->asking = true;
            return true;
        }
    }
    return false;
}

static void finish(struct resolve *r)
{
    bool failed =
        buf_failed(&r->host_list) || buf_failed(&r->addr_list) || buf_failed(&r->port_list);
    if (failed) {
        (void)snprintf(r->why, sizeof r->why, "the list of hosts is too long");
        answer(r, ERR_NOMEM);
        return;
    }
    if (r->n_entries == 0 && r->why[0] != '\0') {
        answer(r, ERR_TRANSIENT);
        return;
    }
    build(r);
    answer(r, ERR_OK);
}

static void finish_free(struct resolve *r)
{
    if (!r->closing || r->asking || !r->timer_closed) {
        return;
    }
    void (*freed)(void *arg) = r->freed;
    void *arg = r->freed_arg;
    PQconninfoFree(r->options);
    buf_free(&r->host_list);
    buf_free(&r->addr_list);
    buf_free(&r->port_list);
    mem_free(r);
    freed(arg);
}

static void on_addresses(uv_getaddrinfo_t *req, int status, struct addrinfo *list)
{
    struct resolve *r = req->data;
    r->asking = false;
    if (r->closing || !r->ready) {
        uv_freeaddrinfo(list);
        finish_free(r);
        return;
    }
    for (struct addrinfo *a = list; status == 0 && a; a = a->ai_next) {
        char text[NI_MAXHOST];
        if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) ==
            0) {
            add_entry(r, text);
        }
    }
    if (status != 0) {
        (void)snprintf(r->why, sizeof r->why, "cannot resolve \"%.*s\": %s", SPAN_ARG(r->host),
                       uv_strerror(status));
    }
    uv_freeaddrinfo(list);
    if (!ask_next(r)) {
        finish(r);
    }
}

static void on_soon(uv_timer_t *timer)
{
    struct resolve *r = timer->data;
    if (r->ready && !r->asking && !ask_next(r)) {
        finish(r);
    }
}

enum err resolve_start(struct resolve *r, resolve_ready ready, void *arg)
{
    if (r->asking || r->ready) {
        return ERR_FULL;
    }
    r->ready = ready;
    r->arg = arg;
    r->why[0] = '\0';
    r->n_entries = 0;
    buf_reset(&r->host_list);
    buf_reset(&r->addr_list);
    buf_reset(&r->port_list);
    /* With addresses, or without any host, there is nothing to ask for. */
    const char *hosts = option(r, "hostaddr") ? NULL : option_or_env(r, "host", "PGHOST");
    const char *ports = option_or_env(r, "port", "PGPORT");
    r->hosts_left = span_of(hosts);
    r->ports_left = span_of(ports ? ports : "");
    r->one_port = !ports || !strchr(ports, ',');
    (void)uv_timer_start(&r->soon, on_soon, 0, 0);
    return ERR_OK;
}

void resolve_abandon(struct resolve *r)
{
    r->ready = NULL;
    (void)uv_timer_stop(&r->soon);
}

const char *const *resolve_keywords(const struct resolve *r)
{
    return r->keywords;
}

const char *const *resolve_values(const struct resolve *r)
{
    return r->values;
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct resolve *r = handle->data;
    r->timer_closed = true;
    finish_free(r);
}

void resolve_free(struct resolve *r, void (*freed)(void *arg), void *arg)
{
    r->closing = true;
    r->ready = NULL;
    r->freed = freed;
    r->freed_arg = arg;
    if (r->asking) {
        (void)uv_cancel((uv_req_t *)&r->req); /* fails when a thread is at it: then we wait */
    }
    uv_close((uv_handle_t *)&r->soon, on_timer_closed);
}
