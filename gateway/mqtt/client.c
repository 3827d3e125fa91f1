/* SPDX-License-Identifier: Apache-2.0 */
/* See client.h. Publishes under way are a fixed pool of entries, found by packet id in O(1). What
 * has ended waits in `finished` until the library has returned, and is told then: detach, free,
 * call. */
#include "mqtt/client.h"

#include <assert.h>
#include <errno.h>
#include <mqtt_protocol.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/list.h"
#include "base/log.h"
#include "mqtt/filters.h"
#include "mqtt/link.h"

#define READS_MAX         256   /* packets' worth of calls before the loop has its turn */
#define WINDOW_MAX        16384 /* a quarter of the packet ids: none is given out twice at a time */
#define STRINGS_MAX_BYTES 262144
#define SCRATCH_MAX_BYTES 262144
#define TICK_MS           1000

struct pending {
    struct list link; /* in free, slots[mid] or finished */
    int mid;          /* written by the library before it sends */
    enum err result;
    client_done done;
    void *arg;
};

struct client {
    struct link *link;
    struct arena strings;
    struct buf scratch; /* texts of one publication, ended with NUL as the library wants them */
    const char *who;
    const struct clock *clock;
    struct filters filters;
    const struct client_ops *ops;
    void *ctx;
    bool ready;
    bool greeted; /* CONNACK or SUBACK came in the call of the library under way: ready is to be
                     told */
    bool stopped;

    struct pending *pool;
    uint32_t window_max, outstanding, slot_mask;
    struct list free, finished;
    struct list *slots;
    struct pending *publishing; /* in the call of the library under way */
    uint32_t broker_window;
    uint32_t silence_max_ms; /* with publishes under way the broker must say something so often */
    int64_t heard_ms;

    uv_prepare_t prepare;
    bool corked;

    void (*closed)(void *arg);
    void *closed_arg;
};

/* ---- publishes under way ----------------------------------------------------------------------
 */

static struct list *slot_of(struct client *c, int mid)
{
    return &c->slots[(uint32_t)mid & c->slot_mask];
}

static struct pending *find(struct client *c, int mid)
{
    struct list *slot = slot_of(c, mid);
    LIST_EACH (it, slot) {
        struct pending *p = LIST_ITEM(it, struct pending, link);
        if (p->mid == mid) {
            return p;
        }
    }
    return NULL;
}

static void on_turn(uv_prepare_t *prepare)
{
    client_flush(prepare->data);
}

static void at_end_of_turn(struct client *c)
{
    if (!uv_is_active((uv_handle_t *)&c->prepare)) {
        (void)uv_prepare_start(&c->prepare, on_turn);
    }
}

static void finish(struct client *c, struct pending *p, enum err result)
{
    list_remove(&p->link);
    p->result = result;
    list_append(&c->finished, &p->link);
    at_end_of_turn(c);
}

static void finish_all(struct client *c)
{
    for (uint32_t i = 0; i <= c->slot_mask; i++) {
        struct list *at;
        while ((at = c->slots[i].next) != &c->slots[i]) {
            finish(c, LIST_ITEM(at, struct pending, link), ERR_TRANSIENT);
        }
    }
}

/* Not from inside the library: who is told may do anything. */
static void tell_finished(struct client *c)
{
    struct list *at;
    while (!link_is_inside(c->link) && (at = list_pop(&c->finished)) != NULL) {
        struct pending *p = LIST_ITEM(at, struct pending, link);
        client_done done = p->done;
        void *arg = p->arg;
        enum err result = p->result;
        list_append(&c->free, &p->link);
        c->outstanding--;
        if (done) {
            done(arg, result);
        }
    }
}

/* ---- writing ----------------------------------------------------------------------------------
 */

static void cork(struct client *c)
{
    if (!c->corked) {
        c->corked = true;
        link_cork(c->link, true);
        at_end_of_turn(c);
    }
}

static void watch(struct client *c)
{
    struct mosquitto *m = link_mosquitto(c->link);
    if (m) {
        link_watch(c->link, mosquitto_want_write(m) ? UV_READABLE | UV_WRITABLE : UV_READABLE);
    }
}

