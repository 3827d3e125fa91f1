/* SPDX-License-Identifier: Apache-2.0 */
/* The register out of a real database: whole, again when it changes, and only what is valid today.
 * Reached by the variables of `deploy/dev/stack env`; works in rows of its own and takes them away.
 */
#include "pg/register_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <libpq-fe.h>

#include "base/alloc.h"
#include "base/log.h"

#define UNITS 5000 /* more than two pages */

struct rig {
    uv_loop_t loop;
    uv_timer_t deadline;
    struct register_load *loader;
    struct registry *registry;
    int64_t version;
    int loads, closed;
    bool late;
};

static char conninfo[512];

static void on_loaded(void *ctx, struct registry *registry, int64_t version)
{
    struct rig *rig = ctx;
    registry_free(rig->registry);
    rig->registry = registry;
    rig->version = version;
    rig->loads++;
}

static void on_closed(void *arg)
{
    ((struct rig *)arg)->closed++;
}

static void on_deadline(uv_timer_t *timer)
{
    ((struct rig *)timer->data)->late = true;
}

static void wait_for(struct rig *rig, const int *count, int n)
{
    (void)uv_timer_start(&rig->deadline, on_deadline, 20000, 0);
    while (*count < n && !rig->late) {
        (void)uv_run(&rig->loop, UV_RUN_ONCE);
    }
    (void)uv_timer_stop(&rig->deadline);
    assert_int_equal(*count, n);
}

static void run_sql(const char *sql)
{
    PGconn *db = PQconnectdb(conninfo);
    PGresult *r = PQexec(db, sql);
    ExecStatusType status = PQresultStatus(r);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fail_msg("%s", PQerrorMessage(db));
    }
    PQclear(r);
    PQfinish(db);
}

static int make_rows(void **state)
{
    (void)state;
    (void)snprintf(conninfo, sizeof conninfo, "host=%s port=%s dbname=%s user=%s", getenv("PGHOST"),
                   getenv("PGPORT"), getenv("PGDATABASE"), getenv("PGUSER"));
    run_sql("insert into register.division (code, name, valid_to, mapped_to) values"
            " ('990411001', 'now', null, null), ('990411100', 'before', '2019-12-31', '990411001');"
            "insert into register.sector (code, name, profile, lead_org, co_orgs) values"
            " ('test_load', 'test', 'p', 'test_lead', '{test_co,test_more}');"
            "insert into register.org (code, name, kind, division, sectors, active) values"
            " ('test_lead', 'lead', 'DEPARTMENT', '990411', '{test_load,other}', true),"
            " ('test_gone', 'gone', 'TOWNSHIP', null, '{}', false);"
            "insert into register.entity (uscc, name, division, sector, company_code)"
            " select 'TEXT' || lpad(g::text, 14, '0'), 'n' || g, '990411001', 'test_load',"
            "        case when g = 1 then '990000001' end from generate_series(1, 5000) g;"
            "insert into register.unit (uscc, unit, name, division, sector, co_sectors, profile)"
            " values ('TEXT00000000000001', 'u', 'u', '990411001', 'test_load', '{other}', 'own');"
            "update register.entity set valid_to = '2020-01-01' where uscc = 'TEXT00000000000002';"
            "insert into register.publisher (code, kind, adapters, adapter_key) values"
            " ('test-load', 'PLATFORM', '{a,b}', 'secret');"
            "insert into register.authorisation (publisher, uscc, sector) values"
            " ('test-load', '*', 'test_load')");
    return 0;
}

static int remove_rows(void **state)
{
    (void)state;
    run_sql("delete from register.authorisation where publisher = 'test-load';"
            "delete from register.publisher where code = 'test-load';"
            "delete from register.entity where sector = 'test_load';"
            "delete from register.org where code like 'test\\_%';"
            "delete from register.sector where code = 'test_load';"
            "delete from register.division where code like '990411%'");
    return 0;
}

static void open_rig(struct rig *rig)
{
    static const struct register_load_ops ops = {on_loaded};
    struct conn_config config = {.who = "register",
                                 .conninfo = conninfo,
                                 .application = "register_load_server_test",
                                 .connect_timeout_ms = 5000,
                                 .request_timeout_ms = 10000,
                                 .retry_first_ms = 10,
                                 .retry_max_ms = 100};
    *rig = (struct rig){.late = false};
    assert_int_equal(uv_loop_init(&rig->loop), 0);
    (void)uv_timer_init(&rig->loop, &rig->deadline);
    rig->deadline.data = rig;
    assert_int_equal(register_load_new(&rig->loader, &rig->loop, &config, 50, &ops, rig), ERR_OK);
    assert_true(register_load_reason(rig->loader)[0] != '\0');
    register_load_start(rig->loader);
}

