/* SPDX-License-Identifier: Apache-2.0 */
/* Mistakes of a mapping file: each is said at its place with what was expected, and all of them in
 * one go. Those of a single field's options: adapt_mapping_test.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapt/mapping.h"

static struct schema *schema;

static enum err compile(const char *text, struct buf *complaints)
{
    struct mapping *m = NULL;
    enum err err = mapping_compile(span_of(text), "m.yaml", "x", schema, &m, complaints);
    mapping_free(m);
    return err;
}

/* Every line is file:line:column: text. */
static void assert_lines_have_places(const char *text)
{
    for (struct span rest = span_of(text); rest.at && rest.len > 0;) {
        struct span line = span_cut(&rest, '\n');
        unsigned row = 0;
        unsigned column = 0;
        char copy[700];
        (void)snprintf(copy, sizeof copy, "%.*s", SPAN_ARG(line));
        assert_int_equal(sscanf(copy, "m.yaml:%u:%u: ", &row, &column), 2);
        assert_true(row > 0 && column > 0);
    }
}

static void assert_complaint(const char *text, const char *expected)
{
    struct buf complaints;
    buf_init(&complaints, 0);
    enum err err = compile(text, &complaints);
    if (err != ERR_INVALID || !strstr(buf_text(&complaints), expected)) {
        print_error("%s\nexpected: %s\ncomplaints:\n%s\n", text, expected, buf_text(&complaints));
        fail();
    }
    assert_lines_have_places(buf_text(&complaints));
    buf_free(&complaints);
}

struct mistake {
    const char *text, *expected;
};

static void assert_all(const struct mistake *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_complaint(cases[i].text, cases[i].expected);
    }
}

#define COUNT(cases) (sizeof(cases) / sizeof(cases)[0])

/* ---- the file's own members ---- */

