/* SPDX-License-Identifier: Apache-2.0 */
/* Settings come from table, file and environment; all that is wrong is told at once, with its
 * place. `settings_test --print` writes the file that config/gateway.yaml must be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "conf/secret.h"
#include "conf/settings.h"

static char path[] = "/tmp/settings_test_XXXXXX";

static void write_file(const char *to, const char *text)
{
    FILE *f = fopen(to, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

struct loaded {
    struct settings s;
    struct buf errors;
    enum err result;
};

static void load(struct loaded *l, const char *yaml)
{
    write_file(path, yaml);
    buf_init(&l->errors, 0);
    l->result = settings_load(&l->s, path, &l->errors);
}

static void done(struct loaded *l)
{
    settings_free(&l->s);
    buf_free(&l->errors);
}

/* The errors, compared with the file's name left out. */
static void assert_errors(struct loaded *l, const char *want)
{
    struct buf got;
    buf_init(&got, 0);
    struct span rest = buf_span(&l->errors);
    while (rest.len > 0) {
        struct span line = span_cut(&rest, '\n');
        if (span_starts(line, span_of(path))) {
            line.at += strlen(path) + 1;
            line.len -= strlen(path) + 1;
        }
        buf_put_span(&got, line);
        buf_putc(&got, '\n');
    }
    assert_string_equal(buf_text(&got), want);
    buf_free(&got);
}

static void every_row_has_help_range_and_a_good_default(void **state)
{
    (void)state;
    size_t count;
    const struct setting *t = settings_table(&count);
    struct settings s;
    struct buf why;
    buf_init(&why, 0);
    settings_default(&s);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(t[i].help);
        assert_ptr_equal(settings_find(t[i].name), &t[i]);
        assert_true(t[i].type == SETTING_BOOL || t[i].min < t[i].max || t[i].charset);
        if (setting_store(&s, &t[i], t[i].initial, &why) != ERR_OK) {
            fail_msg("%s: %s", t[i].name, buf_text(&why));
        }
    }
    assert_null(settings_find("mqtt"));
    buf_free(&why);
    settings_free(&s);
}

static void units_stand_in_names(void **state)
{
    (void)state;
    static const char *const ends[][2] = {{"ms", "_ms"},
                                          {"s", "_s"},
                                          {"bytes", "_bytes_max"},
                                          {"bytes", ".bytes_max"},
                                          {"days", "_days"}};
    size_t count;
    const struct setting *t = settings_table(&count);
    for (size_t i = 0; i < count; i++) {
        int fits = t[i].unit == NULL || strcmp(t[i].unit, "degrees") == 0;
        for (size_t e = 0; !fits && e < sizeof(ends) / sizeof(ends[0]); e++) {
            size_t n = strlen(t[i].name), m = strlen(ends[e][1]);
            fits = strcmp(t[i].unit, ends[e][0]) == 0 && n > m &&
                   strcmp(t[i].name + n - m, ends[e][1]) == 0;
        }
        if (!fits) {
            fail_msg("%s is in %s", t[i].name, t[i].unit);
        }
    }
}

static void the_shipped_file_is_the_table(void **state)
{
    (void)state;
    struct settings s;
    struct buf want, got;
    buf_init(&want, 0);
    buf_init(&got, 0);
    settings_default(&s);
    settings_write_yaml(&s, &want);
    FILE *f = fopen("config/gateway.yaml", "re");
    if (!f) {
        fail_msg("run me in the top folder");
        return;
    }
    for (int c; (c = fgetc(f)) != EOF;) {
        buf_putc(&got, (char)c);
    }
    (void)fclose(f);
    assert_string_equal(buf_text(&got), buf_text(&want));
    buf_free(&want);
    buf_free(&got);
}

static void the_shipped_file_gives_the_defaults(void **state)
{
    (void)state;
    struct settings s;
    struct buf errors, want, got;
    buf_init(&errors, 0);
    buf_init(&want, 0);
    buf_init(&got, 0);
    settings_default(&s);
    settings_write_yaml(&s, &want);
    assert_int_equal(settings_load(&s, "config/gateway.yaml", &errors), ERR_OK);
    assert_int_equal(errors.len, 0);
    settings_write_yaml(&s, &got);
    assert_string_equal(buf_text(&got), buf_text(&want));
    settings_free(&s);
    buf_free(&errors);
    buf_free(&want);
    buf_free(&got);
}

static void values_of_every_type_are_taken(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, "node:\n  code: 410402 # Xinhua\n  name: '新华区'\n"
             "mqtt: {host: \"broker.example\", port: 2883}\n"
             "rules:\n  lat_min: -3.25\nfeed:\n  enabled: false\nregister:\n  poll_ms: 20\nlog:\n");
    assert_errors(&l, "");
    assert_int_equal(l.result, ERR_OK);
    assert_string_equal(l.s.node.code, "410402");
    assert_string_equal(l.s.node.name, "新华区");
    assert_string_equal(l.s.mqtt.host, "broker.example");
    assert_int_equal(l.s.mqtt.port, 2883);
    assert_true(l.s.rules.lat_min < -3.24 && l.s.rules.lat_min > -3.26);
    assert_false(l.s.feed.enabled);
    assert_int_equal(l.s.reg.poll_ms, 20);
    assert_string_equal(l.s.log.level, "info");
    done(&l);
}

