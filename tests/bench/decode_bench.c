/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to a judged message, on one core and without broker or database: what a report costs
 * as canonical JSON, as protobuf, and through each adapter. The messages are the adapters' own
 * samples, those of which at least half is taken; they are run again and again.
 *
 *   build/release/tests/bench/decode_bench [SECONDS [ADAPTERS_FOLDER]]     a line of JSON each
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "adapt/load.h"
#include "adapt/sample.h"
#include "adapt/trial.h"
#include "app/mappings.h"
#include "app/native.h"
#include "base/alloc.h"
#include "base/log.h"
#include "pipe/intake.h"

#define SAMPLES_MAX     64
#define PATH_CHARS_MAX  1024
#define ARENA_BYTES_MAX ((size_t)256 << 20)
#define SAMPLE_MAX      ((size_t)16 << 20)
#define ARRAY           100

struct subject {
    char topic[256], type[128];
    struct span payload;
};

struct bench {
    struct settings settings;
    struct schema *schema;
    struct mappings mappings;
    struct arena arena; /* of the subjects of one line */
    struct subject subjects[SAMPLES_MAX];
    size_t n;
    struct intake intake;
    double seconds;
};

static double processor_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct incoming incoming_of(const struct subject *s)
{
    return (struct incoming){
        .topic = span_of(s->topic), .payload = s->payload, .content_type = span_of(s->type)};
}

/* At least half of the reports. */
static bool is_taken(const struct message *m)
{
    size_t taken = 0;
    for (size_t i = 0; m != NULL && i < m->n_entries; i++) {
        taken += m->entries[i].report.problem.reason == REASON_NONE;
    }
    return m != NULL && taken > 0 && 2 * taken >= m->n_entries;
}

/* Keeps the subject last added only if it is taken. */
static void keep_if_taken(struct bench *b)
{
    const struct incoming in = incoming_of(&b->subjects[b->n]);
    struct message *m = intake_take(&b->intake, &in);
    b->n += is_taken(m);
    message_free(m);
}

static void measure(struct bench *b, const char *what)
{
    uint64_t reports = 0, bytes = 0, messages = 0;
    double begun = processor_seconds();
    double spent = 0;
    while (b->n > 0 && spent < b->seconds) {
        for (size_t i = 0; i < b->n; i++) {
            const struct incoming in = incoming_of(&b->subjects[i]);
            struct message *m = intake_take(&b->intake, &in);
            if (m != NULL) {
                messages++;
                reports += m->n_entries;
                bytes += m->payload.len;
                message_free(m);
            }
        }
        spent = processor_seconds() - begun;
    }
    if (reports > 0) {
        (void)printf("{\"what\": \"%s\", \"samples\": %zu, \"reports_per_message\": %.1f, "
                     "\"bytes_per_report\": %.0f, \"us_per_report\": %.2f, \"reports_per_s\": "
                     "%.0f}\n",
                     what, b->n, (double)reports / (double)messages,
                     (double)bytes / (double)reports, spent / (double)reports * 1e6,
                     (double)reports / spent);
    } else {
        (void)printf("{\"what\": \"%s\", \"samples\": 0}\n", what);
    }
    b->n = 0;
    arena_reset(&b->arena);
}

/* ---- adapters ---- */

/* The topic's sector: of the unit that the first report is about. */
static const char *sector_of(const struct trial *trial, struct span payload, struct arena *arena)
{
    struct report_set set;
    if (trial_run(trial, payload, arena, &set) != ERR_OK || set.count == 0 || !set.items[0].env ||
        !set.items[0].env->uscc) {
        return NULL;
    }
    const Dualgate__V1__Report *env = set.items[0].env;
    const struct reg_unit *unit =
        registry_unit(trial->registry, span_of(env->uscc), span_of(env->unit ? env->unit : ""));
    return unit ? unit->sector->code : NULL;
}

static void add_sample(struct bench *b, const struct trial *trial, const struct mapping *m,
                       const char *path)
{
    struct subject *s = &b->subjects[b->n];
    struct span written;
    if (b->n == SAMPLES_MAX || load_file(path, SAMPLE_MAX, &b->arena, &written) != ERR_OK ||
        sample_prepare(m, path, written, span_of(trial->publisher->key), &b->arena, &s->payload) !=
            ERR_OK) {
        return;
    }
    const char *sector = sector_of(trial, s->payload, &b->arena);
    if (sector != NULL) {
        (void)snprintf(s->topic, sizeof s->topic, "dp/v1/%s/%s/%s/up/native", trial->node, sector,
                       trial->publisher->code);
        (void)snprintf(s->type, sizeof s->type, "application/vnd.dualgate.%s", m->name);
        keep_if_taken(b);
    }
}

