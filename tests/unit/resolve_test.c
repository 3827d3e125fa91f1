/* SPDX-License-Identifier: Apache-2.0 */
/* What libpq is given: names become addresses, everything else stays as it was written. */
#include "pg/resolve.h"

#include <libpq-fe.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"

struct rig {
    uv_loop_t loop;
    struct resolve *resolve;
    int answers;
    enum err err;
    int freed;
};

static void on_ready(void *arg, enum err err, const char *why)
{
    struct rig *rig = arg;
    assert_non_null(why);
    rig->answers++;
    rig->err = err;
}

static void on_freed(void *arg)
{
    ((struct rig *)arg)->freed++;
}

static void resolve_text(struct rig *rig, const char *conninfo)
{
    char *why = NULL;
    memset(rig, 0, sizeof *rig);
    assert_int_equal(uv_loop_init(&rig->loop), 0);
    assert_int_equal(resolve_new(&rig->resolve, &rig->loop, conninfo, &why), ERR_OK);
    assert_int_equal(resolve_start(rig->resolve, on_ready, rig), ERR_OK);
    assert_int_equal(rig->answers, 0);
    (void)uv_run(&rig->loop, UV_RUN_DEFAULT);
    assert_int_equal(rig->answers, 1);
}

static void end(struct rig *rig)
{
    resolve_free(rig->resolve, on_freed, rig);
    (void)uv_run(&rig->loop, UV_RUN_DEFAULT);
    assert_int_equal(rig->freed, 1);
    assert_int_equal(uv_loop_close(&rig->loop), 0);
    assert_int_equal(mem_live(), 0);
}

static const char *value_of(const struct rig *rig, const char *keyword)
{
    const char *const *keywords = resolve_keywords(rig->resolve);
    for (size_t i = 0; keywords[i]; i++) {
        if (strcmp(keywords[i], keyword) == 0) {
            return resolve_values(rig->resolve)[i];
        }
    }
    return NULL;
}

static void a_socket_directory_stays_as_it_is(void **state)
{
    (void)state;
    struct rig rig;
    resolve_text(&rig, "host=/run/postgresql port=5433 dbname=d user=u");
    assert_int_equal(rig.err, ERR_OK);
    assert_string_equal(value_of(&rig, "host"), "/run/postgresql");
    assert_string_equal(value_of(&rig, "hostaddr"), "");
    assert_string_equal(value_of(&rig, "port"), "5433");
    assert_string_equal(value_of(&rig, "dbname"), "d");
    end(&rig);
}

static void an_address_needs_no_name_server(void **state)
{
    (void)state;
    struct rig rig;
    resolve_text(&rig, "host=127.0.0.1,::1 port=1,2");
    assert_int_equal(rig.err, ERR_OK);
    assert_string_equal(value_of(&rig, "hostaddr"), "127.0.0.1,::1");
    assert_string_equal(value_of(&rig, "port"), "1,2");
    end(&rig);
}

static void a_given_hostaddr_is_left_alone(void **state)
{
    (void)state;
    struct rig rig;
    resolve_text(&rig, "host=db.invalid hostaddr=192.0.2.7 port=6");
    assert_int_equal(rig.err, ERR_OK);
    assert_string_equal(value_of(&rig, "host"), "db.invalid");
    assert_string_equal(value_of(&rig, "hostaddr"), "192.0.2.7");
    end(&rig);
}

static void one_port_serves_every_host(void **state)
{
    (void)state;
    struct rig rig;
    resolve_text(&rig, "host=/a,127.0.0.1 port=7");
    assert_string_equal(value_of(&rig, "host"), "/a,127.0.0.1");
    assert_string_equal(value_of(&rig, "hostaddr"), ",127.0.0.1");
    assert_string_equal(value_of(&rig, "port"), "7,7");
    end(&rig);
}

static void a_name_that_is_unknown_is_left_out_while_another_is_known(void **state)
{
    (void)state;
    struct rig rig;
    resolve_text(&rig, "host=no-such-host.invalid,127.0.0.1 port=1,2");
    assert_int_equal(rig.err, ERR_OK);
    assert_string_equal(value_of(&rig, "hostaddr"), "127.0.0.1");
    assert_string_equal(value_of(&rig, "port"), "2");
    end(&rig);
}

static void only_unknown_names_are_an_error_that_may_pass(void **state)
{
    (void)state;
    struct rig rig;
    resolve_text(&rig, "host=no-such-host.invalid");
    assert_int_equal(rig.err, ERR_TRANSIENT);
    end(&rig);
}

static void what_the_administrator_wrote_is_not_overridden(void **state)
{
    (void)state;
    struct rig rig;
    resolve_text(&rig, "host=/a application_name=mine");
    resolve_add(rig.resolve, "application_name", "ours");
    resolve_add(rig.resolve, "keepalives_idle", "2");
    assert_string_equal(value_of(&rig, "application_name"), "mine");
    assert_string_equal(value_of(&rig, "keepalives_idle"), "2");
    end(&rig);
}

static void an_abandoned_question_is_not_answered(void **state)
{
    (void)state;
    struct rig rig = {.answers = 0};
    char *why = NULL;
    assert_int_equal(uv_loop_init(&rig.loop), 0);
    assert_int_equal(resolve_new(&rig.resolve, &rig.loop, "host=localhost", &why), ERR_OK);
    assert_int_equal(resolve_start(rig.resolve, on_ready, &rig), ERR_OK);
    assert_int_equal(resolve_start(rig.resolve, on_ready, &rig), ERR_FULL);
    (void)uv_run(&rig.loop, UV_RUN_NOWAIT);
    int answers = rig.answers; /* a fast resolver may have answered already */
    resolve_abandon(rig.resolve);
    end(&rig);
    assert_int_equal(rig.answers, answers);
}

static void a_text_that_does_not_parse_says_why(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct resolve *r = NULL;
    char *why = NULL;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(resolve_new(&r, &loop, "host='open", &why), ERR_SYNTAX);
    assert_non_null(why);
    PQfreemem(why);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_socket_directory_stays_as_it_is),
        cmocka_unit_test(an_address_needs_no_name_server),
        cmocka_unit_test(a_given_hostaddr_is_left_alone),
        cmocka_unit_test(one_port_serves_every_host),
        cmocka_unit_test(a_name_that_is_unknown_is_left_out_while_another_is_known),
        cmocka_unit_test(only_unknown_names_are_an_error_that_may_pass),
        cmocka_unit_test(what_the_administrator_wrote_is_not_overridden),
        cmocka_unit_test(an_abandoned_question_is_not_answered),
        cmocka_unit_test(a_text_that_does_not_parse_says_why),
    };
    /* The variables of the developer's shell would be taken for hosts and ports. */
    (void)unsetenv("PGHOST");
    (void)unsetenv("PGPORT");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