static void everything_wrong_is_told_in_one_go_with_its_place(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, "node:\n"
             "  code: 4104\n"
             "mqtt:\n"
             "  port: 99999\n"
             "  hots: x\n"
             "  keepalive_s: \"15\"\n"
             "  username:\n"
             "  host: [a, b]\n"
             "  receive_maximum: 12k\n"
             "feed:\n"
             "  enabled: maybe\n"
             "  poll_ms: 100\n"
             "  poll_ms: 200\n"
             "batch: 7\n"
             "unknown:\n"
             "  a: 1\n"
             "log:\n"
             "  level: loud\n"
             "http:\n"
             "  host: 0.0.0.0\n");
    assert_int_equal(l.result, ERR_INVALID);
    assert_errors(&l, "2:9: node.code: \"4104\" must have from 6 to 6 bytes\n"
                      "4:9: mqtt.port: \"99999\" must be from 1 to 65535\n"
                      "5:3: mqtt.hots: unknown setting\n"
                      "6:17: mqtt.keepalive_s: is quoted, but must be a number or a truth value\n"
                      "7:3: mqtt.username: has no value\n"
                      "8:3: mqtt.host: must be a single value\n"
                      "9:20: mqtt.receive_maximum: \"12k\" must be a whole number\n"
                      "11:12: feed.enabled: \"maybe\" must be true or false\n"
                      "13:3: feed.poll_ms: stands twice, first in line 12\n"
                      "14:1: batch: must be a map of settings\n"
                      "15:1: unknown: unknown setting\n"
                      "18:10: log.level: \"loud\" must be one of: debug info warn error\n"
                      "20:9: http.host: \"0.0.0.0\" must be one of: 127.0.0.1 ::1\n");
    assert_int_equal(l.s.mqtt.port, 1884);
    assert_int_equal(l.s.feed.poll_ms, 100);
    done(&l);
}

static void odd_files_are_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        enum err result;
        const char *part;
    } cases[] = {
        {"mqtt:\n  host: \"x\n", ERR_SYNTAX, ":"},
        {"mqtt: [1, 2\n", ERR_SYNTAX, ":"},
        {"- a\n", ERR_INVALID, "must be a map"},
        {"text\n", ERR_INVALID, "must be a map"},
        {"mqtt.host: x\n", ERR_INVALID, "1:1: \"mqtt.host\" unknown setting"},
        {"? [a]\n: b\n", ERR_INVALID, "unknown setting"},
        {"node: {name: &a x}\ngateway: {name: *a}\n", ERR_INVALID, "aliases are not allowed"},
        {"node: {name: \"a\\0b\"}\n", ERR_INVALID, "no text"},
        {"node: {name: \"a\\u0007b\"}\n", ERR_INVALID, "no text"},
        {"mqtt: {port: 0x10}\n", ERR_INVALID, "whole number"},
        {"mqtt: {port: 007}\n", ERR_INVALID, "whole number"},
        {"mqtt: {port: 99999999999999999999}\n", ERR_INVALID, "whole number"},
        {"rules: {lat_min: 1e1}\n", ERR_INVALID, "must be a number"},
        {"rules: {lat_min: 1.2.3}\n", ERR_INVALID, "must be a number"},
        {"rules: {lat_min: 91}\n", ERR_INVALID, "from -90 to 90 degrees"},
        {"node: {name: \xff}\n", ERR_SYNTAX, "UTF-8"},
        {"gateway: {name: a/b}\n", ERR_INVALID, "may hold only"},
        {"", ERR_OK, ""},
        {"# nothing\n", ERR_OK, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct loaded l;
        load(&l, cases[i].yaml);
        if (l.result != cases[i].result || !strstr(buf_text(&l.errors), cases[i].part)) {
            fail_msg("%s: %d %s", cases[i].yaml, (int)l.result, buf_text(&l.errors));
        }
        assert_int_equal(l.errors.len == 0, l.result == ERR_OK);
        done(&l);
    }
}

static void a_missing_file_is_told(void **state)
{
    (void)state;
    struct loaded l;
    buf_init(&l.errors, 0);
    l.result = settings_load(&l.s, "/nowhere/gateway.yaml", &l.errors);
    assert_int_equal(l.result, ERR_IO);
    assert_string_equal(buf_text(&l.errors),
                        "/nowhere/gateway.yaml: cannot be read: No such file or directory\n");
    done(&l);
}

static void settings_that_contradict_each_other_are_told(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, "batch:\n  messages_max: 5000\n");
    assert_errors(&l, "2:17: batch.messages_max: 5000 must not be above mqtt.receive_maximum, "
                      "which is 4000\n");
    done(&l);
    load(&l, "pg:\n  backoff_max_ms: 100\n");
    assert_errors(&l, "2:19: pg.backoff_first_ms: 200 must not be above pg.backoff_max_ms, which "
                      "is 100\n");
    done(&l);
}