/* The samples' register with all units in the first one's sector: a table of many firms then goes
 * by one topic. False without it. */
static bool write_register(const char *from, char *to)
{
    char line[4096], sector[64] = "";
    FILE *in = fopen(from, "re");
    int fd = in ? mkstemp(to) : -1;
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    int column = -1;
    for (int row = 0; out != NULL && fgets(line, sizeof line, in) != NULL; row++) {
        struct span rest = span_trim(span_of(line));
        for (int i = 0; rest.at != NULL; i++) {
            struct span cell = span_cut(&rest, ',');
            if (row == 0 && span_is(cell, "sector")) {
                column = i;
            } else if (row == 1 && i == column) {
                (void)snprintf(sector, sizeof sector, "%.*s", SPAN_ARG(cell));
            }
            cell = row > 0 && i == column ? span_of(sector) : cell;
            (void)fprintf(out, "%s%.*s", i > 0 ? "," : "", SPAN_ARG(cell));
        }
        (void)fputc('\n', out);
    }
    if (in != NULL) {
        (void)fclose(in);
    }
    return out != NULL && fclose(out) == 0;
}

static bool is_sample(const char *name)
{
    return name[0] != '.' && strstr(name, ".expected.") == NULL &&
           strcmp(name, "register.csv") != 0;
}

