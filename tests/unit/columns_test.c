/* SPDX-License-Identifier: Apache-2.0 */
/* A record's columns follow from its descriptor; none bears the name of another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "model/columns.h"

#define ARENA_MAX ((size_t)1 << 20)

static struct schema *schema;
static struct arena arena;

static int load(void **state)
{
    (void)state;
    const char *why = NULL;
    arena_init(&arena, ARENA_MAX);
    return schema_load(&schema, &why) == ERR_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    schema_free(schema);
    arena_free(&arena);
    return 0;
}

static struct column_list columns(const char *record)
{
    struct column_list list;
    assert_int_equal(columns_of(schema_record(schema, span_of(record)), &arena, &list), ERR_OK);
    return list;
}

static const struct column *column(const char *record, const char *name)
{
    struct column_list list = columns(record);
    for (size_t i = 0; i < list.n; i++) {
        if (strcmp(list.items[i].name, name) == 0) {
            return &list.items[i];
        }
    }
    return NULL;
}

static void types_follow_type_and_format(void **state)
{
    (void)state;
    static const struct {
        const char *record, *column;
        enum column_type type;
    } cases[] = {
        {"hazard", "name", COLUMN_TEXT},           {"hazard", "level", COLUMN_TEXT},
        {"hazard", "measure_id", COLUMN_TEXT},     {"hazard", "registered_at", COLUMN_TIMESTAMPTZ},
        {"hazard", "deadline", COLUMN_DATE},       {"hazard", "cost", COLUMN_NUMERIC},
        {"hazard", "round", COLUMN_INTEGER},       {"hazard", "major_basis", COLUMN_JSONB},
        {"hazard", "photo_before", COLUMN_JSONB},  {"risk_event", "accident_types", COLUMN_JSONB},
        {"check_task", "work_start", COLUMN_TEXT}, {"zero_report", "period", COLUMN_TEXT},
        {"entity", "above_scale", COLUMN_BOOLEAN},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct column *c = column(cases[i].record, cases[i].column);
        assert_non_null(c);
        assert_int_equal(c->type, cases[i].type);
    }
    assert_int_equal(column("check_task", "cycle")->precision, 4);
    assert_int_equal(column("check_task", "cycle")->scale, 2);
    assert_string_equal(column_type_name(COLUMN_TIMESTAMPTZ), "timestamptz");
}

static void the_id_of_the_record_has_no_column_of_its_own(void **state)
{
    (void)state;
    assert_null(column("hazard", "id"));
    assert_null(column("zero_report", "id"));
    assert_null(column("hazard_transition", "id"));
    assert_non_null(column("hazard_transition", "hazard_id"));
}

static bool taken(const struct column_list *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list->items[i].name, name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < columns_before_n; i++) {
        if (strcmp(columns_before[i].name, name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < columns_after_n; i++) {
        if (strcmp(columns_after[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void no_column_bears_the_name_of_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < schema->n_records; i++) {
        struct column_list list = columns(schema->records[i].name);
        assert_true(list.n > 0);
        for (size_t k = 0; k < list.n; k++) {
            assert_false(taken(&list, k, list.items[k].name));
        }
    }
    assert_string_equal(column("entity", "body_division")->field->desc->name, "division");
    assert_string_equal(column("entity", "body_sector")->field->desc->name, "sector");
}

static void an_exhausted_arena_is_said(void **state)
{
    (void)state;
    for (size_t n = 1;; n++) {
        struct arena a;
        struct column_list list;
        arena_init(&a, ARENA_MAX);
        mem_fail_at(n);
        enum err e = columns_of(schema_record(schema, SPAN_LIT("entity")), &a, &list);
        size_t asked = mem_fail_at(0);
        arena_free(&a);
        if (asked < n) {
            assert_int_equal(e, ERR_OK);
            break;
        }
        assert_int_equal(e, ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_follow_type_and_format),
        cmocka_unit_test(the_id_of_the_record_has_no_column_of_its_own),
        cmocka_unit_test(no_column_bears_the_name_of_another),
        cmocka_unit_test(an_exhausted_arena_is_said),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