static const struct mistake of_the_file[] = {
    {"container: toml\n", "m.yaml:1:12: container “toml”; expected json, ndjson, csv, form or xml"},
    {"container: [xml]\n", "m.yaml:1:13: not a plain value; expected json"},
    {"charset: declared\n", "m.yaml:1:10: charset: declared is for xml; expected UTF-8 or GB18030"},
    {"charset: big5\n",
     "m.yaml:1:10: charset “big5”; expected UTF-8, GB18030 or (of xml) declared"},
    {"title: t\n", "m.yaml:1:1: expected charset: UTF-8 or GB18030; it is never guessed"},
    {"title: t\n", "m.yaml:1:1: expected adapter: x, the name of the folder"},
    {"delimiter: ';'\n", "m.yaml:1:13: delimiter is for csv; expected container: csv"},
    {"title_rows: 2\n", "m.yaml:1:13: title_rows: the columns find the header; expected"},
    {"title_rows: 10\n", "m.yaml:1:13: “10”; expected 1 to 9 rows"},
    {"delimiter: ab\n", "m.yaml:1:12: “ab”; expected one ASCII character"},
    {"container: csv\nrows: list\n", "m.yaml:2:7: rows: the lines of this container are the rows"},
    {"container: ndjson\nrows: list\n", "m.yaml:2:7: rows: the lines of this container are"},
    {"container: form\nrows: [a, b]\n", "m.yaml:2:8: rows: expected one name, of keys such as"},
    {"rows: a..b\n", "m.yaml:1:7: “a..b”: a name is empty; expected a path of names"},
    {"container: xml\nrows: /project/hazard\n", "m.yaml:2:7: “/project/hazard”: a name is empty"},
    {"rows: a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q\n", "m.yaml:1:7: “a.b.c.d"},
    {"rows: ''\n", "m.yaml:1:8: an empty name; expected where the rows stand"},
    {"rows: {a: b}\n", "m.yaml:1:8: not a plain value; expected where the rows stand"},
    {"record: {by: luck}\n",
     "m.yaml:1:14: “luck”; expected fixed, member, field, header, keys or element"},
    {"record: {by: field}\n", "m.yaml:1:1: record: expected name: NAME"},
    {"record: {by: keys, name: n}\n", "m.yaml:1:1: record: name is not used"},
    {"record: {by: header}\n", "m.yaml:1:10: record: {by: header} is for csv; expected by: keys"},
    {"container: ndjson\nrecord: {by: member, name: n}\n",
     "m.yaml:2:10: record: {by: member}: nothing stands around the rows; expected by: field"},
    {"record: {by: element}\n", "m.yaml:1:10: record: {by: element} asks where the rows stand"},
    {"record: {by: field, name: a, part: first}\n", "m.yaml:1:36: “first”; expected all or last"},
    {"envelope: {cipher: rot13}\n",
     "m.yaml:1:20: cipher “rot13”; expected aes-128-cbc or aes-128-ecb"},
    {"envelope: {cipher: aes-128-cbc}\n", "m.yaml:1:1: envelope: expected cipher:"},
    {"envelope: {cipher: aes-128-ecb, member: d, key_digest: md5}\n",
     "m.yaml:1:56: key_digest “md5”; expected sha1prng"},
    {"container: xml\nenvelope: {cipher: aes-128-cbc, member: d}\n",
     "m.yaml:2:12: envelope is for json"},
    {"container: csv\nframe: {end: '@@'}\n", "m.yaml:2:9: frame is for json"},
    {"frame: {start: a}\n", "m.yaml:1:9: “start” is unknown here; expected one of end"},
    {"frame: {start: a}\n", "m.yaml:1:1: frame: expected end: MARK"},
    {"secret: []\n", "an empty list; expected names whose values are neither kept nor shown"},
    {"colour: red\n", "m.yaml:1:1: “colour” is unknown here; expected one of adapter, title"},
    {"placeholder_dates: [2020-13-01]\n", "m.yaml:1:21: “2020-13-01”; expected a date YYYY-MM-DD"},
    {"times: [yyyy-MM-DD]\n", "m.yaml:1:9: time pattern “yyyy-MM-DD”: expected yyyy"},
    {"answer: {good: a}\n", "m.yaml:1:1: answer: expected good, bad and item"},
    {"title: &a t\nadapter: *a\n", "not a plain value; expected the adapter's name"},
    {"adapter: x\n\tcharset: y\n", "m.yaml:"},
    {"adapter: x\n%YAML 1.2\n", "m.yaml:2:1: a directive (%); expected name: value"},
};

static void mistakes_of_the_file(void **state)
{
    (void)state;
    assert_all(of_the_file, COUNT(of_the_file));
}

/* ---- records ---- */

#define FILE_HEAD "adapter: x\ncharset: UTF-8\nreport: {uscc: u}\n"
#define FIELDS    "{id: i, name: n, level: {constant: GENERAL}, state: {constant: RECTIFYING}}"
#define BY_FIELD  FILE_HEAD "record: {by: field, name: k}\nrecords:\n"
#define BY_KEYS   FILE_HEAD "record: {by: keys}\nrecords:\n"
#define FIXED     FILE_HEAD "record: {by: fixed}\nrecords:\n"