static void run_adapter(struct bench *b, const char *dir, const struct mapping *m)
{
    char folder[PATH_CHARS_MAX], path[PATH_CHARS_MAX + 256];
    char one_sector[] = "/tmp/decode_bench.XXXXXX";
    struct trial_register reg;
    struct buf complaints;
    buf_init(&complaints, 0);
    (void)snprintf(folder, sizeof folder, "%s/%s/samples", dir, m->name);
    (void)snprintf(path, sizeof path, "%s/register.csv", folder);
    DIR *handle = opendir(folder);
    struct arena texts;
    arena_init(&texts, ARENA_BYTES_MAX);
    if (handle != NULL && write_register(path, one_sector) &&
        trial_register_load(one_sector, m->name, &texts, &reg, &complaints) == ERR_OK) {
        const struct trial trial = {
            .adapters = b->mappings.running,
            .adapter = span_of(m->name),
            .registry = reg.registry,
            .publisher = registry_publisher(reg.registry, span_of(reg.publisher)),
            .node = reg.node,
            .received_us = clock_wall_us(&clock_system),
        };
        b->intake.registry = reg.registry;
        b->intake.node = reg.node;
        for (const struct dirent *e; (e = readdir(handle)) != NULL;) {
            if (is_sample(e->d_name)) {
                (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
                add_sample(b, &trial, m, path);
            }
        }
        measure(b, m->name);
        trial_register_free(&reg);
    }
    (void)unlink(one_sector);
    if (handle != NULL) {
        (void)closedir(handle);
    }
    arena_free(&texts);
    buf_free(&complaints);
}

/* ---- canonical ---- */

static const char canonical[] =
    "{\"msg_id\":\"0192f3c4-0000-7d31-9f6e-%012x\",\"record\":\"hazard\","
    "\"uscc\":\"91410411MA45ABCD6Y\",\"observed_at\":\"2020-11-02T09:00:00+08:00\","
    "\"source_system\":\"ehs 3.2\",\"source_seq\":%d,\"body\":{\"id\":\"%032x\","
    "\"name\":\"储罐区可燃气体报警器失效\",\"level\":\"GENERAL\","
    "\"found_at\":\"2020-11-02T08:00:00+08:00\",\"registered_at\":\"2020-11-02T09:00:00+08:00\","
    "\"registrant\":\"李建国\",\"source\":\"DAILY\",\"manage_type\":\"DEADLINE\","
    "\"discipline\":\"INSTRUMENT\",\"description\":"
    "\"罐区东侧三号可燃气体探测器无信号，控制室未报警\","
    "\"resp_person\":\"张建国\",\"deadline\":\"2020-11-05\",\"accept_person\":\"王敏\","
    "\"state\":\"RECTIFYING\"}}";

static void write_json(struct bench *b, int reports)
{
    struct buf text;
    buf_init(&text, 0);
    buf_puts(&text, reports > 1 ? "[" : "");
    for (int i = 0; i < reports; i++) {
        buf_puts(&text, i > 0 ? "," : "");
        buf_printf(&text, canonical, (unsigned)i, i, (unsigned)i + 1);
    }
    buf_puts(&text, reports > 1 ? "]" : "");
    struct subject *s = &b->subjects[b->n];
    s->payload = (struct span){arena_strndup(&b->arena, buf_text(&text), text.len), text.len};
    (void)snprintf(s->type, sizeof s->type, "application/json");
    buf_free(&text);
}

/* The same reports as the protobuf that they become. */
static void write_protobuf(struct bench *b, int reports)
{
    write_json(b, reports);
    struct subject *s = &b->subjects[b->n];
    const struct incoming in = incoming_of(s);
    struct message *m = intake_take(&b->intake, &in);
    if (!is_taken(m)) {
        message_free(m);
        return;
    }
    Dualgate__V1__ReportBatch batch = DUALGATE__V1__REPORT_BATCH__INIT;
    Dualgate__V1__Report *all[ARRAY];
    for (size_t i = 0; i < m->n_entries && i < ARRAY; i++) {
        all[batch.n_reports++] = m->entries[i].report.env;
    }
    batch.reports = all;
    size_t len = protobuf_c_message_get_packed_size(&batch.base);
    uint8_t *bytes = arena_alloc(&b->arena, len);
    if (bytes != NULL) {
        protobuf_c_message_pack(&batch.base, bytes);
        s->payload = (struct span){(const char *)bytes, len};
        (void)snprintf(s->type, sizeof s->type, "application/x-protobuf");
    }
    message_free(m);
}

static void run_canonical(struct bench *b, const char *what,
                          void (*write)(struct bench *b, int reports), int reports)
{
    struct registry *registry = NULL;
    const struct reg_sector sector = {.code = "hazchem", .profile = ""};
    const struct reg_division division = {.code = "410411001"};
    const struct reg_unit unit = {.uscc = "91410411MA45ABCD6Y",
                                  .unit = "",
                                  .division = "410411001",
                                  .company_code = "",
                                  .name = "unit"};
    if (registry_new(&registry) == ERR_OK && registry_add_sector(registry, &sector) == ERR_OK &&
        registry_add_division(registry, &division) == ERR_OK &&
        registry_add_unit(registry, &unit, sector.code) == ERR_OK) {
        b->intake.registry = registry;
        b->intake.node = "410411";
        (void)snprintf(b->subjects[0].topic, sizeof b->subjects[0].topic,
                       "dp/v1/410411/hazchem/%s/up/hazard", unit.uscc);
        write(b, reports);
        keep_if_taken(b);
        measure(b, what);
    }
    registry_free(registry);
}

int main(int argc, char **argv)
{
    static struct bench b;
    struct buf errors;
    const char *why = NULL;
    b.seconds = argc > 1 ? strtod(argv[1], NULL) : 2;
    const char *dir = argc > 2 ? argv[2] : "adapters";
    buf_init(&errors, 0);
    arena_init(&b.arena, ARENA_BYTES_MAX);
    settings_default(&b.settings);
    const struct read_limits limits = intake_limits(&b.settings);
    log_set_level(LOG_LEVEL_ERROR);
    if (schema_load(&b.schema, &why) != ERR_OK ||
        mappings_load(&b.mappings, dir, b.schema, &limits, &errors) != ERR_OK) {
        (void)fprintf(stderr, "%s%s\n", why ? why : "", buf_text(&errors));
        return 1;
    }
    b.intake = intake_of(&b.settings, &native_reading);
    b.intake.schema = b.schema;
    b.intake.clock = &clock_system;
    b.intake.native_ctx = &b.mappings;
    run_canonical(&b, "canonical JSON", write_json, 1);
    run_canonical(&b, "canonical JSON, arrays of 100", write_json, ARRAY);
    run_canonical(&b, "protobuf", write_protobuf, 1);
    run_canonical(&b, "protobuf, arrays of 100", write_protobuf, ARRAY);
    for (size_t i = 0; i < adapters_count(b.mappings.running); i++) {
        run_adapter(&b, dir, adapters_at(b.mappings.running, i));
    }
    mappings_free(&b.mappings);
    schema_free(b.schema);
    arena_free(&b.arena);
    buf_free(&errors);
    return 0;
}
