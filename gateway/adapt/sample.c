/* SPDX-License-Identifier: Apache-2.0 */
/* Expected results are compared member by member, so that a sample need not repeat what does not
 * concern it; the body is compared whole. */
#include "adapt/sample.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "adapt/load.h"
#include "adapt/trial.h"
#include "model/json_write.h"

#define SAMPLE_BYTES_MAX ((size_t)16 << 20)
#define ARENA_BYTES_MAX  ((size_t)256 << 20)
#define PATH_CHARS_MAX   1024
#define EXPECTED_SUFFIX  ".expected.jsonl"
#define REGISTER_FILE    "register.csv"
/* 2021-01-01T00:00:00+08:00: when all samples are received. */
#define RECEIVED_US (INT64_C(1609430400) * 1000000)

/* One sample being looked at. */
struct sample {
    const struct trial *trial;
    const struct mapping *m;
    const char *path;
    struct arena *arena;
    struct sample_count *count;
    struct buf *complaints;
    size_t line; /* of the expected results, from 1: what is being compared */
    bool good;
};

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text);
    size_t m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* index: of the report in the sample. */
static void complain(struct sample *s, size_t index, const char *what, const char *expected,
                     const char *got)
{
    buf_printf(s->complaints, "%s" EXPECTED_SUFFIX ":%zu: report %zu: %s: expected %s, came %s\n",
               s->path, s->line, index, what, expected ? expected : "nothing",
               got ? got : "nothing");
    s->good = false;
}

static void complain_count(struct sample *s, size_t line, size_t expected, size_t came)
{
    char want[32];
    char have[32];
    (void)snprintf(want, sizeof want, "%zu", expected);
    (void)snprintf(have, sizeof have, "%zu", came);
    complain(s, line, "number of reports", want, have);
}

/* ---- comparing ---- */

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static void compare_problem(struct sample *s, size_t line, const json_t *expected,
                            const struct problem *p)
{
    const char *reason = text_of(expected, "rejected");
    if (!same_text(reason, reason_word(p->reason))) {
        complain(s, line, p->field ? p->field : "reason", reason,
                 p->reason == REASON_NONE ? "a report that was taken" : reason_word(p->reason));
    } else if (!same_text(text_of(expected, "field"), p->field)) {
        complain(s, line, "field", text_of(expected, "field"), p->field);
    } else if (json_object_get(expected, "value") &&
               !same_text(text_of(expected, "value"), p->value)) {
        complain(s, line, "value", text_of(expected, "value"), p->value);
    } else {
        s->count->rejected++;
    }
}

static void complain_json(struct sample *s, size_t line, const char *name, const json_t *expected,
                          const json_t *got)
{
    char *want = expected ? json_dumps(expected, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
    char *have = got ? json_dumps(got, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
    json_malloc_t take = NULL;
    json_free_t release = NULL;
    json_get_alloc_funcs(&take, &release);
    complain(s, line, name, want, have);
    release(want);
    release(have);
}

static void compare_warnings(struct sample *s, size_t line, const json_t *expected,
                             const struct report *r)
{
    json_t *got = json_array();
    for (const struct warning *w = r->warnings; w; w = w->next) {
        (void)json_array_append_new(got, json_string(w->text));
    }
    if (!json_equal(expected, got)) {
        complain_json(s, line, "warnings", expected, got);
    }
    json_decref(got);
}

static void compare_one(struct sample *s, size_t line, const char *in, const char *name,
                        const json_t *want, const json_t *have)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s%s", in, name);
    if (!want || !have || !json_equal(want, have)) {
        complain_json(s, line, path, want, have);
    }
}

/* Each member that one of them has. */
static void compare_body(struct sample *s, size_t line, const json_t *expected, const json_t *got)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)(uintptr_t)expected, name, value)
    {
        compare_one(s, line, "body.", name, value, json_object_get(got, name));
    }
    json_object_foreach((json_t *)(uintptr_t)got, name, value)
    {
        if (!json_object_get(expected, name)) {
            compare_one(s, line, "body.", name, NULL, value);
        }
    }
}

