/* SPDX-License-Identifier: Apache-2.0 */
/* The ordinary client against a real Mosquitto: every publish is called back exactly once, whatever
 * happens to the broker. */
#include "system/broker_rig.h"

#include "base/clock.h"
#include "mqtt/client.h"

#define MESSAGES_MAX 10000
#define TOPIC        "dp/v1/410411/hazchem/p1/down/receipt"

struct rig;

struct sent {
    struct rig *rig;
    int times;
    enum err result;
};

struct rig {
    struct broker broker;
    uv_loop_t loop;
    struct client *client;
    struct client_settings settings;
    struct sent sent[MESSAGES_MAX];
    int handed_over, wish, done, ok, transient, refused;
    int ready, lost, received, target;
    bool publish_again; /* from inside the callback */
    char content_type[64], response_topic[64], correlation[64], payload[64];
    bool retained;
};

static void publish_more(struct rig *r);

static void on_done(void *arg, enum err result)
{
    struct sent *s = arg;
    struct rig *r = s->rig;
    s->times++;
    s->result = result;
    r->done++;
    r->ok += result == ERR_OK;
    r->transient += result == ERR_TRANSIENT;
    r->refused += result == ERR_DATA;
    if (r->publish_again) {
        publish_more(r);
    }
}

static enum err publish_one(struct rig *r, const char *topic, int qos, client_done done)
{
    struct sent *s = &r->sent[r->handed_over];
    *s = (struct sent){.rig = r};
    struct publication p = {
        .topic = span_of(topic), .payload = SPAN_LIT("{\"items\":[]}"), .qos = qos};
    enum err e = client_publish(r->client, &p, done, s);
    r->handed_over += e == ERR_OK;
    return e;
}

static void publish_more(struct rig *r)
{
    while (r->handed_over < r->wish && publish_one(r, TOPIC, 1, on_done) == ERR_OK) {
    }
}

static void copy_span(char to[64], struct span from)
{
    size_t n = from.len < 63 ? from.len : 63;
    memcpy(to, from.len ? from.at : "", n);
    to[n] = '\0';
}

static void on_message(void *ctx, const struct incoming *in)
{
    struct rig *r = ctx;
    r->received++;
    copy_span(r->content_type, in->content_type);
    copy_span(r->response_topic, in->response_topic);
    copy_span(r->correlation, in->correlation);
    copy_span(r->payload, in->payload);
    r->retained = in->retained;
}

static void on_ready(void *ctx)
{
    struct rig *r = ctx;
    r->ready++;
    publish_more(r);
}

static void on_lost(void *ctx)
{
    struct rig *r = ctx;
    assert_int_equal(client_outstanding(r->client), 0);
    r->lost++;
}

static const struct client_ops client_ops = {on_ready, on_lost, on_message};

static bool is_ready(void *arg)
{
    struct rig *r = arg;
    return r->ready >= r->target;
}

static bool is_done(void *arg)
{
    struct rig *r = arg;
    return r->done >= r->target;
}

static bool has_lost(void *arg)
{
    struct rig *r = arg;
    return r->lost >= r->target;
}

static bool has_received(void *arg)
{
    struct rig *r = arg;
    return r->received >= r->target;
}

static void await(struct rig *r, bool (*holds)(void *), int target, uint64_t ms)
{
    r->target = target;
    assert_true(loop_until(&r->loop, holds, r, ms));
}

static void client_open(struct rig *r)
{
    assert_int_equal(client_new(&r->client, &r->loop, &r->settings, &clock_system, &client_ops, r),
                     ERR_OK);
    client_start(r->client);
}

static void client_shut(struct rig *r)
{
    bool closed = false;
    client_close(r->client, rig_set_true, &closed);
    assert_true(loop_until(&r->loop, rig_is_true, &closed, 3000));
    r->client = NULL;
}

static void assert_each_called_back_once(const struct rig *r)
{
    assert_int_equal(r->done, r->handed_over);
    for (int i = 0; i < r->handed_over; i++) {
        assert_int_equal(r->sent[i].times, 1);
    }
}

static int set_up(void **state)
{
    struct rig *r = mem_zalloc(sizeof(*r));
    assert_non_null(r);
    broker_start(&r->broker, "");
    assert_int_equal(uv_loop_init(&r->loop), 0);
    r->settings = (struct client_settings){
        .who = "receipts",
        .host = "localhost",
        .port = r->broker.port,
        .keepalive_s = 60,
        .connect_timeout_ms = 1000,
        .backoff_first_ms = 20,
        .backoff_max_ms = 100,
        .window_max = 500,
    };
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *r = *state;
    if (r->client) {
        client_shut(r);
    }
    assert_int_equal(uv_loop_close(&r->loop), 0);
    broker_stop(&r->broker);
    mem_free(r);
    return 0;
}

