/* SPDX-License-Identifier: Apache-2.0 */
/* The gate when processes die or stand still: a gateway that exits with a backlog in its hands, one
 * that is killed at any moment, a broker that is stopped, a peer that drops SYNs. */
#include "system/broker_rig.h"

#include <sys/mman.h>

#include "base/clock.h"
#include "mqtt/gate.h"

#define NUMBERS_MAX 5000
#define TOPIC       "dp/v1/410411/hazchem/p1/up/hazard"

/* What is counted as committed must outlive the process that is killed. */
struct ledger {
    int committed[NUMBERS_MAX];
};

struct rig {
    struct broker broker;
    uv_loop_t loop;
    struct gate *gate;
    struct gate_settings settings;
    struct ledger *ledger;
    int batch[NUMBERS_MAX];
    int want, held, seen, lost, ready, target;
    bool exit_when_held, release;
    uint8_t times[NUMBERS_MAX];
};

static void on_message(void *ctx, const struct incoming *in)
{
    struct rig *r = ctx;
    int number = 0;
    for (size_t i = 0; i < in->payload.len; i++) {
        number = number * 10 + (in->payload.at[i] - '0');
    }
    assert_in_range(number, 0, NUMBERS_MAX - 1);
    r->times[number]++;
    r->batch[r->held++ % NUMBERS_MAX] = number;
    r->seen++;
}

static bool wants_more(void *ctx)
{
    struct rig *r = ctx;
    return r->held < r->want;
}

static void commit(struct rig *r)
{
    for (int i = 0; i < r->held; i++) {
        r->ledger->committed[r->batch[i]]++;
    }
    r->held = 0;
}

static void on_burst_end(void *ctx)
{
    struct rig *r = ctx;
    if (r->exit_when_held) {
        _exit(42);
    }
    if (r->release) {
        commit(r);
        gate_release(r->gate);
    }
}

static void on_lost(void *ctx)
{
    struct rig *r = ctx;
    r->held = 0;
    r->lost++;
}

static void on_ready(void *ctx)
{
    struct rig *r = ctx;
    r->ready++;
}

static const struct gate_ops gate_ops = {on_message, wants_more, on_burst_end, on_lost, on_ready};
static const char *const filters[] = {"dp/v1/410411/+/+/up/#", NULL};

static void gate_open(struct rig *r)
{
    assert_int_equal(gate_new(&r->gate, &r->loop, &r->settings, &clock_system, &gate_ops, r),
                     ERR_OK);
    gate_start(r->gate);
}

static void gate_shut(struct rig *r)
{
    bool closed = false;
    gate_close(r->gate, rig_set_true, &closed);
    assert_true(loop_until(&r->loop, rig_is_true, &closed, 3000));
    r->gate = NULL;
}

static bool is_ready(void *arg)
{
    struct rig *r = arg;
    return r->ready >= r->target;
}

static bool has_lost(void *arg)
{
    struct rig *r = arg;
    return r->lost >= r->target;
}

static bool has_seen(void *arg)
{
    struct rig *r = arg;
    return r->seen >= r->target;
}

static void await(struct rig *r, bool (*holds)(void *), int target, uint64_t ms)
{
    r->target = target;
    assert_true(loop_until(&r->loop, holds, r, ms));
}

static int set_up(void **state)
{
    struct rig *r = mem_zalloc(sizeof(*r));
    assert_non_null(r);
    r->ledger =
        mmap(NULL, sizeof(*r->ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(r->ledger != MAP_FAILED);
    broker_start(&r->broker, "");
    assert_int_equal(uv_loop_init(&r->loop), 0);
    r->want = 200;
    r->settings = (struct gate_settings){
        .host = "127.0.0.1",
        .port = r->broker.port,
        .client_id = "5d1c7c4f3a0b4e7f9d2a6b8c0e1f2a3b",
        .filters = filters,
        .probe_topic = "dp/v1/410411/org/gateway/up/probe",
        .receive_maximum = 1000,
        .session_expiry_s = 3600,
        .keepalive_s = 60,
        .connect_timeout_ms = 500,
        .probe_timeout_ms = 300,
        .probe_interval_ms = 200,
        .backoff_first_ms = 20,
        .backoff_max_ms = 100,
        .batch_age_ms = 1000,
    };
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *r = *state;
    if (r->gate) {
        gate_shut(r);
    }
    assert_int_equal(uv_loop_close(&r->loop), 0);
    broker_stop(&r->broker);
    (void)munmap(r->ledger, sizeof(*r->ledger));
    mem_free(r);
    return 0;
}

/* A gateway in a process of its own, on a loop of its own; it never returns. */
static pid_t spawn_gateway(struct rig *r)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)alarm(10); /* nothing came: what it should have had is lost */
        uv_loop_t loop;
        if (uv_loop_init(&loop) != 0 ||
            gate_new(&r->gate, &loop, &r->settings, &clock_system, &gate_ops, r) != ERR_OK) {
            _exit(1);
        }
        gate_start(r->gate);
        (void)uv_run(&loop, UV_RUN_DEFAULT);
        _exit(2);
    }
    return pid;
}