/* What the library could not write at once, or had to queue inside a callback. */
static bool write_out(struct client *c)
{
    struct mosquitto *m = link_mosquitto(c->link);
    if (m && mosquitto_want_write(m)) {
        link_enter(c->link);
        if (link_leave(c->link, mosquitto_loop_write(m, 1)) == LINK_GONE) {
            return false;
        }
    }
    return m != NULL;
}

void client_flush(struct client *c)
{
    if (link_is_inside(c->link)) {
        at_end_of_turn(c);
        return;
    }
    (void)uv_prepare_stop(&c->prepare);
    if (write_out(c)) {
        watch(c);
    }
    if (c->corked) {
        c->corked = false;
        link_cork(c->link, false);
    }
    tell_finished(c);
}

/* ---- what the link tells ----------------------------------------------------------------------
 */

static void tell_ready(struct client *c)
{
    if (c->greeted && link_is_up(c->link)) {
        c->greeted = false;
        c->ready = true;
        link_proven(c->link);
        log_info(c->who, "event=ready filters=%d", c->filters.count);
        c->ops->on_ready(c->ctx);
    }
}

static void read_in(struct client *c)
{
    if (c->outstanding > c->broker_window) {
        cork(c); /* each PUBACK lets the library write a publish that waits in it */
    }
    for (int i = 0; i < READS_MAX; i++) {
        enum link_step step = link_read(c->link);
        if (step == LINK_GONE) {
            return;
        }
        tell_ready(c);
        if (step == LINK_DRY) {
            break;
        }
        c->heard_ms = clock_steady_ms(c->clock);
    }
}

static void on_open(void *ctx)
{
    struct client *c = ctx;
    if (write_out(c)) {
        watch(c);
    }
}

static void on_event(void *ctx, bool readable, bool writable)
{
    (void)writable;
    struct client *c = ctx;
    if (readable) {
        read_in(c);
    }
    if (write_out(c)) {
        watch(c);
    }
    tell_finished(c);
}

/* A stopped broker still acknowledges TCP, and the library's keepalive takes its time. */
static void on_tick(void *ctx)
{
    struct client *c = ctx;
    read_in(c);
    tell_finished(c);
    if (c->outstanding > 0 && clock_steady_ms(c->clock) - c->heard_ms > c->silence_max_ms) {
        link_lose(c->link, "no PUBACK");
        return;
    }
    if (link_misc(c->link) != LINK_GONE && write_out(c)) {
        watch(c);
    }
}

static void on_up(void *ctx, bool session_present, uint16_t window)
{
    (void)session_present;
    struct client *c = ctx;
    c->broker_window = window;
    if (c->filters.count == 0) {
        c->greeted = true;
        return;
    }
    int rc = mosquitto_subscribe_multiple(link_mosquitto(c->link), NULL, c->filters.count,
                                          c->filters.list, 1, 0, NULL);
    if (rc != MOSQ_ERR_SUCCESS) {
        link_lose(c->link, mosquitto_strerror(rc));
    }
}

static void on_suback(void *ctx, bool granted)
{
    struct client *c = ctx;
    if (granted) {
        c->greeted = true;
    } else {
        link_lose(c->link, "subscription refused");
    }
}

static void on_puback(void *ctx, int mid, int reason)
{
    struct client *c = ctx;
    struct pending *p = c->publishing && c->publishing->mid == mid ? c->publishing : find(c, mid);
    if (p) {
        finish(c, p, reason >= 0x80 ? ERR_DATA : ERR_OK);
    }
}

static void on_message(void *ctx, const struct incoming *in)
{
    struct client *c = ctx;
    if (c->ops->on_message && !c->stopped) {
        c->ops->on_message(c->ctx, in);
    }
}

static void on_down(void *ctx)
{
    struct client *c = ctx;
    bool was_ready = c->ready;
    c->ready = false;
    c->greeted = false;
    c->corked = false;
    finish_all(c);
    tell_finished(c);
    if (was_ready) {
        c->ops->on_lost(c->ctx);
    }
}

static const struct link_ops link_ops = {on_open, on_event,  on_tick,   on_down,
                                         on_up,   on_suback, on_puback, on_message};

/* ---- publishing -------------------------------------------------------------------------------
 */

