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
#include "adapt/xml_tree.h"

#define DIR_OF_ADAPTERS "adapters"
/* Reports that each adapter's samples show taken, and refused. */
#define AT_LEAST         5
#define AT_LEAST_OF_MAIN 12
#define ARENA_MAX        ((size_t)256 << 20)

static struct schema *schema;
static struct adapters *adapters;

static const struct read_limits limits = {.reports_max = 500,
                                          .report_bytes_max = 262144,
                                          .depth_max = 32,
                                          .attachments = {.bytes_max = 5242880, .count_max = 20}};

static size_t least_of(const char *name)
{
    static const char *const main_ones[] = {"hazchem", "hazchem_w3", "gongmao", "construction",
                                            "micro"};
    for (size_t i = 0; i < sizeof main_ones / sizeof main_ones[0]; i++) {
        if (strcmp(name, main_ones[i]) == 0) {
            return AT_LEAST_OF_MAIN;
        }
    }
    return AT_LEAST;
}

static void samples_show_enough_taken_and_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < adapters_count(adapters); i++) {
        const struct mapping *m = adapters_at(adapters, i);
        struct sample_count count;
        struct buf complaints;
        buf_init(&complaints, 0);
        enum err err = sample_check(adapters, DIR_OF_ADAPTERS, m, &count, &complaints);
        assert_true(err == ERR_OK || err == ERR_INVALID);
        if (count.accepted < least_of(m->name) || count.rejected < least_of(m->name)) {
            print_error("%s: %zu taken, %zu refused; expected %zu of each\n", m->name,
                        count.accepted, count.rejected, least_of(m->name));
            fail();
        }
        buf_free(&complaints);
    }
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

/* Bytes beyond ASCII, or in a form their escapes. */
static bool shows_letters(const struct mapping *m, struct span payload)
{
    for (size_t i = 0; i < payload.len; i++) {
        bool escape = m->container == CONTAINER_FORM && payload.at[i] == '%' &&
                      i + 1 < payload.len && strchr("89ABCDEFabcdef", payload.at[i + 1]);
        if (escape || (payload.at[i] & 0x80) != 0) {
            return true;
        }
    }
    return false;
}

/* What was sealed shows in the rows. */
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
    enum charset charset = n->m->charset == CHARSET_UNKNOWN
                               ? charset_of_name(xml_declared_encoding(payload))
                               : n->m->charset;
    n->trial.charset = charset == CHARSET_GB18030 ? SPAN_LIT("UTF-8") : SPAN_LIT("gb2312");
    assert_int_equal(trial_run(&n->trial, payload, &arena, &other), ERR_OK);
    if (own.problem.reason == REASON_NONE &&
        (shows_letters(n->m, payload) || has_letters_beyond_ascii(&own))) {
        if (other.problem.reason != REASON_BAD_ENCODING) {
            print_error("%s: taken as %.*s too\n", path, SPAN_ARG(n->trial.charset));
        }
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
        cmocka_unit_test(samples_show_enough_taken_and_refused),
        cmocka_unit_test(every_adapter_of_the_tree_passes_its_samples),
        cmocka_unit_test(decoding_with_the_neighbours_encoding_fails),
    };
    return cmocka_run_group_tests(tests, load_all, free_all);
}