static void ten_thousand_publishes_are_each_called_back_once(void **state)
{
    struct rig *r = *state;
    r->wish = MESSAGES_MAX;
    r->publish_again = true;
    client_open(r);
    await(r, is_done, MESSAGES_MAX, 20000);
    assert_each_called_back_once(r);
    assert_int_equal(r->ok, MESSAGES_MAX);
    assert_int_equal(client_outstanding(r->client), 0);
}

static void a_broker_killed_midway_ends_the_rest_as_transient(void **state)
{
    struct rig *r = *state;
    r->wish = MESSAGES_MAX;
    r->publish_again = true;
    client_open(r);
    await(r, is_done, 2000, 20000);
    broker_end(&r->broker, SIGKILL);
    await(r, has_lost, 1, 3000);
    assert_each_called_back_once(r);
    assert_true(r->transient > 0);
    assert_true(r->handed_over < MESSAGES_MAX);
    assert_false(client_ready(r->client));
    assert_int_equal(publish_one(r, TOPIC, 1, on_done), ERR_TRANSIENT);

    broker_run(&r->broker);
    await(r, is_done, MESSAGES_MAX, 20000);
    assert_each_called_back_once(r);
    assert_int_equal(r->ok + r->transient, MESSAGES_MAX);
    assert_int_equal(r->lost, 1);
}

static void a_stopped_broker_ends_what_is_under_way(void **state)
{
    struct rig *r = *state;
    client_open(r);
    await(r, is_ready, 1, 3000);
    (void)kill(r->broker.pid, SIGSTOP);
    r->wish = 100;
    publish_more(r);
    await(r, has_lost, 1, 4000);
    assert_int_equal(r->transient, 100);
    (void)kill(r->broker.pid, SIGCONT);
    await(r, is_ready, 2, 5000);
}

static void a_full_window_refuses_and_calls_nobody_back(void **state)
{
    struct rig *r = *state;
    r->settings.window_max = 10;
    client_open(r);
    await(r, is_ready, 1, 3000);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(publish_one(r, TOPIC, 1, on_done), ERR_OK);
    }
    assert_int_equal(publish_one(r, TOPIC, 1, on_done), ERR_FULL);
    assert_int_equal(client_outstanding(r->client), 10);
    assert_int_equal(r->done, 0);
    await(r, is_done, 10, 3000);
    assert_int_equal(publish_one(r, TOPIC, 1, on_done), ERR_OK);
}

static void qos_0_is_called_back_after_writing_not_before_returning(void **state)
{
    struct rig *r = *state;
    client_open(r);
    await(r, is_ready, 1, 3000);
    assert_int_equal(publish_one(r, TOPIC, 0, on_done), ERR_OK);
    assert_int_equal(r->done, 0);
    client_flush(r->client);
    assert_int_equal(r->done, 1);
    assert_int_equal(r->ok, 1);
}

static void what_cannot_be_published_is_refused_at_once(void **state)
{
    struct rig *r = *state;
    client_open(r);
    assert_int_equal(publish_one(r, TOPIC, 1, on_done), ERR_TRANSIENT);
    await(r, is_ready, 1, 3000);
    assert_int_equal(publish_one(r, "dp/+/x", 1, on_done), ERR_INVALID);
    assert_int_equal(publish_one(r, "", 1, on_done), ERR_INVALID);
    assert_int_equal(publish_one(r, "dp/\xff", 1, on_done), ERR_INVALID);
    assert_int_equal(publish_one(r, TOPIC, 2, on_done), ERR_INVALID);
    struct publication p = {.topic = {"a\0b", 3}, .qos = 1};
    assert_int_equal(client_publish(r->client, &p, on_done, NULL), ERR_INVALID);
    client_stop(r->client);
    assert_int_equal(publish_one(r, TOPIC, 1, on_done), ERR_CLOSED);
    assert_int_equal(r->done, 0);
    assert_int_equal(client_outstanding(r->client), 0);
}

static void properties_arrive_as_they_were_given(void **state)
{
    struct rig *r = *state;
    static const char *const filters[] = {"dp/v1/+/+/+/down/#", "dp/v1/410411/status/+", NULL};
    r->settings.filters = filters;
    client_open(r);
    await(r, is_ready, 1, 3000);
    struct publication p = {.topic = SPAN_LIT(TOPIC),
                            .payload = SPAN_LIT("payload"),
                            .correlation = {"c\0d", 3},
                            .response_topic = SPAN_LIT("answer/here"),
                            .content_type = "application/json",
                            .qos = 1};
    r->sent[0].rig = r;
    assert_int_equal(client_publish(r->client, &p, on_done, &r->sent[0]), ERR_OK);
    await(r, has_received, 1, 3000);
    assert_string_equal(r->content_type, "application/json");
    assert_string_equal(r->response_topic, "answer/here");
    assert_memory_equal(r->correlation, "c\0d", 4);
    assert_string_equal(r->payload, "payload");
    assert_false(r->retained);
}

