/* SPDX-License-Identifier: Apache-2.0 */
/* Commits batches of new hazards through a lane and says what they cost: wall time, our own
 * processor time inside the store, and that of the server's backend. Intake is done beforehand and
 * not counted. Reached by the variables of `deploy/dev/stack env`, on its database, which is
 * migrated.
 *
 *   deploy/dev/stack with --dir DIR -- build/release/tests/bench/ingest_bench [BATCHES
 * [SIZE]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "model/uscc.h"
#include "pg/lane.h"
#include "pg/migrate.h"
#include "pg/sync.h"
#include "pipe/intake.h"

#define UNITS      200
#define WARM_UP    20
#define BODY_BYTES 2048

struct bench {
    uv_loop_t loop;
    struct schema *schema;
    struct registry *registry;
    struct lane *lane;
    struct intake intake;
    struct batch batch;
    struct sync *db;
    char uscc[UNITS][19];
    bool owned, done;
    enum err result;
    uint64_t msg;
};

static double seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double own_cpu(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Seconds of processor time of a process, by /proc. */
static double cpu_of(long pid)
{
    char path[64];
    char line[1024] = "";
    (void)snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "re");
    if (!f || !fgets(line, sizeof line, f)) {
        line[0] = '\0';
    }
    if (f) {
        (void)fclose(f);
    }
    const char *at = strrchr(line, ')');
    for (int field = 2; at && field < 14; field++) {
        at = strchr(at + 1, ' ');
    }
    char *end = NULL;
    double user = at ? strtod(at, &end) : 0;
    double system_time = end ? strtod(end, NULL) : 0;
    return (user + system_time) / (double)sysconf(_SC_CLK_TCK);
}

static void on_owned(void *ctx, const char *client_id)
{
    (void)client_id;
    ((struct bench *)ctx)->owned = true;
}

static void on_lost(void *ctx)
{
    ((struct bench *)ctx)->owned = false;
}

static const struct lane_ops ops = {on_owned, on_lost, NULL};

static void on_done(void *arg, struct batch *batch, enum err result)
{
    struct bench *b = arg;
    (void)batch;
    b->done = true;
    b->result = result;
}

/* 91 410411 MAnnnnnn c c: a valid code for each n. */
static void make_code(char out[19], int n)
{
    char org[9];
    (void)snprintf(org, sizeof org, "MA%06d", n);
    (void)snprintf(out, 19, "91410411%s%c0", org, org_code_check_character(org));
    out[17] = uscc_check_character(out);
}

static bool make_register(struct bench *b)
{
    const char *why = NULL;
    bool ok = schema_load(&b->schema, &why) == ERR_OK && registry_new(&b->registry) == ERR_OK &&
              registry_add_sector(b->registry,
                                  &(struct reg_sector){.code = "textile", .profile = ""}) == ERR_OK;
    for (int i = 0; i < UNITS && ok; i++) {
        char division[16];
        (void)snprintf(division, sizeof division, "4104110%02d", i % 10);
        make_code(b->uscc[i], i);
        struct reg_unit unit = {.uscc = b->uscc[i],
                                .unit = "",
                                .division = division,
                                .company_code = "",
                                .name = "unit"};
        ok = registry_add_division(b->registry, &(struct reg_division){division, NULL, false}) ==
                 ERR_OK &&
             registry_add_unit(b->registry, &unit, "textile") == ERR_OK;
    }
    return ok;
}

static const char body[] =
    "{\"msg_id\":\"%08x-%04x-7d31-9f6e-%012" PRIx64 "\",\"record\":\"hazard\",\"uscc\":\"%s\","
    "\"observed_at\":\"2020-11-02T09:00:00+08:00\",\"source_system\":\"ehs 3.2\","
    "\"source_seq\":%" PRIu64 ",\"body\":{\"id\":\"%032" PRIx64 "\","
    "\"name\":\"储罐区可燃气体报警器失效\",\"level\":\"GENERAL\","
    "\"registered_at\":\"2020-11-02T09:00:00+08:00\",\"registrant\":\"李建国\","
    "\"source\":\"DAILY\",\"manage_type\":\"DEADLINE\",\"discipline\":\"INSTRUMENT\","
    "\"description\":\"罐区东侧三号可燃气体探测器无信号，控制室未报警\",\"resp_person\":\"张建国\","
    "\"deadline\":\"2020-11-05\",\"accept_person\":\"王敏\",\"state\":\"RECTIFYING\"}}";

static bool fill(struct bench *b, int size)
{
    for (int i = 0; i < size; i++) {
        char payload[BODY_BYTES];
        char topic[128];
        const char *uscc = b->uscc[b->msg % UNITS];
        uint64_t n = b->msg++;
        int len = snprintf(payload, sizeof payload, body, 0x0192f3c4u + (unsigned)(n >> 16),
                           (unsigned)(n & 0xffff), n, uscc, n, n * UINT64_C(0x9e3779b97f4a7c15));
        (void)snprintf(topic, sizeof topic, "dp/v1/410411/textile/%s/up/hazard", uscc);
        struct incoming in = {.topic = span_of(topic), .payload = {payload, (size_t)len}};
        struct message *m = intake_take(&b->intake, &in);
        if (!m || m->entries[0].report.problem.reason != REASON_NONE) {
            (void)fprintf(stderr, "%s\n",
                          m ? reason_word(m->entries[0].report.problem.reason) : "no memory");
            return false;
        }
        batch_add(&b->batch, m, 0);
    }
    return true;
}