static void make_session(struct rig *r)
{
    gate_open(r);
    await(r, is_ready, 1, 3000);
    gate_shut(r);
}

static void a_backlog_in_the_hands_of_a_process_that_exits_comes_again(void **state)
{
    struct rig *r = *state;
    make_session(r);
    publish_numbers(r->broker.port, TOPIC, 0, 500);

    r->exit_when_held = true;
    for (int i = 0; i < 5; i++) {
        int status = 0;
        pid_t pid = spawn_gateway(r);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 42);
    }

    r->exit_when_held = false;
    r->release = true;
    gate_open(r);
    await(r, has_seen, 500, 5000);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(r->times[i], 1);
    }
}

static void what_was_acknowledged_was_committed_whenever_the_process_is_killed(void **state)
{
    struct rig *r = *state;
    make_session(r);
    publish_numbers(r->broker.port, TOPIC, 0, NUMBERS_MAX);
    r->release = true;
    r->want = 50;
    for (int i = 0; i < 8; i++) {
        pid_t pid = spawn_gateway(r);
        (void)usleep((useconds_t)(4000 + 3000 * i));
        (void)kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
    }
    /* The rest; a message that none of them committed must come now. */
    gate_open(r);
    await(r, is_ready, 2, 3000);
    publish_numbers(r->broker.port, TOPIC, NUMBERS_MAX - 1, 1);
    int before = -1;
    while (before != r->seen) {
        before = r->seen;
        loop_for(&r->loop, 300);
    }
    for (int i = 0; i < NUMBERS_MAX; i++) {
        assert_true(r->ledger->committed[i] >= 1);
    }
}

static void a_stopped_broker_is_noticed(void **state)
{
    struct rig *r = *state;
    r->release = true;
    gate_open(r);
    await(r, is_ready, 1, 3000);
    (void)kill(r->broker.pid, SIGSTOP);
    await(r, has_lost, 1, 1500);
    loop_for(&r->loop, 1000); /* attempts that nobody answers */
    (void)kill(r->broker.pid, SIGCONT);
    await(r, is_ready, 2, 5000);
    publish_numbers(r->broker.port, TOPIC, 0, 10);
    await(r, has_seen, 10, 3000);
}

static void a_broker_stopped_during_a_commit_is_noticed_after_it(void **state)
{
    struct rig *r = *state;
    gate_open(r);
    await(r, is_ready, 1, 3000);
    publish_numbers(r->broker.port, TOPIC, 0, 10);
    await(r, has_seen, 1, 3000);
    loop_for(&r->loop, 20);
    (void)kill(r->broker.pid, SIGSTOP);
    loop_for(&r->loop, 1000);
    assert_int_equal(r->lost, 0);
    commit(r);
    r->release = true;
    gate_release(r->gate);
    await(r, has_lost, 1, 2000);
    (void)kill(r->broker.pid, SIGCONT);
    await(r, has_seen, 10, 5000);
}

struct pulse {
    uint64_t last, longest;
};

static void on_pulse(uv_timer_t *timer)
{
    struct pulse *p = timer->data;
    uint64_t now = uv_hrtime() / 1000000;
    if (p->last && now - p->last > p->longest) {
        p->longest = now - p->last;
    }
    p->last = now;
}

/* A listener whose backlog is full drops the SYN, as a firewall does. */
static int full_listener(uint16_t port, int *fillers, int n)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(fd, 0), 0);
    for (int i = 0; i < n; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(fillers[i], (struct sockaddr *)&at, sizeof(at));
    }
    return fd;
}

static void a_host_that_drops_every_syn_does_not_block_the_loop(void **state)
{
    struct rig *r = *state;
    int fillers[4];
    r->settings.port = free_port();
    int listener = full_listener(r->settings.port, fillers, 4);
    struct pulse pulse = {0, 0};
    uv_timer_t timer;
    bool closed = false;
    assert_int_equal(uv_timer_init(&r->loop, &timer), 0);
    timer.data = &pulse;
    assert_int_equal(uv_timer_start(&timer, on_pulse, 10, 10), 0);

    gate_open(r);
    loop_for(&r->loop, 1500);

    timer.data = &closed;
    uv_close((uv_handle_t *)&timer, rig_closed);
    gate_shut(r);
    for (int i = 0; i < 4; i++) {
        (void)close(fillers[i]);
    }
    (void)close(listener);
    assert_true(closed);
    assert_true(pulse.longest < 200);
    assert_int_equal(r->ready, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_backlog_in_the_hands_of_a_process_that_exits_comes_again),
        CASE(what_was_acknowledged_was_committed_whenever_the_process_is_killed),
        CASE(a_stopped_broker_is_noticed),
        CASE(a_broker_stopped_during_a_commit_is_noticed_after_it),
        CASE(a_host_that_drops_every_syn_does_not_block_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