static void compare_members(struct sample *s, size_t line, const json_t *expected,
                            const json_t *got, const struct report *r)
{
    void *it = json_object_iter((json_t *)(uintptr_t)expected);
    while (it) {
        const char *name = json_object_iter_key(it);
        const json_t *want = json_object_iter_value(it);
        const json_t *have = json_object_get(got, name);
        if (strcmp(name, "warnings") == 0) {
            compare_warnings(s, line, want, r);
        } else if (strcmp(name, "body") == 0 && json_is_object(want) && json_is_object(have)) {
            compare_body(s, line, want, have);
        } else {
            compare_one(s, line, "", name, want, have);
        }
        it = json_object_iter_next((json_t *)(uintptr_t)expected, it);
    }
}

static void complain_rejected(struct sample *s, size_t line, const struct problem *p)
{
    struct buf came;
    buf_init(&came, 0);
    buf_printf(&came, "%s %s: ", reason_word(p->reason), p->field ? p->field : "");
    reason_text_en(p->reason, span_of(p->label_en), span_of(p->value), &came);
    complain(s, line, "verdict", "a report that is taken", buf_text(&came));
    buf_free(&came);
}

static void compare_report(struct sample *s, size_t line, const json_t *expected,
                           const struct report *r)
{
    if (r->problem.reason != REASON_NONE) {
        complain_rejected(s, line, &r->problem);
        return;
    }
    struct buf text;
    buf_init(&text, 0);
    json_write_report(adapters_schema(s->trial->adapters), r->env, JSON_OPEN, &text);
    json_t *got = json_loadb(text.data ? text.data : "", text.len, JSON_DECODE_INT_AS_REAL, NULL);
    bool was_good = s->good;
    s->good = true;
    if (!uuid_is(span_of(r->env->msg_id))) {
        complain(s, line, "msg_id", "a UUID", r->env->msg_id);
    }
    compare_members(s, line, expected, got, r);
    s->count->accepted += s->good ? 1 : 0;
    s->good = s->good && was_good;
    json_decref(got);
    buf_free(&text);
}

static void compare_line(struct sample *s, size_t line, struct span text,
                         const struct report_set *set)
{
    json_error_t error;
    json_t *expected =
        json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &error);
    if (!expected || !json_is_object(expected)) {
        complain(s, line, "expected result", "a JSON object", error.text);
    } else if (set->problem.reason != REASON_NONE && !text_of(expected, "rejected")) {
        complain_rejected(s, line, &set->problem);
    } else if (set->problem.reason != REASON_NONE) {
        compare_problem(s, line, expected, &set->problem);
    } else if (line >= set->count) {
        complain_count(s, line, line + 1, set->count);
    } else if (text_of(expected, "rejected")) {
        compare_problem(s, line, expected, &set->items[line].problem);
    } else {
        compare_report(s, line, expected, &set->items[line]);
    }
    json_decref(expected);
}

static void compare(struct sample *s, struct span expected, const struct report_set *set)
{
    size_t line = 0;
    s->line = 0;
    for (struct span rest = expected; rest.at;) {
        struct span text = span_trim(span_cut(&rest, '\n'));
        s->line++;
        if (text.len > 0) {
            compare_line(s, line++, text, set);
        }
    }
    size_t came = set->problem.reason != REASON_NONE ? 1 : set->count;
    if (came > line) {
        complain_count(s, line, line, came);
    }
}

/* ---- the folder ---- */

static enum err run_sample(struct sample *s)
{
    char expected_path[PATH_CHARS_MAX + sizeof EXPECTED_SUFFIX];
    struct span written;
    struct span expected;
    struct span payload;
    struct report_set set;
    (void)snprintf(expected_path, sizeof expected_path, "%s" EXPECTED_SUFFIX, s->path);
    const char *missing = s->path;
    enum err err = load_file(s->path, SAMPLE_BYTES_MAX, s->arena, &written);
    if (err == ERR_OK) {
        missing = expected_path;
        err = load_file(expected_path, SAMPLE_BYTES_MAX, s->arena, &expected);
    }
    if (err == ERR_OK) {
        missing = s->path;
        err = sample_prepare(s->m, s->path, written, span_of(s->trial->publisher->key), s->arena,
                             &payload);
    }
    if (err == ERR_OK) {
        err = trial_run(s->trial, payload, s->arena, &set);
    }
    if (err == ERR_OK) {
        s->count->files++;
        compare(s, expected, &set);
    } else if (err != ERR_NOMEM) {
        buf_printf(s->complaints, "%s: %s; expected a file with a line for each report\n", missing,
                   err_text(err));
        s->good = false;
        err = ERR_OK;
    }
    return err;
}