static enum err translated(int rc)
{
    switch (rc) {
    case MOSQ_ERR_SUCCESS:
        return ERR_OK;
    case MOSQ_ERR_NOMEM:
        return ERR_NOMEM;
    case MOSQ_ERR_INVAL:
    case MOSQ_ERR_MALFORMED_UTF8:
    case MOSQ_ERR_PAYLOAD_SIZE:
    case MOSQ_ERR_DUPLICATE_PROPERTY:
        return ERR_INVALID;
    case MOSQ_ERR_OVERSIZE_PACKET:
    case MOSQ_ERR_QOS_NOT_SUPPORTED:
        return ERR_DATA;
    default:
        return ERR_TRANSIENT;
    }
}

/* Offset of the text in scratch. */
static size_t put_text(struct client *c, struct span text)
{
    size_t at = c->scratch.len;
    buf_put_span(&c->scratch, text);
    buf_putc(&c->scratch, '\0');
    return at;
}

static bool has_nul(struct span s)
{
    return s.len > 0 && memchr(s.at, '\0', s.len) != NULL;
}

static int add_properties(mosquitto_property **list, const struct publication *p,
                          const char *response_topic)
{
    int rc = MOSQ_ERR_SUCCESS;
    if (p->response_topic.len > 0) {
        rc = mosquitto_property_add_string(list, MQTT_PROP_RESPONSE_TOPIC, response_topic);
    }
    if (!rc && p->correlation.len > UINT16_MAX) {
        rc = MOSQ_ERR_INVAL;
    } else if (!rc && p->correlation.len > 0) {
        rc = mosquitto_property_add_binary(list, MQTT_PROP_CORRELATION_DATA, p->correlation.at,
                                           (uint16_t)p->correlation.len);
    }
    if (!rc && p->content_type) {
        rc = mosquitto_property_add_string(list, MQTT_PROP_CONTENT_TYPE, p->content_type);
    }
    return rc;
}

static int hand_over(struct client *c, const struct publication *p, struct pending *entry)
{
    buf_reset(&c->scratch);
    size_t topic = put_text(c, p->topic);
    size_t response = put_text(c, p->response_topic);
    if (buf_failed(&c->scratch)) {
        return MOSQ_ERR_NOMEM;
    }
    mosquitto_property *properties = NULL;
    int rc = add_properties(&properties, p, c->scratch.data + response);
    if (!rc) {
        rc =
            mosquitto_publish_v5(link_mosquitto(c->link), &entry->mid, c->scratch.data + topic,
                                 (int)p->payload.len, p->payload.at, p->qos, p->retain, properties);
    }
    mosquitto_property_free_all(&properties);
    return rc;
}

static enum err acceptable(const struct client *c, const struct publication *p)
{
    if (c->stopped) {
        return ERR_CLOSED;
    }
    if (!c->ready) {
        return ERR_TRANSIENT;
    }
    if (list_empty(&c->free)) {
        return ERR_FULL;
    }
    bool odd = has_nul(p->topic) || has_nul(p->response_topic) || p->payload.len > INT32_MAX ||
               p->qos < 0 || p->qos > 1;
    return odd ? ERR_INVALID : ERR_OK;
}

enum err client_publish(struct client *c, const struct publication *p, client_done done, void *arg)
{
    enum err e = acceptable(c, p);
    if (e != ERR_OK) {
        return e;
    }
    struct pending *entry = LIST_ITEM(list_pop(&c->free), struct pending, link);
    *entry = (struct pending){.done = done, .arg = arg};
    list_init(&entry->link);
    cork(c);
    /* A QoS 0 publish is called back from inside the library before it returns. */
    c->publishing = entry;
    e = translated(hand_over(c, p, entry));
    c->publishing = NULL;
    if (e != ERR_OK) {
        list_remove(&entry->link);
        list_append(&c->free, &entry->link);
        return e;
    }
    if (c->outstanding++ == 0) {
        c->heard_ms = clock_steady_ms(c->clock);
    }
    if (list_empty(&entry->link)) {
        list_append(slot_of(c, entry->mid), &entry->link);
    }
    return ERR_OK;
}

uint32_t client_outstanding(const struct client *c)
{
    return c->outstanding;
}

bool client_ready(const struct client *c)
{
    return c->ready;
}

/* ---- life -------------------------------------------------------------------------------------
 */