static void the_environment_overrides_the_file(void **state)
{
    (void)state;
    assert_int_equal(setenv("DUALGATE_MQTT_HOST", "from.env", 1), 0);
    assert_int_equal(setenv("DUALGATE_MQTT_PORT", "1", 1), 0);
    assert_int_equal(setenv("DUALGATE_REGISTER_POLL_MS", "x", 1), 0);
    struct loaded l;
    load(&l, "mqtt:\n  host: from.file\n  port: 1999\n");
    assert_int_equal(l.result, ERR_INVALID);
    assert_errors(&l,
                  "DUALGATE_REGISTER_POLL_MS: register.poll_ms: \"x\" must be a whole number\n");
    assert_string_equal(l.s.mqtt.host, "from.env");
    assert_int_equal(l.s.mqtt.port, 1999); /* that name is another's */
    done(&l);
    assert_int_equal(unsetenv("DUALGATE_MQTT_HOST"), 0);
    assert_int_equal(unsetenv("DUALGATE_MQTT_PORT"), 0);
    assert_int_equal(unsetenv("DUALGATE_REGISTER_POLL_MS"), 0);
}

static void a_password_is_the_first_line_of_a_closed_file(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *password; /* NULL: refused */
    } cases[] = {{"s3cret\n", "s3cret"},
                 {"s3cret\r\nmore\n", "s3cret"},
                 {"no end", "no end"},
                 {"\n", NULL},
                 {"", NULL}};
    struct arena arena;
    struct buf why;
    arena_init(&arena, 65536);
    buf_init(&why, 0);
    const char *got;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        write_file(path, cases[i].text);
        assert_int_equal(chmod(path, 0640), 0);
        enum err e = secret_read(path, &arena, &got, &why);
        assert_int_equal(e, cases[i].password ? ERR_OK : ERR_INVALID);
        if (cases[i].password) {
            assert_string_equal(got, cases[i].password);
        }
    }
    assert_int_equal(secret_read("", &arena, &got, &why), ERR_OK);
    assert_null(got);
    assert_int_equal(secret_read("/nowhere", &arena, &got, &why), ERR_IO);
    assert_int_equal(secret_read("/tmp", &arena, &got, &why), ERR_IO);
    buf_reset(&why);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(secret_read(path, &arena, &got, &why), ERR_INVALID);
    assert_string_equal(buf_text(&why), "is open to others (mode 644); chmod o-rwx it");
    buf_free(&why);
    arena_free(&arena);
}

static void an_open_password_file_is_a_wrong_setting(void **state)
{
    (void)state;
    char yaml[200];
    (void)snprintf(yaml, sizeof(yaml), "pg:\n  password_file: %s\n", path);
    struct loaded l;
    assert_int_equal(chmod(path, 0644), 0);
    load(&l, yaml);
    assert_int_equal(l.result, ERR_INVALID);
    assert_non_null(strstr(buf_text(&l.errors), ":2:18: pg.password_file: "));
    assert_non_null(strstr(buf_text(&l.errors), "is open to others"));
    done(&l);
    assert_int_equal(chmod(path, 0600), 0);
    load(&l, yaml);
    assert_int_equal(l.result, ERR_OK);
    done(&l);
}

static void without_memory_nothing_is_lost_but_the_answer(void **state)
{
    (void)state;
    size_t before = mem_live();
    for (size_t n = 1;; n++) {
        struct loaded l;
        write_file(path, "node: {name: abc}\nmqtt: {port: x, hots: 1}\npg: {user: y}\n");
        buf_init(&l.errors, 0);
        mem_fail_at(n);
        l.result = settings_load(&l.s, path, &l.errors);
        size_t asked = mem_fail_at(0);
        done(&l);
        assert_int_equal(mem_live(), before);
        if (asked < n) {
            assert_int_equal(l.result, ERR_INVALID);
            break;
        }
        assert_int_equal(l.result, ERR_NOMEM);
    }
}

static int print(void)
{
    struct settings s;
    struct buf out;
    buf_init(&out, 0);
    settings_default(&s);
    settings_write_yaml(&s, &out);
    int bad = fputs(buf_text(&out), stdout) < 0;
    buf_free(&out);
    return bad;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--print") == 0) {
        return print();
    }
    int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_help_range_and_a_good_default),
        cmocka_unit_test(units_stand_in_names),
        cmocka_unit_test(the_shipped_file_is_the_table),
        cmocka_unit_test(the_shipped_file_gives_the_defaults),
        cmocka_unit_test(values_of_every_type_are_taken),
        cmocka_unit_test(everything_wrong_is_told_in_one_go_with_its_place),
        cmocka_unit_test(odd_files_are_refused_in_words),
        cmocka_unit_test(a_missing_file_is_told),
        cmocka_unit_test(settings_that_contradict_each_other_are_told),
        cmocka_unit_test(the_environment_overrides_the_file),
        cmocka_unit_test(a_password_is_the_first_line_of_a_closed_file),
        cmocka_unit_test(an_open_password_file_is_a_wrong_setting),
        cmocka_unit_test(without_memory_nothing_is_lost_but_the_answer),
    };
    int failed = cmocka_run_group_tests_name("settings", tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
