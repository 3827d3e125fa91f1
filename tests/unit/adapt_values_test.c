/* SPDX-License-Identifier: Apache-2.0 */
/* Dates, numbers, white space, encodings and envelopes as sources have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt/charset.h"
#include "adapt/envelope.h"
#include "adapt/fold.h"
#include "adapt/frames.h"
#include "adapt/pattern.h"
#include "adapt/quantity.h"
#include "base/alloc.h"

static struct arena arena;

static int begin(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void assert_span(struct span got, const char *expected)
{
    assert_int_equal(got.len, strlen(expected));
    assert_memory_equal(got.at, expected, got.len);
}

/* ---- dates ---- */

static bool read_as(const char *pattern, const char *text, struct moment *m)
{
    struct pattern p;
    assert_true(pattern_compile(span_of(pattern), &p));
    return pattern_read(&p, span_of(text), m);
}

static void every_form_of_a_date_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        int year, month, day, hour, minute, second;
    } cases[] = {
        {"yyyyMMddHHmmss", "20200407153000", 2020, 4, 7, 15, 30, 0},
        {"yyyy-MM-dd HH:mm:ss", "2020-04-07 15:30:59", 2020, 4, 7, 15, 30, 59},
        {"yyyy/M/d", "2020/4/7", 2020, 4, 7, 0, 0, 0},
        {"yyyy/M/d", "2020/12/31", 2020, 12, 31, 0, 0, 0},
        {"yyyy/M/d H:mm", "2020/4/7 9:05", 2020, 4, 7, 9, 5, 0},
        {"yyyy年M月d日", "2020年4月7日", 2020, 4, 7, 0, 0, 0},
        {"H:mm:ss", "8:00:00", 1970, 1, 1, 8, 0, 0},
        {"rfc3339", "2020-04-07T07:30:00Z", 2020, 4, 7, 15, 30, 0},
        {"epoch_ms", "1586244600000", 2020, 4, 7, 15, 30, 0},
        {"epoch_s", "0", 1970, 1, 1, 8, 0, 0},
        {"excel", "43928", 2020, 4, 7, 0, 0, 0},
        {"yyyy-MM", "2020-02", 2020, 2, 1, 0, 0, 0},
        {"yyyy年M月d日 H时mm分", "2020年4月7日 15时30分", 2020, 4, 7, 15, 30, 0},
        {"yyyy-M-d H:mm:ss.S", "2020-04-07 15:30:59.0", 2020, 4, 7, 15, 30, 59},
        {"yyyy-MM-ddTHH:mm:ss", "2020-04-07T15:30:59", 2020, 4, 7, 15, 30, 59},
        {"excel", "43928.645833", 2020, 4, 7, 15, 30, 0},
        {"yyMMddHHmmss", "200407153000", 2020, 4, 7, 15, 30, 0},
        {"yyMMdd", "991231", 2099, 12, 31, 0, 0, 0},
        {"excel", "43928.9999999", 2020, 4, 8, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct moment m;
        assert_true(read_as(cases[i].pattern, cases[i].text, &m));
        assert_int_equal(m.date.year, cases[i].year);
        assert_int_equal(m.date.month, cases[i].month);
        assert_int_equal(m.date.day, cases[i].day);
        assert_int_equal(m.hour, cases[i].hour);
        assert_int_equal(m.minute, cases[i].minute);
        assert_int_equal(m.second, cases[i].second);
    }
}