static void a_goodbye_leaves_no_will(void **state)
{
    struct rig *r = *state;
    static const char *const filters[] = {"dp/v1/410411/status/+", NULL};
    r->settings.filters = filters;
    client_open(r);
    await(r, is_ready, 1, 3000);

    struct rig *other = mem_zalloc(sizeof(*other));
    other->settings = r->settings;
    other->settings.filters = NULL;
    other->settings.will_topic = "dp/v1/410411/status/gw1";
    other->settings.will_payload = SPAN_LIT("{\"state\":\"down\"}");
    assert_int_equal(
        client_new(&other->client, &r->loop, &other->settings, &clock_system, &client_ops, other),
        ERR_OK);
    client_start(other->client);
    other->target = 1;
    assert_true(loop_until(&r->loop, is_ready, other, 3000));
    client_stop(other->client);
    loop_for(&r->loop, 200);
    assert_int_equal(r->received, 0);
    bool closed = false;
    client_close(other->client, rig_set_true, &closed);
    assert_true(loop_until(&r->loop, rig_is_true, &closed, 3000));
    mem_free(other);
}

static void stopping_ends_what_is_under_way_exactly_once(void **state)
{
    struct rig *r = *state;
    client_open(r);
    await(r, is_ready, 1, 3000);
    r->wish = 100;
    publish_more(r);
    client_stop(r->client);
    assert_each_called_back_once(r);
    assert_int_equal(r->lost, 0);
    client_stop(r->client);
    client_start(r->client);
    await(r, is_ready, 2, 3000);
}

static void a_publish_that_the_broker_forbids_is_refused_data(void **state)
{
    struct rig *r = *state;
    static const char *const filters[] = {"secret/#", NULL};
    char acl[128];
    (void)snprintf(acl, sizeof(acl), "%s/acl", r->broker.dir);
    FILE *f = fopen(acl, "w");
    assert_non_null(f);
    (void)fprintf(f, "topic read other/#\n");
    assert_int_equal(fclose(f), 0);
    f = fopen(r->broker.config, "a");
    assert_non_null(f);
    (void)fprintf(f, "acl_file %s\n", acl);
    assert_int_equal(fclose(f), 0);
    broker_end(&r->broker, SIGTERM);
    broker_run(&r->broker);

    r->settings.filters = filters;
    client_open(r);
    loop_for(&r->loop, 300);
    (void)unlink(acl);
    /* Mosquitto grants the subscription and filters at delivery: only a publish tells the truth. */
    assert_true(client_ready(r->client));
    assert_int_equal(publish_one(r, "secret/a", 1, on_done), ERR_OK);
    await(r, is_done, 1, 3000);
    assert_int_equal(r->refused, 1);
    assert_int_equal(r->received, 0);
}

static void a_client_closes_in_every_state(void **state)
{
    struct rig *r = *state;
    for (uint64_t wait_ms = 0; wait_ms < 10; wait_ms++) {
        client_open(r);
        loop_for(&r->loop, wait_ms);
        client_shut(r);
    }
    client_open(r);
    await(r, is_ready, r->ready + 1, 3000);
    r->wish = r->handed_over + 50;
    publish_more(r);
    client_shut(r);
    assert_each_called_back_once(r);
}

static void new_fails_cleanly_at_every_allocation(void **state)
{
    struct rig *r = *state;
    static const char *const filters[] = {"a", "b", NULL};
    r->settings.filters = filters;
    for (size_t n = 1;; n++) {
        struct client *c = NULL;
        size_t live = mem_live();
        (void)mem_fail_at(n);
        enum err e = client_new(&c, &r->loop, &r->settings, &clock_system, &client_ops, r);
        if (mem_fail_at(0) < n) {
            assert_int_equal(e, ERR_OK);
            r->client = c;
            return;
        }
        if (e == ERR_OK) { /* a metric less is borne */
            r->client = c;
            client_shut(r);
            continue;
        }
        assert_int_equal(e, ERR_NOMEM);
        assert_int_equal(mem_live(), live);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(new_fails_cleanly_at_every_allocation),
        CASE(ten_thousand_publishes_are_each_called_back_once),
        CASE(a_broker_killed_midway_ends_the_rest_as_transient),
        CASE(a_stopped_broker_ends_what_is_under_way),
        CASE(a_full_window_refuses_and_calls_nobody_back),
        CASE(qos_0_is_called_back_after_writing_not_before_returning),
        CASE(what_cannot_be_published_is_refused_at_once),
        CASE(properties_arrive_as_they_were_given),
        CASE(a_goodbye_leaves_no_will),
        CASE(stopping_ends_what_is_under_way_exactly_once),
        CASE(a_publish_that_the_broker_forbids_is_refused_data),
        CASE(a_client_closes_in_every_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