static bool commit(struct bench *b)
{
    struct store store = lane_store(b->lane);
    b->done = false;
    if (store.ops->commit(store.ctx, &b->batch, on_done, b) != ERR_OK) {
        return false;
    }
    while (!b->done) {
        (void)uv_run(&b->loop, UV_RUN_ONCE);
    }
    return b->result == ERR_OK;
}

static int64_t number(struct bench *b, const char *sql)
{
    struct pg_result *r = NULL;
    if (sync_query(b->db, sql, NULL, 0, &r) != ERR_OK) {
        (void)fprintf(stderr, "%s\n", sync_error(b->db));
        return -1;
    }
    int64_t n = strtoll(sync_text(r, 0, 0), NULL, 10);
    sync_free(r);
    return n;
}

static int measure(struct bench *b, int batches, int size)
{
    double wall = 0;
    double own = 0;
    long pid = (long)number(b, "select pid from pg_stat_activity where usename ="
                               " 'dualgate_gateway' limit 1");
    double server = 0;
    for (int i = 0; i < batches + WARM_UP; i++) {
        if (!fill(b, size)) {
            return 1;
        }
        double server_before = cpu_of(pid);
        double own_before = own_cpu();
        double before = seconds();
        if (!commit(b)) {
            (void)fprintf(stderr, "commit failed: %s\n", lane_reason(b->lane));
            return 1;
        }
        if (i >= WARM_UP) {
            wall += seconds() - before;
            own += own_cpu() - own_before;
            server += cpu_of(pid) - server_before;
        }
        batch_clear(&b->batch);
    }
    double n = (double)batches * size;
    int64_t stored = number(b, "select stored from dg.lane where lane = 1");
    (void)printf("batches=%d size=%d reports_per_s=%.0f gateway_us=%.2f server_us=%.2f"
                 " ms_per_batch=%.2f stored=%" PRId64 "\n",
                 batches, size, n / wall, own / n * 1e6, server / n * 1e6, wall / batches * 1e3,
                 stored);
    return stored == (int64_t)(batches + WARM_UP) * size ? 0 : 1;
}

static void on_closed(void *arg)
{
    (void)arg;
}

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

int main(int argc, char **argv)
{
    static struct bench b;
    struct settings settings;
    struct buf why;
    struct buf report;
    char conninfo[256];
    int batches = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 200;
    int size = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 500;
    buf_init(&why, 0);
    buf_init(&report, 0);
    log_set_level(LOG_LEVEL_WARN);
    settings_default(&settings);
    settings.pg.host = variable("PGHOST");
    settings.pg.port = strtol(variable("PGPORT"), NULL, 10);
    settings.pg.user = variable("PGUSER");
    settings.pg.database = variable("PGDATABASE");
    (void)snprintf(conninfo, sizeof conninfo, "host=%s port=%s dbname=%s user=dualgate_gateway",
                   variable("PGHOST"), variable("PGPORT"), variable("PGDATABASE"));
    struct migrate_options migrations = {.files = embedded_migrations,
                                         .n_files = embedded_migrations_count};
    if (!make_register(&b) || sync_open(&b.db, &settings, "bench", &why) != ERR_OK ||
        migrate_run(b.db, &migrations, &report, &why) != ERR_OK) {
        (void)fprintf(stderr, "%s\n", buf_text(&why));
        return 2;
    }
    struct lane_settings s = {.lane = 1,
                              .node = "410411",
                              .conn = {.who = "bench",
                                       .conninfo = conninfo,
                                       .application = "bench",
                                       .connect_timeout_ms = 5000,
                                       .request_timeout_ms = 60000,
                                       .retry_first_ms = 10,
                                       .retry_max_ms = 100},
                              .lock_poll_ms = 20,
                              .commit_timeout_ms = 60000,
                              .fatal_retry_ms = 100,
                              .late_max = 100,
                              .tuning = {.retry_max = 10,
                                         .parked_sweep_ms = 2000,
                                         .parked_keep_ms = 600000,
                                         .parked_max = 1000,
                                         .life_events_max = 1000,
                                         .parked_chunk = 500,
                                         .raw_keep_days = 30,
                                         .audit_keep_days = 184,
                                         .attachment_keep_days = 30},
                              .arena_max_bytes = (size_t)256 << 20};
    batch_init(&b.batch);
    b.intake = (struct intake){.schema = b.schema,
                               .registry = b.registry,
                               .clock = &clock_system,
                               .node = "410411",
                               .limits = {500, 65536, 16},
                               .message_bytes_max = 1 << 22,
                               .arena_bytes_max = 1 << 24,
                               .correlation_bytes_max = 256,
                               .response_topic_bytes_max = 256,
                               .future_tolerance_us = 600000000,
                               .rules = {33, 35, 112, 115, true}};
    (void)uv_loop_init(&b.loop);
    if (lane_new(&b.lane, &b.loop, b.schema, &s, &clock_system, &ops, &b) != ERR_OK) {
        return 2;
    }
    lane_start(b.lane);
    while (!b.owned) {
        (void)uv_run(&b.loop, UV_RUN_ONCE);
    }
    int code = measure(&b, batches, size);
    lane_close(b.lane, on_closed, NULL);
    (void)uv_run(&b.loop, UV_RUN_DEFAULT);
    sync_close(b.db);
    buf_free(&why);
    buf_free(&report);
    return code;
}