static void what_is_no_date_of_the_pattern_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
    } cases[] = {
        {"yyyyMMddHHmmss", "20201332153000"},
        {"yyyyMMddHHmmss", "2020040715300"},
        {"yyyyMMddHHmmss", "202004071530000"},
        {"yyyy/M/d", "2020/2/30"},
        {"yyyy/M/d", "2020/4/7 "},
        {"yyyy/M/d", "20/4/7"},
        {"yyMMddHHmmss", "20200407153000"},
        {"yyMMddHHmmss", "000000000000"},
        {"yyMMddHHmmss", "2004071530"},
        {"yyyy/M/d", "2020-4-7"},
        {"yyyy/M/d H:mm", "2020/4/7 24:00"},
        {"yyyy/M/d", ""},
        {"epoch_ms", "20201332000000"},
        {"epoch_ms", "12x"},
        {"epoch_ms", "20200230"},
        {"epoch_s", "20200230"},
        {"epoch_ms", "-"},
        {"excel", "60"},
        {"excel", "200000"},
        {"yyyy-MM-dd HH:mm:ss", "2020-04-07 15:30:60"},
        {"yyyy/M/d", "2020/0/1"},
        {"yyyy/M/d", "1899/1/1"},
        {"rfc3339", "2020-04-07"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct moment m;
        assert_false(read_as(cases[i].pattern, cases[i].text, &m));
    }
}

static void a_pattern_that_means_nothing_is_no_pattern(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "abc", "yyy-MM-dd", "yyyyyMMdd", "MMMM",
                                      "yyyy-MM-MM", "dd",  "HH",        "yyyy",      "1M2M3"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct pattern p;
        assert_false(pattern_compile(span_of(bad[i]), &p));
    }
}

/* ---- numbers ---- */

static const struct unit money[] = {{.word = {"", 0}, .shift = 4},
                                    {.word = {"万元", 6}, .shift = 4},
                                    {.word = {"元", 3}, .shift = 0}};
static const struct unit yuan_only[] = {{.word = {"元", 3}, .shift = -4}};

static void numbers_come_out_in_the_schemas_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"2.5万元", "25000"}, {"1,234.5", "12345000"}, {"0.35", "3500"},   {"8000元", "8000"},
        {"0", "0"},           {"0.00", "0"},           {"-1", "-10000"},   {"+3", "30000"},
        {"007", "70000"},     {"0.00001", "0.1"},      {"2.50元", "2.50"}, {"12 万元", "120000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span out;
        assert_int_equal(quantity_read(span_of(cases[i].text), money, 3, &arena, &out), ERR_OK);
        assert_span(out, cases[i].expected);
    }
    struct span out;
    assert_int_equal(quantity_read(SPAN_LIT("25000元"), yuan_only, 1, &arena, &out), ERR_OK);
    assert_span(out, "2.5");
    assert_int_equal(quantity_read(SPAN_LIT("3元"), yuan_only, 1, &arena, &out), ERR_OK);
    assert_span(out, "0.0003");
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"约3",  "3亩", "",    "万元", "1.2.3", "1,23",
                                      ",123", "1e5", "--1", ".5",   "5.",    "1 2"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct span out;
        assert_int_equal(quantity_read(span_of(bad[i]), money, 3, &arena, &out), ERR_SYNTAX);
    }
    struct span out;
    assert_int_equal(quantity_read(SPAN_LIT("3"), yuan_only, 1, &arena, &out), ERR_SYNTAX);
}

/* ---- white space and width ---- */

static void full_width_becomes_half_width(void **state)
{
    (void)state;
    assert_span(fold_width(SPAN_LIT("２０２０／４／７，ＡＢ（１）"), &arena), "2020/4/7,AB(1)");
    assert_span(fold_width(SPAN_LIT("中文，"), &arena), "中文,");
    assert_span(fold_width(SPAN_LIT("plain"), &arena), "plain");
    assert_span(fold_trim(SPAN_LIT("\xEF\xBB\xBF　 隐 患 　\r\n")), "隐 患");
    assert_int_equal(fold_trim(SPAN_LIT("　\t ")).len, 0);
}

/* ---- encodings ---- */

static void gb2312_and_gbk_mean_gb18030(void **state)
{
    (void)state;
    struct span text;
    assert_int_equal(charset_of_name(SPAN_LIT("gb2312")), CHARSET_GB18030);
    assert_int_equal(charset_of_name(SPAN_LIT("GBK")), CHARSET_GB18030);
    assert_int_equal(charset_of_name(SPAN_LIT("Utf-8")), CHARSET_UTF8);
    assert_int_equal(charset_of_name(SPAN_LIT("latin1")), CHARSET_UNKNOWN);
    /* Rare characters in names exist only in the form of four bytes. */
    assert_int_equal(charset_decode(CHARSET_GB18030, SPAN_LIT("\x82\x30\xB7\x31\x95\x34\xB2\x35"),
                                    &arena, &text),
                     ERR_OK);
    assert_span(text, "㛃𠮷");
}