static const struct mistake of_records[] = {
    {BY_FIELD "  hazard: {fields: " FIELDS "}\n", "m.yaml:6:3: hazard: expected match: […]"},
    {BY_KEYS "  hazard: {fields: " FIELDS "}\n", "m.yaml:6:3: hazard: expected keys: […]"},
    {BY_KEYS "  hazard: {keys: a, match: H, fields: " FIELDS "}\n",
     "m.yaml:6:3: hazard: match is not asked; expected header or keys"},
    {BY_FIELD "  hazard: {match: H, keys: a, fields: " FIELDS "}\n",
     "m.yaml:6:22: keys: expected record: {by: keys}"},
    {BY_FIELD "  hazard: {header: [a], fields: " FIELDS "}\n",
     "m.yaml:6:12: header: expected record: {by: header}"},
    {FIXED "  hazard: {match: H, fields: " FIELDS "}\n",
     "m.yaml:6:3: hazard: expected no match: […]: nothing asks it"},
    {FIXED "  a: {record: hazard, fields: " FIELDS "}\n  b: {record: hazard, fields: " FIELDS "}\n",
     "m.yaml:6:3: record: {by: fixed} expects exactly one record beside those with each"},
    {FIXED "  a: {record: weather}\n", "m.yaml:6:15: there is no record “weather”"},
    {FIXED "  weather: {}\n", "m.yaml:6:3: there is no record “weather”"},
    {BY_FIELD "  a: {record: hazard, match: [H, Z], fields: " FIELDS "}\n"
              "  hazard: {match: Z, fields: " FIELDS "}\n",
     "m.yaml:7:3: hazard: “Z” matches a too; expected one record for it"},
    {BY_KEYS "  a: {record: hazard, keys: [p], fields: " FIELDS "}\n"
             "  hazard: {keys: [p, q], fields: " FIELDS "}\n",
     "m.yaml:7:3: hazard is never found: all that has its keys is a; expected it before that"},
    {FIXED "  hazard: {of: risk_unit, fields: " FIELDS "}\n",
     "m.yaml:6:3: hazard: has of; expected each: PATH"},
    {FIXED "  hazard: {fields: " FIELDS "}\n  b: {record: hazard, each: l, keys: a, fields: " FIELDS
           "}\n",
     "m.yaml:7:3: b: keys choose among the same rows; expected each: ."},
    {FIXED "  hazard: {each: list, fields: " FIELDS "}\n",
     "m.yaml:6:3: hazard: expected of: RECORD, one whose rows stand in no other"},
    {FIXED "  hazard: {fields: " FIELDS "}\n  b: {record: hazard, each: l, of: c, fields: " FIELDS
           "}\n",
     "m.yaml:7:3: b: “c” is none here; expected of: RECORD"},
    {FIXED "  hazard: {fields: " FIELDS "}\n  b: {record: hazard, each: ^l, fields: " FIELDS "}\n",
     "m.yaml:7:29: each: expected one path into a row"},
    {"container: csv\n" FIXED "  hazard: {fields: " FIELDS "}\n"
     "  b: {record: hazard, each: l, fields: " FIELDS "}\n",
     "m.yaml:8:29: each: a cell holds no rows; expected . for the row itself"},
    {FIXED "  hazard: {op: TRANSITION, fields: " FIELDS "}\n",
     "m.yaml:6:16: “TRANSITION” is no operation of hazard"},
    {FIXED "  hazard: {deleted: {from: d}, fields: " FIELDS "}\n",
     "m.yaml:6:12: deleted: expected from: FIELD and yes: VALUE"},
    {FIXED "  hazard: {match: }\n", "hazard: expected fields: {…}"},
    {FIXED "  hazard: []\n", "m.yaml:6:3: not a mapping; expected a mapping {name: value}"},
    {FIXED "  hazard: {colour: red}\n",
     "m.yaml:6:12: “colour” is unknown here; expected one of match"},
    {FIXED "  hazard: {report: {unit: ^town}, fields: " FIELDS "}\n",
     "m.yaml:6:3: hazard: “town”: nothing stands around the rows; expected rows: PATH, or fewer ^"},
    {FIXED "  hazard: {report: {record: r}, fields: " FIELDS "}\n",
     "m.yaml:6:21: report has no field “record”; expected one of:"},
    {FIXED "  hazard: {ignore: [a..b], fields: " FIELDS "}\n",
     "m.yaml:6:21: “a..b”: a name is empty"},
};

static void mistakes_of_records(void **state)
{
    (void)state;
    assert_all(of_records, COUNT(of_records));
}

/* ---- fields ---- */

#define FIELD(line) FIXED "  hazard:\n    fields:\n      " line "\n"