static void close_rig(struct rig *rig)
{
    register_load_close(rig->loader, on_closed, rig);
    wait_for(rig, &rig->closed, 1);
    registry_free(rig->registry);
    uv_close((uv_handle_t *)&rig->deadline, NULL);
    (void)uv_run(&rig->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&rig->loop), 0);
    assert_int_equal(mem_live(), 0);
}

static void the_whole_register_is_loaded_in_pages(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    wait_for(&rig, &rig.loads, 1);
    const struct registry *r = rig.registry;
    assert_string_equal(register_load_reason(rig.loader), "");
    assert_true(registry_unit_count(r) >= UNITS - 1);
    const struct reg_unit *unit = registry_unit(r, SPAN_LIT("TEXT00000000005000"), SPAN_LIT(""));
    assert_non_null(unit);
    assert_string_equal(unit->name, "n5000");
    assert_string_equal(unit->division, "990411001");
    assert_string_equal(unit->sector->profile, "p");
    assert_non_null(registry_unit_by_company(r, SPAN_LIT("990000001")));
    assert_true(registry_authorised(r, SPAN_LIT("test-load"), SPAN_LIT("TEXT00000000000003"),
                                    SPAN_LIT("test_load")));
    assert_string_equal(registry_publisher(r, SPAN_LIT("test-load"))->adapters, "a b");
    assert_string_equal(registry_division(r, SPAN_LIT("990411100"))->mapped_to, "990411001");
    assert_true(registry_division(r, SPAN_LIT("990411100"))->retired);
    close_rig(&rig);
}

static void organisations_and_what_units_have_of_their_own_are_loaded(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    wait_for(&rig, &rig.loads, 1);
    const struct reg_org *lead = registry_org(rig.registry, SPAN_LIT("test_lead"));
    assert_non_null(lead);
    assert_int_equal(lead->kind, ORG_DEPARTMENT);
    assert_string_equal(lead->division, "990411");
    assert_string_equal(lead->sectors, "test_load other");
    assert_true(lead->active);
    const struct reg_org *gone = registry_org(rig.registry, SPAN_LIT("test_gone"));
    assert_non_null(gone);
    assert_string_equal(gone->division, "");
    assert_false(gone->active);
    const struct reg_sector *sector = registry_sector(rig.registry, SPAN_LIT("test_load"));
    assert_string_equal(sector->lead_org, "test_lead");
    assert_string_equal(sector->co_orgs, "test_co test_more");
    const struct reg_unit *unit =
        registry_unit(rig.registry, SPAN_LIT("TEXT00000000000001"), SPAN_LIT("u"));
    assert_non_null(unit);
    assert_string_equal(unit->profile, "own");
    assert_string_equal(unit->co_sectors, "other");
    close_rig(&rig);
}

static void what_is_not_valid_today_is_left_out(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    wait_for(&rig, &rig.loads, 1);
    assert_false(registry_has_entity(rig.registry, SPAN_LIT("TEXT00000000000002")));
    assert_true(registry_has_entity(rig.registry, SPAN_LIT("TEXT00000000000003")));
    close_rig(&rig);
}

static void a_change_is_seen_and_nothing_else_loads_again(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig);
    wait_for(&rig, &rig.loads, 1);
    int64_t before = rig.version;
    /* Several polls without a change. */
    (void)uv_timer_start(&rig.deadline, on_deadline, 300, 0);
    while (!rig.late) {
        (void)uv_run(&rig.loop, UV_RUN_ONCE);
    }
    rig.late = false;
    assert_int_equal(rig.loads, 1);
    run_sql("update register.entity set name = 'renamed' where uscc = 'TEXT00000000000003'");
    wait_for(&rig, &rig.loads, 2);
    assert_true(rig.version > before);
    assert_string_equal(
        registry_unit(rig.registry, SPAN_LIT("TEXT00000000000003"), SPAN_LIT(""))->name, "renamed");
    close_rig(&rig);
}

static void it_can_be_closed_while_it_loads(void **state)
{
    (void)state;
    for (int turns = 0; turns < 40; turns += 3) {
        struct rig rig;
        open_rig(&rig);
        for (int i = 0; i < turns && rig.loads == 0; i++) {
            (void)uv_run(&rig.loop, UV_RUN_ONCE);
        }
        close_rig(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_register_is_loaded_in_pages),
        cmocka_unit_test(organisations_and_what_units_have_of_their_own_are_loaded),
        cmocka_unit_test(what_is_not_valid_today_is_left_out),
        cmocka_unit_test(a_change_is_seen_and_nothing_else_loads_again),
        cmocka_unit_test(it_can_be_closed_while_it_loads),
    };
    if (!getenv("PGHOST")) {
        (void)fputs("PGHOST is not set: run by deploy/dev/stack with\n", stderr);
        return 1;
    }
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, make_rows, remove_rows);
}
