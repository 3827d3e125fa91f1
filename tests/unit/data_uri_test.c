/* SPDX-License-Identifier: Apache-2.0 */
#include "model/data_uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define PNG "iVBORw0KGgoAAAANSUhEUg=="
#define JPG "/9j/4AAQSkZJRg=="
#define PDF "JVBERi0xLjQK"

static enum reason read_text(const char *text, struct data_uri *out, char room[512])
{
    int len = snprintf(room, 512, "%s", text);
    return data_uri_read(room, (size_t)len, 64, out);
}

static void expect(const char *text, enum reason reason, const char *wrong)
{
    char room[512];
    struct data_uri uri;
    enum reason why = read_text(text, &uri, room);
    if (why != reason || (wrong && !span_is(uri.wrong, wrong))) {
        fail_msg("%s: %s <%.*s>", text, reason_word(why), SPAN_ARG(uri.wrong));
    }
}

static void pictures_and_documents_are_taken(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum media kind;
        size_t size;
    } cases[] = {
        {"data:image/png;base64," PNG, MEDIA_PNG, 16},
        {"data:image/jpeg;base64," JPG, MEDIA_JPEG, 10},
        {"data:image/jpg;base64," JPG, MEDIA_JPEG, 10},
        {"DATA:Image/PNG;BASE64," PNG, MEDIA_PNG, 16},
        {"data:image/png;charset=utf-8;base64," PNG, MEDIA_PNG, 16},
        {"data:application/pdf;base64," PDF, MEDIA_PDF, 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char room[512];
        struct data_uri uri;
        assert_int_equal(read_text(cases[i].text, &uri, room), REASON_NONE);
        assert_int_equal(uri.kind, cases[i].kind);
        assert_int_equal(uri.bytes.len, cases[i].size);
        assert_int_equal(media_of_bytes(uri.bytes), cases[i].kind);
    }
}

static void other_types_are_refused_by_name(void **state)
{
    (void)state;
    expect("data:text/html;base64,PGh0bWw+", REASON_ATTACHMENT_TYPE, "text/html");
    expect("data:image/svg+xml;base64,PHN2Zz4=", REASON_ATTACHMENT_TYPE, "image/svg+xml");
    expect("data:image/gif;base64,R0lGODlh", REASON_ATTACHMENT_TYPE, "image/gif");
    expect("data:;base64," PNG, REASON_ATTACHMENT_TYPE, "");
    expect("data:image/pngx;base64," PNG, REASON_ATTACHMENT_TYPE, "image/pngx");
}

static void bytes_of_another_kind_than_declared_are_refused(void **state)
{
    (void)state;
    expect("data:image/jpeg;base64," PNG, REASON_ATTACHMENT_TYPE, "image/jpeg");
    expect("data:image/png;base64," JPG, REASON_ATTACHMENT_TYPE, "image/png");
    expect("data:image/png;base64," PDF, REASON_ATTACHMENT_TYPE, "image/png");
    expect("data:image/png;base64,PGh0bWw+PHNjcmlwdD4=", REASON_ATTACHMENT_TYPE, "image/png");
    expect("data:image/jpeg;base64,PHN2ZyB4bWxucz0i", REASON_ATTACHMENT_TYPE, "image/jpeg");
    expect("data:application/pdf;base64,ICVQREYt", REASON_ATTACHMENT_TYPE, "application/pdf");
    expect("data:image/png;base64,iVBORw==", REASON_ATTACHMENT_TYPE, "image/png");
}

static void what_is_not_whole_is_refused(void **state)
{
    (void)state;
    expect("data:", REASON_ATTACHMENT_BROKEN, "data:");
    expect("data:,", REASON_ATTACHMENT_BROKEN, NULL);
    expect("data:image/png", REASON_ATTACHMENT_BROKEN, NULL);
    expect("data:image/png,%89PNG", REASON_ATTACHMENT_BROKEN, NULL);
    expect("data:image/png;base64", REASON_ATTACHMENT_BROKEN, NULL);
    expect("data:image/png;base64,", REASON_ATTACHMENT_BROKEN, "image/png");
    expect("data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=", REASON_ATTACHMENT_BROKEN, NULL);
    expect("data:image/png;base64,iVBORw0K\nGgoAAAANSUhEUg==", REASON_ATTACHMENT_BROKEN, NULL);
    expect("data:image/png;base64,iVBORw0KGgo_", REASON_ATTACHMENT_BROKEN, NULL);
    expect("data:image/png;base64,iVBORw0KGgp=", REASON_ATTACHMENT_BROKEN, NULL);
}

static void the_limit_counts_bytes_not_characters(void **state)
{
    (void)state;
    char room[256];
    for (size_t size = 61; size <= 67; size++) {
        struct data_uri uri;
        int head = snprintf(room, sizeof room, "data:image/png;base64,iVBORw0KGgoA");
        size_t len = (size_t)head + (size - 9) / 3 * 4;
        memset(room + head, 'A', len - (size_t)head);
        if (size % 3 == 1) {
            len += (size_t)snprintf(room + len, 5, "AA==");
        } else if (size % 3 == 2) {
            len += (size_t)snprintf(room + len, 5, "AAA=");
        }
        enum reason why = data_uri_read(room, len, 64, &uri);
        assert_int_equal(why, size > 64 ? REASON_ATTACHMENT_TOO_LARGE : REASON_NONE);
        assert_int_equal(uri.bytes.len, size);
    }
}

static void a_kind_has_its_names(void **state)
{
    (void)state;
    for (int i = MEDIA_NONE + 1; i < MEDIA_COUNT; i++) {
        enum media kind = (enum media)i;
        assert_int_equal(media_of_type(span_of(media_type(kind))), kind);
        assert_true(media_suffix(kind)[0] != '\0');
    }
    assert_string_equal(media_type(MEDIA_NONE), "");
    assert_int_equal(media_of_bytes(SPAN_NONE), MEDIA_NONE);
    assert_true(media_is_picture(MEDIA_JPEG) && !media_is_picture(MEDIA_PDF));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_and_documents_are_taken),
        cmocka_unit_test(other_types_are_refused_by_name),
        cmocka_unit_test(bytes_of_another_kind_than_declared_are_refused),
        cmocka_unit_test(what_is_not_whole_is_refused),
        cmocka_unit_test(the_limit_counts_bytes_not_characters),
        cmocka_unit_test(a_kind_has_its_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
