/* SPDX-License-Identifier: Apache-2.0 */
/* Running settings take over what may change while running, and nothing else. */
#include "conf/settings_follow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"

struct told {
    char taken[512], left[512];
};

static void tell(void *arg, const struct setting *row, const struct settings *running,
                 const struct settings *fresh)
{
    struct told *t = arg;
    struct buf line;
    buf_init(&line, 0);
    buf_printf(&line, "%s ", row->name);
    setting_write(running, row, &line);
    buf_putc(&line, ' ');
    setting_write(fresh, row, &line);
    buf_putc(&line, '\n');
    char *to = row->reloadable ? t->taken : t->left;
    size_t len = strlen(to);
    (void)snprintf(to + len, sizeof t->taken - len, "%s", buf_text(&line));
    buf_free(&line);
}

static void set(struct settings *s, const char *name, const char *value)
{
    struct buf why;
    buf_init(&why, 0);
    assert_int_equal(setting_store(s, settings_find(name), value, &why), ERR_OK);
    buf_free(&why);
}

static void what_may_change_is_taken_and_the_rest_is_named(void **state)
{
    (void)state;
    struct settings running, fresh;
    struct told told = {.taken = ""};
    settings_default(&running);
    settings_default(&fresh);
    set(&fresh, "node.name", "新华区");
    set(&fresh, "batch.age_ms", "50");
    set(&fresh, "mqtt.port", "2884");
    set(&fresh, "feed.enabled", "false");
    set(&fresh, "rules.lat_min", "30.5");
    set(&fresh, "log.level", "debug");
    assert_int_equal(settings_follow(&running, &fresh, tell, &told), 4);
    assert_string_equal(
        told.taken, "node.name \"湛河区\" \"新华区\"\nrules.lat_min 33 30.5\nbatch.age_ms 20 50\n"
                    "log.level \"info\" \"debug\"\n");
    assert_string_equal(told.left, "mqtt.port 1884 2884\nfeed.enabled true false\n");
    assert_string_equal(running.node.name, "新华区");
    assert_int_equal(running.batch.age_ms, 50);
    assert_int_equal(running.mqtt.port, 1884);
    assert_true(running.feed.enabled);
    settings_free(&fresh);
    settings_free(&running);
}

static void texts_move_to_the_newest_and_the_last_but_one_may_go(void **state)
{
    (void)state;
    struct settings running, first, second;
    struct told told = {.taken = ""};
    settings_default(&running);
    settings_default(&first);
    settings_default(&second);
    set(&first, "node.name", "新华区");
    set(&second, "node.name", "新华区");
    assert_int_equal(settings_follow(&running, &first, tell, &told), 1);
    assert_int_equal(settings_follow(&running, &second, tell, &told), 0);
    settings_free(&first); /* a sanitizer tells whoever still looks into it */
    assert_string_equal(running.node.name, "新华区");
    settings_free(&second);
    settings_free(&running);
    assert_int_equal(mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_may_change_is_taken_and_the_rest_is_named),
        cmocka_unit_test(texts_move_to_the_newest_and_the_last_but_one_may_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