static enum err make_pool(struct client *c, uint32_t window_max)
{
    c->window_max = window_max > WINDOW_MAX ? WINDOW_MAX : window_max > 0 ? window_max : 1;
    uint32_t slots = 1;
    while (slots < c->window_max) {
        slots *= 2;
    }
    c->pool = mem_zalloc(c->window_max * sizeof(*c->pool));
    c->slots = mem_zalloc(slots * sizeof(*c->slots));
    if (!c->pool || !c->slots) {
        return ERR_NOMEM;
    }
    c->slot_mask = slots - 1;
    for (uint32_t i = 0; i < slots; i++) {
        list_init(&c->slots[i]);
    }
    for (uint32_t i = 0; i < c->window_max; i++) {
        list_append(&c->free, &c->pool[i].link);
    }
    return ERR_OK;
}

static enum err make_link(struct client *c, uv_loop_t *loop, const struct client_settings *s)
{
    char chance_id[(size_t)2 * 8 + sizeof("dualgate-")] = "dualgate-";
    if (!s->client_id) {
        uint8_t chance[8];
        enum err e = random_bytes(chance, sizeof(chance));
        if (e != ERR_OK) {
            return e;
        }
        hex_encode(chance, sizeof(chance), chance_id + sizeof("dualgate-") - 1);
    }
    struct link_settings settings = {
        .who = c->who,
        .host = s->host,
        .port = s->port,
        .library = {.client_id = s->client_id ? s->client_id : chance_id,
                    .username = s->username,
                    .password = s->password,
                    .clean_start = !s->persistent,
                    .session_expiry_s = s->persistent ? s->session_expiry_s : 0,
                    .keepalive_s = s->keepalive_s,
                    .deferred = false,
                    .will_topic = s->will_topic,
                    .will_payload = s->will_payload},
        .connect_timeout_ms = s->connect_timeout_ms,
        .backoff_first_ms = s->backoff_first_ms,
        .backoff_max_ms = s->backoff_max_ms,
        .tick_ms = TICK_MS,
    };
    return link_new(&c->link, loop, &settings, &link_ops, c);
}

static void free_memory(struct client *c)
{
    mem_free(c->pool);
    mem_free(c->slots);
    buf_free(&c->scratch);
    arena_free(&c->strings);
    mem_free(c);
}

enum err client_new(struct client **out, uv_loop_t *loop, const struct client_settings *settings,
                    const struct clock *clock, const struct client_ops *ops, void *ctx)
{
    struct client *c = mem_zalloc(sizeof(*c));
    if (!c) {
        return ERR_NOMEM;
    }
    c->clock = clock;
    c->silence_max_ms = settings->connect_timeout_ms;
    c->ops = ops;
    c->ctx = ctx;
    list_init(&c->free);
    list_init(&c->finished);
    buf_init(&c->scratch, SCRATCH_MAX_BYTES);
    arena_init(&c->strings, STRINGS_MAX_BYTES);
    c->who = arena_strdup(&c->strings, settings->who ? settings->who : "client");
    enum err e =
        c->who ? filters_copy(&c->filters, settings->filters, NULL, &c->strings) : ERR_NOMEM;
    if (e == ERR_OK) {
        e = make_pool(c, settings->window_max);
    }
    if (e == ERR_OK) {
        e = make_link(c, loop, settings);
    }
    if (e != ERR_OK) {
        free_memory(c);
        return e;
    }
    (void)uv_prepare_init(loop, &c->prepare);
    c->prepare.data = c;
    *out = c;
    return ERR_OK;
}

void client_start(struct client *c)
{
    c->stopped = false;
    link_start(c->link);
}

void client_stop(struct client *c)
{
    if (c->stopped) {
        return;
    }
    c->stopped = true;
    c->ready = false;
    link_goodbye(c->link);
    finish_all(c);
    c->corked = false;
    client_flush(c);
}

static void on_prepare_closed(uv_handle_t *handle)
{
    struct client *c = handle->data;
    void (*closed)(void *) = c->closed;
    void *arg = c->closed_arg;
    free_memory(c);
    closed(arg);
}

static void on_link_closed(void *arg)
{
    struct client *c = arg;
    c->link = NULL;
    uv_close((uv_handle_t *)&c->prepare, on_prepare_closed);
}

void client_close(struct client *c, void (*closed)(void *arg), void *arg)
{
    c->closed = closed;
    c->closed_arg = arg;
    client_stop(c);
    link_close(c->link, on_link_closed, c);
}
