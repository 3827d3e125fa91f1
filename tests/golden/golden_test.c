/* SPDX-License-Identifier: Apache-2.0 */
/* Every adapter against its own samples: files as sectors send them, and beside each the canonical
 * reports, or the reasons, that must come of it. Run from the top of the tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <dirent.h>

#include "adapt/load.h"
#include "adapt/sample.h"
#include "adapt/trial.h"

#define DIR_OF_ADAPTERS "adapters"
#define AT_LEAST        12
#define ARENA_MAX       ((size_t)256 << 20)

static struct schema *schema;
static struct adapters *adapters;

static const struct read_limits limits = {.reports_max = 500,
                                          .report_bytes_max = 262144,
                                          .depth_max = 32,
                                          .attachments = {.bytes_max = 5242880, .count_max = 20}};

static void check_samples_of(const char *name)
{
    struct sample_count count;
    struct buf complaints;
    buf_init(&complaints, 0);
    const struct mapping *m = adapters_find(adapters, span_of(name));
    assert_non_null(m);
    enum err err = sample_check(adapters, DIR_OF_ADAPTERS, m, &count, &complaints);
    if (err != ERR_OK) {
        print_error("%s", buf_text(&complaints));
    }
    buf_free(&complaints);
    assert_int_equal(err, ERR_OK);
    assert_true(count.accepted >= AT_LEAST);
    assert_true(count.rejected >= AT_LEAST);
}

static void hazchem_samples_come_out_as_written(void **state)
{
    (void)state;
    check_samples_of("hazchem");
}

static void gongmao_samples_come_out_as_written(void **state)
{
    (void)state;
    check_samples_of("gongmao");
}

static void every_adapter_of_the_tree_passes_its_samples(void **state)
{
    (void)state;
    struct buf complaints;
    buf_init(&complaints, 0);
    enum err err = adapt_check(adapters, DIR_OF_ADAPTERS, &complaints);
    assert_string_equal(buf_text(&complaints), "");
    assert_int_equal(err, ERR_OK);
    buf_free(&complaints);
}

/* ---- the neighbour's encoding ---- */

struct neighbour {
    struct trial trial;
    const struct mapping *m;
    size_t refused;
};

static bool has_letters_beyond_ascii(const struct report_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        struct span raw = set->items[i].raw;
        for (size_t k = 0; k < raw.len; k++) {
            if ((raw.at[k] & 0x80) != 0) {
                return true;
            }
        }
    }
    return false;
}

/* Whatever is read as Chinese by its own encoding must be refused by the other. */
static void try_file(struct neighbour *n, const char *path)
{
    struct arena arena;
    struct span written;
    struct span payload;
    struct report_set own;
    struct report_set other;
    arena_init(&arena, ARENA_MAX);
    assert_int_equal(load_file(path, 1 << 20, &arena, &written), ERR_OK);
    assert_int_equal(
        sample_prepare(n->m, path, written, span_of(n->trial.publisher->key), &arena, &payload),
        ERR_OK);
    n->trial.charset = SPAN_NONE;
    assert_int_equal(trial_run(&n->trial, payload, &arena, &own), ERR_OK);
    n->trial.charset = n->m->charset == CHARSET_UTF8 ? SPAN_LIT("gb2312") : SPAN_LIT("UTF-8");
    assert_int_equal(trial_run(&n->trial, payload, &arena, &other), ERR_OK);
    if (has_letters_beyond_ascii(&own)) {
        assert_int_equal(other.problem.reason, REASON_BAD_ENCODING);
        n->refused++;
    }
    arena_free(&arena);
}

static bool is_sample(const char *name)
{
    return name[0] != '.' && !strstr(name, ".expected.") && strcmp(name, "register.csv") != 0;
}

static void try_folder(struct neighbour *n, const char *folder)
{
    char path[512];
    DIR *handle = opendir(folder);
    assert_non_null(handle);
    for (const struct dirent *entry; (entry = readdir(handle)) != NULL;) {
        if (is_sample(entry->d_name)) {
            (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            try_file(n, path);
        }
    }
    (void)closedir(handle);
}

static void decoding_with_the_neighbours_encoding_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < adapters_count(adapters); i++) {
        char folder[256];
        char path[300];
        struct arena arena;
        struct buf complaints;
        struct trial_register reg;
        struct neighbour n = {.m = adapters_at(adapters, i)};
        (void)snprintf(folder, sizeof folder, DIR_OF_ADAPTERS "/%s/samples", n.m->name);
        (void)snprintf(path, sizeof path, "%s/register.csv", folder);
        arena_init(&arena, ARENA_MAX);
        buf_init(&complaints, 0);
        assert_int_equal(trial_register_load(path, n.m->name, &arena, &reg, &complaints), ERR_OK);
        n.trial = (struct trial){
            .adapters = adapters,
            .adapter = span_of(n.m->name),
            .registry = reg.registry,
            .publisher = registry_publisher(reg.registry, span_of(reg.publisher)),
            .node = reg.node,
            .received_us = INT64_C(1609430400) * 1000000,
        };
        try_folder(&n, folder);
        assert_true(n.refused >= 2);
        trial_register_free(&reg);
        buf_free(&complaints);
        arena_free(&arena);
    }
}

static int load_all(void **state)
{
    (void)state;
    const char *why = NULL;
    struct buf complaints;
    buf_init(&complaints, 0);
    if (schema_load(&schema, &why) != ERR_OK) {
        return -1;
    }
    enum err err = adapters_load(DIR_OF_ADAPTERS, schema, &limits, &adapters, &complaints);
    if (err != ERR_OK) {
        print_error("%s", buf_text(&complaints));
    }
    buf_free(&complaints);
    return err == ERR_OK ? 0 : -1;
}

static int free_all(void **state)
{
    (void)state;
    adapters_free(adapters);
    schema_free(schema);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hazchem_samples_come_out_as_written),
        cmocka_unit_test(gongmao_samples_come_out_as_written),
        cmocka_unit_test(every_adapter_of_the_tree_passes_its_samples),
        cmocka_unit_test(decoding_with_the_neighbours_encoding_fails),
    };
    return cmocka_run_group_tests(tests, load_all, free_all);
}