/* Trap 1. */
static void gbk_that_is_valid_utf8_is_refused_as_utf8(void **state)
{
    (void)state;
    static const char *const words[] = {"医院",
                                        "学校",
                                        "系统",
                                        "平台",
                                        "小微",
                                        "通知",
                                        "知识",
                                        "全员",
                                        "学习",
                                        "专业",
                                        "水平",
                                        "实施",
                                        "源头",
                                        "委员",
                                        "约谈",
                                        "息系统",
                                        "息平台",
                                        "医院,学校",
                                        "{\"n\":\"医院\"}"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct span gbk;
        struct span text;
        assert_int_equal(charset_encode(CHARSET_GB18030, span_of(words[i]), &arena, &gbk), ERR_OK);
        assert_int_equal(charset_decode(CHARSET_UTF8, gbk, &arena, &text), ERR_SYNTAX);
        assert_int_equal(charset_decode(CHARSET_GB18030, gbk, &arena, &text), ERR_OK);
        assert_span(text, words[i]);
    }
}

/* What people really write is not taken for the other encoding. */
static void legitimate_texts_are_read_in_their_own_encoding(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "plain",       "路",
        "建设路·中段", "面积120㎡，温度±5℃",
        "Φ48×3.5钢管", "10kV Ⅲ段母线",
        "①②③④",        "〔2020〕12号",
        "危",          "位",
        "煤",          "μ",
        "张三—李四…",  "КамАЗ自卸车一台，车牌豫D12345，停放于场区东侧",
        "㛃𠮷",        "锟斤拷",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct span gbk;
        struct span text;
        assert_int_equal(charset_encode(CHARSET_GB18030, span_of(texts[i]), &arena, &gbk), ERR_OK);
        assert_int_equal(charset_decode(CHARSET_GB18030, gbk, &arena, &text), ERR_OK);
        assert_span(text, texts[i]);
        assert_int_equal(charset_decode(CHARSET_UTF8, span_of(texts[i]), &arena, &text), ERR_OK);
        assert_span(text, texts[i]);
    }
}

static void utf8_is_refused_as_gb18030(void **state)
{
    (void)state;
    static const char *const texts[] = {"储罐", "甲A", "一、隐患·路", "±5℃储罐", "医院学校"};
    struct span text;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(charset_decode(CHARSET_GB18030, span_of(texts[i]), &arena, &text),
                         ERR_SYNTAX);
    }
    assert_int_equal(charset_decode(CHARSET_GB18030, SPAN_LIT("储罐区报警器"), &arena, &text),
                     ERR_SYNTAX);
    assert_int_equal(charset_decode(CHARSET_GB18030, SPAN_LIT("plain"), &arena, &text), ERR_OK);
    assert_int_equal(charset_decode(CHARSET_GB18030, SPAN_LIT("\xD2\xBD\xD4"), &arena, &text),
                     ERR_SYNTAX);
}

static void broken_utf8_is_refused_and_a_mark_taken_off(void **state)
{
    (void)state;
    struct span text;
    assert_int_equal(charset_decode(CHARSET_UTF8, SPAN_LIT("\xC1\xAA\xCD\xA8"), &arena, &text),
                     ERR_SYNTAX);
    assert_int_equal(charset_decode(CHARSET_UTF8, SPAN_LIT("\xEF\xBB\xBF隐患"), &arena, &text),
                     ERR_OK);
    assert_span(text, "隐患");
    assert_int_equal(charset_decode(CHARSET_UTF8, SPAN_LIT("5 μm, 20 °C"), &arena, &text), ERR_OK);
}

/* ---- envelopes ---- */

static const struct envelope cbc = {ENVELOPE_AES_128_CBC, ENVELOPE_KEY_TEXT};