static bool is_sample(const char *name)
{
    return name[0] != '.' && !ends_with(name, EXPECTED_SUFFIX) && strcmp(name, REGISTER_FILE) != 0;
}

/* A file of expected results whose sample is not there is a misspelt name. */
static void check_belongs(struct sample *s, const char *folder, const char *name)
{
    char path[2 * PATH_CHARS_MAX];
    size_t len = ends_with(name, EXPECTED_SUFFIX) ? strlen(name) - strlen(EXPECTED_SUFFIX) : 0;
    int n = snprintf(path, sizeof path, "%s/%.*s", folder, (int)len, name);
    if (len > 0 && n > 0 && (size_t)n < sizeof path && access(path, F_OK) != 0) {
        buf_printf(s->complaints, "%s/%s: belongs to no sample; expected a file %s\n", folder, name,
                   path);
        s->good = false;
    }
}

static enum err run_folder(struct sample *s, const char *folder, DIR *handle)
{
    char path[PATH_CHARS_MAX];
    enum err err = ERR_OK;
    for (const struct dirent *entry; err == ERR_OK && (entry = readdir(handle)) != NULL;) {
        if (!is_sample(entry->d_name)) {
            check_belongs(s, folder, entry->d_name);
            continue;
        }
        int n = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        struct arena arena;
        arena_init(&arena, ARENA_BYTES_MAX);
        s->path = path;
        s->arena = &arena;
        err = n > 0 && (size_t)n < sizeof path ? run_sample(s) : ERR_INVALID;
        s->path = NULL;
        s->arena = NULL;
        arena_free(&arena);
    }
    return err;
}

enum err sample_check(const struct adapters *a, const char *dir, const struct mapping *m,
                      struct sample_count *count, struct buf *complaints)
{
    char folder[PATH_CHARS_MAX];
    char path[PATH_CHARS_MAX + 32];
    struct trial_register reg = {.registry = NULL};
    struct arena arena;
    *count = (struct sample_count){0, 0, 0};
    int n = snprintf(folder, sizeof folder, "%s/%s/samples", dir, m->name);
    DIR *handle = n > 0 && (size_t)n < sizeof folder ? opendir(folder) : NULL;
    if (!handle) {
        return ERR_OK;
    }
    arena_init(&arena, ARENA_BYTES_MAX);
    (void)snprintf(path, sizeof path, "%s/" REGISTER_FILE, folder);
    enum err err = trial_register_load(path, m->name, &arena, &reg, complaints);
    if (err == ERR_NOT_FOUND) {
        buf_printf(complaints, "%s: missing; samples need a register\n", path);
        err = ERR_INVALID;
    }
    if (err != ERR_OK) {
        goto out;
    }
    struct trial trial = {
        .adapters = a,
        .adapter = span_of(m->name),
        .registry = reg.registry,
        .publisher = registry_publisher(reg.registry, span_of(reg.publisher)),
        .node = reg.node,
        .received_us = RECEIVED_US,
    };
    struct sample s = {
        .trial = &trial, .m = m, .count = count, .complaints = complaints, .good = true};
    err = run_folder(&s, folder, handle);
    if (err == ERR_OK && !s.good) {
        err = ERR_INVALID;
    }
out:
    trial_register_free(&reg);
    arena_free(&arena);
    (void)closedir(handle);
    return err;
}

enum err adapt_check(const struct adapters *a, const char *dir, struct buf *complaints)
{
    enum err worst = ERR_OK;
    for (size_t i = 0; i < adapters_count(a); i++) {
        struct sample_count count;
        enum err err = sample_check(a, dir, adapters_at(a, i), &count, complaints);
        if (err == ERR_NOMEM) {
            return err;
        }
        worst = err != ERR_OK ? err : worst;
    }
    return worst;
}