static const struct mistake of_fields[] = {
    {FIELD("name: {template: plain}"),
     "m.yaml:8:14: template: expected {source} in it, or constant"},
    {FIELD("name: {template: 'a{b'}"), "m.yaml:8:25: “{b”: expected } after {"},
    {FIELD("name: {template: '{}'}"),
     "m.yaml:8:25: an empty hole {}; expected a source field in it"},
    {FIELD("name: {template: '{a..b}'}"), "m.yaml:8:25: “a..b”: a name is empty"},
    {FIELD("name: {template: '{a}{b}{c}{d}{e}{f}{g}{h}{i}{j}{k}{l}{m}{n}{o}{p}{q}'}"),
     "m.yaml:8:25: expected at most 16 parts"},
    {FIELD("name: {template: '{a}', from: b}"),
     "“name”: expected exactly one of from, template, derive"},
    {FIELD("name: {constant: x, required: true}"),
     "m.yaml:8:7: “name” has a value always; expected required of a source only"},
    {FIELD("name: {from: n, required: maybe}"), "m.yaml:8:33: "},
    {FIELD("name: {from: n, half_width: 1}"), "m.yaml:8:35: "},
    {FIELD("name: {from: n, organisation_code: true}"),
     "m.yaml:8:23: organisation_code gives a USCC, which “name” is not"},
    {FIELD("cost: {from: c, number: {亩: 2000/0}}"),
     "“2000/0”; expected a power of ten from -12 to 12, or a ratio such as 2000/3"},
    {FIELD("cost: {from: c, number: {}}"), "m.yaml:8:23: number: expected {unit: power of ten"},
    {FIELD("level: {from: c, words: {}}"), "m.yaml:8:24: words: expected {source: CANONICAL"},
    {FIELD("round: {constant: first}"), "m.yaml:8:25: “first”; “round” expects a whole number"},
    {FIELD("deadline: {constant: 2020/4/7}"), "m.yaml:8:28: “2020/4/7”; “deadline” expects a date"},
    {FIELD("cost: {from: c, default: much}"), "m.yaml:8:32: “much”; “cost” expects a number"},
    {FIELD("found_at: {default: 2020-04-07}"), "“found_at” expects a time of RFC 3339"},
    {FIELD("attachment: {from: a, split: ['']}"), "m.yaml:8:38: empty; expected a separator"},
    {FIELD("name: {template: '{a {b}'}"), "m.yaml:8:25: “{a {b”: expected } before the next {"},
    {FIELD("name: {from: 'text>>b'}"), "m.yaml:8:21: “text>>b”: a name is empty"},
    {FIELD("name: {from: n, digits: 3}"),
     "m.yaml:8:23: “digits” is unknown here; expected one of from"},
    {FIELD("deadline: {from: d, when: {colour: red}}"),
     "m.yaml:8:34: “colour”: expected a field of this record that is mapped without a condition"},
};

static void mistakes_of_fields(void **state)
{
    (void)state;
    assert_all(of_fields, COUNT(of_fields));
}

/* One reading of the file finds them all. */
static void all_of_them_in_one_go(void **state)
{
    (void)state;
    struct buf complaints;
    buf_init(&complaints, 0);
    assert_int_equal(
        compile("adapter: y\ncontainer: toml\ncharset: big5\nrecord: {by: luck}\n"
                "frame: {}\nrecords:\n  weather: {}\n  hazard:\n    colour: red\n"
                "    fields: {level: l, name: {template: a}, cost: {from: c, number: {x: y}}}\n",
                &complaints),
        ERR_INVALID);
    static const char *const expected[] = {
        "m.yaml:1:10: ",  "m.yaml:2:12: ",  "m.yaml:3:10: ",      "m.yaml:4:14: ",
        "m.yaml:5:1: ",   "m.yaml:7:3: ",   "m.yaml:9:5: ",       "m.yaml:10:14: ",
        "m.yaml:10:31: ", "m.yaml:10:73: ", "required field “id”"};
    for (size_t i = 0; i < COUNT(expected); i++) {
        if (!strstr(buf_text(&complaints), expected[i])) {
            print_error("no %s in\n%s", expected[i], buf_text(&complaints));
            fail();
        }
    }
    buf_free(&complaints);
}

static int begin(void **state)
{
    (void)state;
    const char *why = NULL;
    return schema_load(&schema, &why) == ERR_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    schema_free(schema);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_of_the_file),
        cmocka_unit_test(mistakes_of_records),
        cmocka_unit_test(mistakes_of_fields),
        cmocka_unit_test(all_of_them_in_one_go),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