/* First 16 bytes of SHA-1(SHA-1("password")), as Java's KeyGenerator makes them of that seed. */
static void a_key_may_be_made_of_a_password(void **state)
{
    (void)state;
    static const struct envelope ecb = {ENVELOPE_AES_128_ECB, ENVELOPE_KEY_SHA1PRNG};
    static const struct envelope text = {ENVELOPE_AES_128_ECB, ENVELOPE_KEY_TEXT};
    static const unsigned char key[] = {0x24, 0x70, 0xc0, 0xc0, 0x6d, 0xee, 0x42, 0xfd,
                                        0x16, 0x18, 0xbb, 0x99, 0x00, 0x5a, 0xdc, 0xa2};
    struct buf sealed;
    struct buf same;
    struct span plain;
    const char *why = NULL;
    buf_init(&sealed, 0);
    buf_init(&same, 0);
    assert_int_equal(envelope_seal(ecb, SPAN_LIT("[1,2]"), SPAN_LIT("password"), &sealed), ERR_OK);
    assert_int_equal(
        envelope_seal(text, SPAN_LIT("[1,2]"), (struct span){(const char *)key, 16}, &same),
        ERR_OK);
    assert_true(span_eq(buf_span(&sealed), buf_span(&same)));
    assert_int_equal(
        envelope_open(ecb, buf_span(&sealed), SPAN_LIT("password"), &arena, &plain, &why), ERR_OK);
    assert_span(plain, "[1,2]");
    assert_int_equal(
        envelope_open(ecb, buf_span(&sealed), SPAN_LIT("passwort"), &arena, &plain, &why),
        ERR_INVALID);
    assert_int_equal(envelope_open(ecb, buf_span(&sealed), SPAN_NONE, &arena, &plain, &why),
                     ERR_INVALID);
    buf_free(&sealed);
    buf_free(&same);
}

/* Trap 24: the mark comes in two halves. */
static void a_frame_ends_where_its_mark_ends(void **state)
{
    (void)state;
    static const struct span mark = {"@@", 2};
    struct span frame;
    struct span first = SPAN_LIT("{\"a\":1}@");
    assert_int_equal(frame_take(&first, mark, 100, &frame), FRAME_MORE);
    assert_span(first, "{\"a\":1}@");
    struct span all = SPAN_LIT("{\"a\":1}@@{\"b\":\"x@y\"}@@\n");
    assert_int_equal(frame_take(&all, mark, 100, &frame), FRAME_WHOLE);
    assert_span(frame, "{\"a\":1}");
    assert_int_equal(frame_take(&all, mark, 100, &frame), FRAME_WHOLE);
    assert_span(frame, "{\"b\":\"x@y\"}");
    assert_int_equal(frame_take(&all, mark, 100, &frame), FRAME_NONE);
    struct span half = SPAN_LIT("012345678@");
    assert_int_equal(frame_take(&half, mark, 9, &frame), FRAME_MORE);
    struct span endless = SPAN_LIT("0123456789@");
    assert_int_equal(frame_take(&endless, mark, 9, &frame), FRAME_TOO_LONG);
    struct span late = SPAN_LIT("0123456789@@");
    assert_int_equal(frame_take(&late, mark, 9, &frame), FRAME_TOO_LONG);
}

/* Every way to cut a stream in two gives the same frames. */
static void a_stream_may_be_cut_anywhere(void **state)
{
    (void)state;
    static const char stream[] = "one@@two@@";
    for (size_t cut = 0; cut < sizeof stream; cut++) {
        struct span frame;
        size_t n = 0;
        struct span bytes = {stream, cut};
        while (frame_take(&bytes, SPAN_LIT("@@"), 100, &frame) == FRAME_WHOLE) {
            n++;
        }
        bytes.len = (size_t)(stream + sizeof stream - 1 - bytes.at);
        while (frame_take(&bytes, SPAN_LIT("@@"), 100, &frame) == FRAME_WHOLE) {
            n++;
        }
        assert_int_equal(n, 2);
    }
}

static void units_that_are_no_power_of_ten_are_rounded_once(void **state)
{
    (void)state;
    static const struct unit units[] = {{.word = {"亩", 3}, .times = 2000, .by = 3, .scale = 2},
                                        {.word = {"公顷", 6}, .shift = 4},
                                        {.word = {"", 0}, .shift = -6}};
    static const struct {
        const char *text, *expected;
    } cases[] = {{"1亩", "666.67"},       {"3亩", "2000"},          {"1,234.5 亩", "823000"},
                 {"0.0000001亩", "0"},    {"-1亩", "-666.67"},      {"2.5公顷", "25000"},
                 {"113270000", "113.27"}, {"33700001", "33.700001"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span out;
        assert_int_equal(quantity_read(span_of(cases[i].text), units, 3, &arena, &out), ERR_OK);
        assert_span(out, cases[i].expected);
    }
    struct span out;
    assert_int_equal(quantity_read(SPAN_LIT("1234567890123456789亩"), units, 3, &arena, &out),
                     ERR_SYNTAX);
}

static void an_envelope_opens_with_its_key_only(void **state)
{
    (void)state;
    struct buf sealed;
    struct span plain;
    const char *why = NULL;
    struct span key = SPAN_LIT("0123456789abcdef");
    buf_init(&sealed, 0);
    assert_int_equal(envelope_seal(cbc, SPAN_LIT("[1,2]"), key, &sealed), ERR_OK);
    /* By openssl enc -aes-128-cbc with that key as key and vector. */
    assert_span(buf_span(&sealed), "8p57HdrQhiQikDnIxrDphQ==");
    assert_int_equal(envelope_open(cbc, buf_span(&sealed), key, &arena, &plain, &why), ERR_OK);
    assert_span(plain, "[1,2]");
    assert_int_equal(
        envelope_open(cbc, buf_span(&sealed), SPAN_LIT("another-key-2020"), &arena, &plain, &why),
        ERR_INVALID);
    assert_int_equal(envelope_open(cbc, buf_span(&sealed), SPAN_NONE, &arena, &plain, &why),
                     ERR_INVALID);
    assert_string_equal(why, "no key is registered");
    buf_free(&sealed);
}

static void base64_is_read_strictly_but_for_line_ends(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "====", "A", "AAA=AAAA", "AAAA AAA", "8p57HdrQhiQikDnI"};
    const char *why = NULL;
    struct span plain;
    struct span key = SPAN_LIT("0123456789abcdef");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(envelope_open(cbc, span_of(bad[i]), key, &arena, &plain, &why),
                         ERR_INVALID);
    }
    assert_int_equal(
        envelope_open(cbc, SPAN_LIT("8p57HdrQhiQi\r\nkDnIxrDphQ==\n"), key, &arena, &plain, &why),
        ERR_OK);
    assert_span(plain, "[1,2]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_form_of_a_date_is_read, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_date_of_the_pattern_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_pattern_that_means_nothing_is_no_pattern, begin, end),
        cmocka_unit_test_setup_teardown(numbers_come_out_in_the_schemas_unit, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_number_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(full_width_becomes_half_width, begin, end),
        cmocka_unit_test_setup_teardown(gb2312_and_gbk_mean_gb18030, begin, end),
        cmocka_unit_test_setup_teardown(gbk_that_is_valid_utf8_is_refused_as_utf8, begin, end),
        cmocka_unit_test_setup_teardown(legitimate_texts_are_read_in_their_own_encoding, begin,
                                        end),
        cmocka_unit_test_setup_teardown(utf8_is_refused_as_gb18030, begin, end),
        cmocka_unit_test_setup_teardown(broken_utf8_is_refused_and_a_mark_taken_off, begin, end),
        cmocka_unit_test_setup_teardown(a_key_may_be_made_of_a_password, begin, end),
        cmocka_unit_test(a_frame_ends_where_its_mark_ends),
        cmocka_unit_test(a_stream_may_be_cut_anywhere),
        cmocka_unit_test_setup_teardown(units_that_are_no_power_of_ten_are_rounded_once, begin,
                                        end),
        cmocka_unit_test_setup_teardown(an_envelope_opens_with_its_key_only, begin, end),
        cmocka_unit_test_setup_teardown(base64_is_read_strictly_but_for_line_ends, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
