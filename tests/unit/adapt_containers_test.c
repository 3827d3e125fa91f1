/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of each container through small mappings: rows inside rows, texts torn apart, lines that
 * are no JSON, and what is said of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt_run.h"

#include "base/alloc.h"

static struct adapt_run run;

static const char *shown(const char *text)
{
    return text ? text : "";
}

static void assert_refused(size_t i, enum reason reason, const char *field, const char *value)
{
    assert_true(i < run.set.count);
    const struct problem *p = &run.set.items[i].problem;
    assert_string_equal(reason_word(p->reason), reason_word(reason));
    assert_string_equal(shown(p->field), field);
    assert_string_equal(shown(p->value), value);
}

static const Dualgate__V1__Hazard *hazard(size_t i)
{
    assert_true(i < run.set.count);
    assert_string_equal(shown(run.set.items[i].problem.field), "");
    assert_int_equal(run.set.items[i].problem.reason, REASON_NONE);
    return run.set.items[i].env->hazard;
}

/* ---- JSON lines ---- */

#define FIELDS \
    "    fields: {id: key, name: n, level: {constant: GENERAL}, state: {constant: RECTIFYING}}\n"

static const char lines[] =
    "adapter: x\ncontainer: ndjson\ncharset: UTF-8\nrecord: {by: keys}\n"
    "report: {uscc: {publisher: true}}\nrecords:\n"
    "  hazard:\n    keys: [key, n]\n" FIELDS "  zero_report:\n    keys: month\n"
    "    fields: {period: {from: month, time: yyyy-MM}, kind: {constant: HAZARD}}\n";

static void a_bad_line_spoils_no_other(void **state)
{
    adapt_run_load(&run, lines);
    adapt_run_take(&run, "\xEF\xBB\xBF{\"key\":\"1\",\"n\":\"甲\"}\r\n\r\n{\"key\":\r\n"
                         "{\"month\":\"2020-04\"}\n[1]\n  {\"key\":\"2\",\"n\":\" \"}");
    assert_int_equal(run.set.count, 5);
    assert_string_equal(hazard(0)->name, "甲");
    assert_int_equal(run.set.items[1].problem.reason, REASON_UNREADABLE);
    assert_string_equal(run.set.items[1].problem.field, "[line 3]");
    assert_string_equal(run.set.items[2].type->name, "zero_report");
    assert_string_equal(run.set.items[2].env->zero_report->period, "2020-04");
    assert_int_equal(run.set.items[3].problem.reason, REASON_NOT_AN_OBJECT);
    assert_refused(4, REASON_MISSING_FIELD, "[line 6].n", "");
    assert_int_equal(run.set.items[0].raw.len, strlen("{\"key\":\"1\",\"n\":\"甲\"}"));
}

static void too_many_lines_are_too_many(void **state)
{
    adapt_run_load(&run, lines);
    adapt_run_take(&run, "{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}");
    assert_int_equal(run.set.problem.reason, REASON_ARRAY_TOO_LARGE);
    adapt_run_take(&run, "\n\n \r\n");
    assert_int_equal(run.set.problem.reason, REASON_EMPTY_MESSAGE);
}

/* ---- forms ---- */

static const char form[] =
    "adapter: x\ncontainer: form\ncharset: GB18030\nrecord: {by: field, name: kind}\n"
    "secret: [pwd]\nreport: {uscc: {publisher: true}}\nrecords:\n"
    "  hazard:\n    match: H\n    fields:\n      id: danger.id\n      name: 'danger[name]'\n"
    "      description: danger.desc\n      attachment: file\n"
    "      level: {constant: GENERAL}\n      state: {constant: RECTIFYING}\n    ignore: [sign]\n";

static void a_form_is_one_row(void **state)
{
    adapt_run_load(&run, form);
    adapt_run_take(&run,
                   "kind=H&danger.id=1&danger%5Bname%5D=%BC%D7+%D2%D2%2B&sign=x&file=a&file=b&");
    assert_int_equal(run.set.count, 1);
    assert_string_equal(hazard(0)->name, "甲 乙+");
    assert_int_equal(hazard(0)->n_attachment, 2);
    assert_int_equal(run.set.items[0].env->n_unknown_members, 0);
}

static void a_text_that_is_not_encoded_is_taken_as_it_is(void **state)
{
    adapt_run_load(&run, form);
    /* 甲=1+1 in GB18030. */
    adapt_run_take(&run, "kind=H&danger.id=1&danger[name]=\xBC\xD7=1+1");
    assert_string_equal(hazard(0)->name, "甲=1+1");
}

/* Trap 23. */
static void an_ampersand_in_a_text_cuts_nothing_short(void **state)
{
    adapt_run_load(&run, form);
    adapt_run_take(&run, "kind=H&danger.id=1&danger[name]=\xBC\xD7&\xD2\xD2&danger.desc=d");
    assert_refused(0, REASON_BAD_FORMAT, "danger[name]", "甲&乙");
    adapt_run_take(&run, "kind=H&danger.id=1&danger[name]=\xBC\xD7&\xD2\xD2=3&danger.desc=d");
    assert_refused(0, REASON_BAD_FORMAT, "danger[name]", "甲&乙=3");
    adapt_run_take(&run, "kind=H&danger.id=1&danger[name]=\xBC\xD7&&danger.desc=d");
    assert_refused(0, REASON_BAD_FORMAT, "danger[name]", "甲&");
    adapt_run_take(&run, "kind=H&danger.id=1&danger%5Bname%5D=n&colour=red");
    assert_refused(0, REASON_BAD_FORMAT, "colour", "red");
    adapt_run_take(&run, "kind=H&danger.id=1&danger.desc=100%");
    assert_refused(0, REASON_BAD_FORMAT, "danger.desc", "100%");
    adapt_run_take(&run, "kind=H&danger.id=1&danger[name]=\xBC\xD7&danger.desc=%BC%D7");
    assert_refused(0, REASON_BAD_FORMAT, "danger.desc", "%BC%D7");
    adapt_run_take(&run, "kind=H&danger.id=1&danger.desc=a%00b");
    assert_refused(0, REASON_CONTROL_CHARACTER, "danger.desc", "a?b");
}

static void a_password_is_never_shown(void **state)
{
    adapt_run_load(&run, form);
    adapt_run_take(&run, "pwd=sesame&kind=H&danger.id=1&danger%5Bname%5D=n&bad");
    assert_refused(0, REASON_BAD_FORMAT, "danger[name]", "n&bad");
    adapt_run_take(&run, "kind=H&pwd=se&same&danger.id=1&danger%5Bname%5D=n");
    assert_refused(0, REASON_BAD_FORMAT, "pwd", "");
    adapt_run_take(&run, "kind=H&pwd=se&sa=me&danger.id=1&danger%5Bname%5D=n");
    assert_refused(0, REASON_BAD_FORMAT, "sa", "");
    adapt_run_take(&run, "pwd=a%&kind=H&danger.id=1&danger%5Bname%5D=n");
    assert_refused(0, REASON_BAD_FORMAT, "pwd", "");
}

static void a_password_is_never_kept(void **state)
{
    static const struct {
        const char *payload, *kept;
    } cases[] = {
        {"kind=H&pwd=sesame&danger.id=1", "kind=H&pwd=***&danger.id=1"},
        {"pwd=se&same&kind=H", "pwd=***&***&kind=H"},
        {"pwd=se&sa=me&kind=H&bad", "pwd=***&***&kind=H&bad"},
        {"%70wd=x&rows[0].pwd=y&rows[1][pwd]=z&", "%70wd=***&rows[0].pwd=***&rows[1][pwd]=***&"},
        {"pwd=x&rows[0].danger.id=1&rows[1][danger.desc]=a&b=c",
         "pwd=***&rows[0].danger.id=1&rows[1][danger.desc]=a&b=c"},
        {"pwd=x&y]&z].&[0]=1&kind=H", "pwd=***&***&***&***&kind=H"},
        {"kind=H&danger.id=pwd", "kind=H&danger.id=pwd"},
        {"pwd", "pwd"},
    };
    adapt_run_load(&run, form);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span kept;
        assert_int_equal(
            adapt_redact(run.adapters, SPAN_LIT("x"), span_of(cases[i].payload), &run.arena, &kept),
            ERR_OK);
        assert_int_equal(kept.len, strlen(cases[i].kept));
        assert_memory_equal(kept.at, cases[i].kept, kept.len);
    }
    adapt_run_take(&run, "kind=H&pwd=***&***&danger.id=1&danger%5Bname%5D=n");
    assert_refused(0, REASON_BAD_FORMAT, "pwd", "");
}

static void a_form_in_another_encoding_is_refused(void **state)
{
    adapt_run_load(&run, form);
    adapt_run_take(&run, "kind=H&danger.id=1&danger%5Bname%5D=%E7%94%B2%E4%B9%99");
    assert_int_equal(run.set.problem.reason, REASON_BAD_ENCODING);
}

static void rows_of_a_form_are_numbered(void **state)
{
    adapt_run_load(&run, "adapter: x\ncontainer: form\ncharset: UTF-8\nrecord: {by: fixed}\n"
                         "rows: rows\nreport: {uscc: {publisher: true}, unit: ^site}\nrecords:\n"
                         "  hazard:\n" FIELDS);
    adapt_run_take(&run, "rows[1].key=2&site=s&rows[0][key]=1&rows[0][n]=a&rows[1].n=b&rows[2].n=c&"
                         "rows[2].k=d");
    assert_int_equal(run.set.count, 3);
    assert_string_equal(hazard(0)->name, "b");
    assert_string_equal(run.set.items[0].env->unit, "s");
    assert_string_equal(hazard(1)->id, "1");
    assert_refused(2, REASON_BAD_FORMAT, "rows[2].k", "d");
    adapt_run_take(&run, "rows[0].key=1&rows[0].n=a&town=x");
    assert_refused(0, REASON_BAD_FORMAT, "town", "x");
}

/* ---- rows inside rows ---- */

static const char nested[] =
    "adapter: x\ncharset: UTF-8\nrecord: {by: fixed}\nrows: data.list\n"
    "report: {uscc: {publisher: true}, source_system: ^^system}\nrecords:\n"
    "  risk_object:\n    fields: {id: id, name: info>title, object_type: {constant: OTHER}}\n"
    "    report: {source_system: ^^system}\n"
    "  risk_unit:\n    each: units\n    report: {source_system: ^^^system}\n"
    "    fields: {id: id, risk_object_id: ^id, name: n, risk_level: {constant: LOW}}\n"
    "  risk_event:\n    each: units.events\n    report: {source_system: {constant: e}}\n"
    "    fields: {id: id, risk_unit_id: ^id, name: n}\n";

static void one_row_gives_several_records_parents_first(void **state)
{
    adapt_run_load(&run, nested);
    adapt_run_take(&run,
                   "{\"system\":\"S\",\"data\":{\"list\":[{\"id\":\"1\",\"info\":"
                   "\"{\\\"title\\\":\\\"甲\\\",\\\"odd\\\":1}\",\"units\":[{\"id\":\"2\",\"n\":"
                   "\"乙\",\"events\":[{\"id\":\"4\",\"n\":\"丙\"},{\"id\":\"5\"}]},{\"id\":"
                   "\"3\",\"x\":1}]}]}}");
    assert_int_equal(run.set.count, 5);
    const struct report *r = run.set.items;
    assert_string_equal(r[0].type->name, "risk_object");
    assert_string_equal(r[0].env->risk_object->name, "甲");
    assert_string_equal(r[0].env->source_system, "S");
    assert_int_equal(r[0].env->n_unknown_members, 1);
    assert_string_equal(r[0].env->unknown_members[0]->path, "body.info.odd");
    assert_string_equal(r[1].type->name, "risk_unit");
    assert_string_equal(r[1].env->source_system, "S");
    assert_int_equal(r[1].env->n_unknown_members, 0);
    assert_string_equal(r[2].env->unknown_members[0]->path, "body.x");
    assert_string_equal(r[3].type->name, "risk_event");
    assert_string_equal(r[3].env->risk_event->risk_unit_id, "2");
}

static void a_derived_reference_is_its_parents_derived_id(void **state)
{
    (void)state;
    adapt_run_load(&run,
                   "adapter: x\ncharset: UTF-8\nrecord: {by: fixed}\n"
                   "report: {uscc: {publisher: true}}\nrecords:\n"
                   "  risk_unit:\n    fields: {id: {derive: [no, n]}, name: n, risk_object_id: "
                   "{derive: object}}\n"
                   "  risk_event:\n    each: events\n"
                   "    fields: {id: {derive: no}, risk_unit_id: {derive: [^no, ^n]}, name: n}\n");
    adapt_run_take(&run, "[{\"no\":7,\"n\":\"a\",\"object\":\"\",\"events\":"
                         "[{\"no\":7,\"n\":\"b\"}]}]");
    assert_int_equal(run.set.count, 2);
    const struct report *r = run.set.items;
    assert_int_equal(r[0].problem.reason, REASON_NONE);
    assert_null(r[0].env->risk_unit->risk_object_id);
    assert_string_equal(r[1].env->risk_event->risk_unit_id, r[0].env->risk_unit->id);
    assert_string_not_equal(r[1].env->risk_event->id, r[0].env->risk_unit->id);
}

static void json_inside_a_text_that_is_none_is_the_fields_fault(void **state)
{
    adapt_run_load(&run, nested);
    adapt_run_take(&run, "{\"data\":{\"list\":[{\"id\":\"1\",\"info\":\"{\"},{\"id\":\"1\"}]}}");
    assert_refused(0, REASON_BAD_FORMAT, "info", "{");
    assert_int_equal(run.set.items[1].problem.reason, REASON_NONE);
    adapt_run_take(&run, "{\"data\":{\"lists\":[]}}");
    assert_int_equal(run.set.problem.reason, REASON_EMPTY_MESSAGE);
    adapt_run_take(&run, "{\"dota\":{}}");
    assert_int_equal(run.set.problem.reason, REASON_MISSING_FIELD);
    assert_string_equal(run.set.problem.field, "data.list");
}

static void what_is_wrong_inside_a_row_is_found_there(void **state)
{
    adapt_run_load(&run, nested);
    adapt_run_take(&run, "{\"data\":{\"list\":[{\"id\":\"1\",\"units\":[{\"id\":\"2\"},"
                         "{\"id\":[]},7]}]}}");
    assert_int_equal(run.set.count, 4);
    assert_refused(2, REASON_WRONG_TYPE, "units[1].id", "[]");
    assert_refused(3, REASON_NOT_AN_OBJECT, "units[2]", "7");
}

static const char sheet[] =
    "adapter: x\ncontainer: csv\ncharset: UTF-8\nrecord: {by: header}\nabsent: ['', 无]\n"
    "report: {uscc: {publisher: true}}\nrecords:\n"
    "  risk_unit:\n    header: [unit, event]\n"
    "    fields: {id: {derive: unit}, name: unit, risk_level: {constant: LOW}}\n"
    "  risk_event:\n    each: .\n"
    "    fields: {id: {derive: [unit, event]}, risk_unit_id: {derive: unit}, name: event}\n"
    "  measure:\n    each: .\n    keys: [training]\n"
    "    fields: {id: {derive: [unit, event, training]},\n"
    "             risk_event_id: {derive: [unit, event]}, description: training}\n";

static void one_line_is_the_row_of_several_records(void **state)
{
    adapt_run_load(&run, sheet);
    adapt_run_take(&run, "unit,event,training,note\nA,fall,yearly,n\nB,,无,\n");
    assert_int_equal(run.set.count, 5);
    const struct report *r = run.set.items;
    assert_string_equal(r[0].type->name, "risk_unit");
    assert_string_equal(r[1].type->name, "risk_event");
    assert_string_equal(r[2].type->name, "measure");
    const Dualgate__V1__RiskUnit *unit = (const Dualgate__V1__RiskUnit *)(const void *)r[0].body;
    const Dualgate__V1__RiskEvent *event = (const Dualgate__V1__RiskEvent *)(const void *)r[1].body;
    assert_string_equal(event->risk_unit_id, unit->id);
    /* What no record knows is kept once. */
    assert_int_equal(r[0].env->n_unknown_members, 1);
    assert_int_equal(r[1].env->n_unknown_members, 0);
    assert_int_equal(r[3].problem.reason, REASON_NONE);
    assert_refused(4, REASON_MISSING_FIELD, "[line 3].event", "");
}

static void a_column_that_only_tells_the_record_is_kept(void **state)
{
    (void)state;
    adapt_run_load(&run, "adapter: x\ncontainer: csv\ncharset: UTF-8\nrecord: {by: header}\n"
                         "report: {uscc: {publisher: true}}\nrecords:\n"
                         "  risk_unit:\n    header: [unit, sort, shape]\n    keep: [sort]\n"
                         "    fields: {id: {derive: unit}, name: unit}\n");
    adapt_run_take(&run, "unit,sort,shape\nA,b,c\n");
    const struct report *r = run.set.items;
    assert_int_equal(r[0].problem.reason, REASON_NONE);
    assert_int_equal(r[0].env->n_unknown_members, 2);
    assert_string_equal(r[0].env->unknown_members[0]->path, "body.sort");
    assert_string_equal(r[0].env->unknown_members[1]->path, "body.shape");
}

static void titles_may_stand_above_the_header(void **state)
{
    char text[sizeof sheet + 32];
    (void)state;
    (void)snprintf(text, sizeof text, "title_rows: 2\n%s", sheet);
    adapt_run_load(&run, text);
    adapt_run_take(&run, "the sheet of April,,\n\nby,Li,\n unit ,event,training\nA,fall,yearly\n");
    assert_int_equal(run.set.count, 3);
    assert_int_equal(run.set.items[0].problem.reason, REASON_NONE);
    adapt_run_take(&run, "unit,event,training\n,fall,yearly\n");
    assert_refused(0, REASON_MISSING_FIELD, "[line 2].unit", "");
    /* Where there is none, what is missing is named by the row that is most like one. */
    adapt_run_take(&run, "title,,\nunit,events,training\nA,A,A\n");
    assert_int_equal(run.set.problem.reason, REASON_MISSING_FIELD);
    assert_string_equal(run.set.problem.field, "event");
    adapt_run_take(&run, "title,,\n");
    assert_int_equal(run.set.problem.reason, REASON_MISSING_FIELD);
    adapt_run_take(&run, "1,,\n2,,\n3,,\nunit,event,training\nA,A,A\n");
    assert_int_equal(run.set.problem.reason, REASON_MISSING_FIELD);
}

static void a_member_named_like_a_field_stands_apart_from_it(void **state)
{
    adapt_run_load(&run, nested);
    adapt_run_take(&run, "{\"data\":{\"list\":[{\"id\":\"1\",\"name\":\"own\",\"place\":\"p\"}]}}");
    const struct report *r = run.set.items;
    assert_int_equal(r[0].problem.reason, REASON_NONE);
    assert_int_equal(r[0].env->n_unknown_members, 2);
    assert_string_equal(r[0].env->unknown_members[0]->path, "body.native.name");
    assert_string_equal(r[0].env->unknown_members[1]->path, "body.native.place");
}

/* In canonical JSON it could not be written anywhere: there is no principal to stand in. */
static void a_member_inside_what_is_absent_stands_apart_from_it(void **state)
{
    adapt_run_load(&run, "adapter: x\ncharset: UTF-8\nrecord: {by: fixed}\nabsent: ['', '-']\n"
                         "report: {uscc: {publisher: true}}\nrecords:\n  entity:\n"
                         "    fields: {name: name, principal.name: principal.name}\n");
    adapt_run_take(&run, "[{\"name\":\"n\",\"principal\":{\"name\":\"p\",\"age\":1}},"
                         "{\"name\":\"n\",\"principal\":{\"name\":\"-\",\"age\":1}}]");
    const struct report *r = run.set.items;
    assert_int_equal(r[0].env->n_unknown_members, 1);
    assert_string_equal(r[0].env->unknown_members[0]->path, "body.principal.age");
    assert_int_equal(r[1].env->n_unknown_members, 1);
    assert_string_equal(r[1].env->unknown_members[0]->path, "body.native.principal.age");
}

/* ---- frames ---- */

static const char framed[] =
    "adapter: x\ncharset: UTF-8\nframe: {end: '@@'}\nrecord: {by: member, name: serviceId}\n"
    "rows: data\nreport: {uscc: {publisher: true}, source_system: ^appId}\nrecords:\n"
    "  hazard:\n    match: YH\n" FIELDS;

static void a_payload_may_hold_several_frames(void **state)
{
    adapt_run_load(&run, framed);
    adapt_run_take(&run, "{\"appId\":\"A\",\"serviceId\":\"YH\",\"data\":[{\"key\":\"1\"}]}@@\n"
                         "{\"appId\":\"B\",\"serviceId\":\"YH\",\"data\":{\"key\":\"2\"}}@@");
    assert_int_equal(run.set.count, 2);
    assert_string_equal(hazard(1)->id, "2");
    assert_int_equal(run.set.items[1].index, 1);
    assert_string_equal(run.set.items[1].env->source_system, "B");
}

static void an_unfinished_frame_is_a_bad_envelope(void **state)
{
    adapt_run_load(&run, framed);
    adapt_run_take(&run,
                   "{\"serviceId\":\"YH\",\"data\":[{}]}@@{\"serviceId\":\"YH\",\"data\":[{}]}@");
    assert_int_equal(run.set.problem.reason, REASON_BAD_ENVELOPE);
    assert_int_equal(run.set.count, 0);
    adapt_run_take(&run, "{}");
    assert_int_equal(run.set.problem.reason, REASON_BAD_ENVELOPE);
    adapt_run_take(&run, "{}@@");
    assert_int_equal(run.set.problem.reason, REASON_MISSING_FIELD);
}

/* ---- values ---- */

static const char values[] =
    "adapter: x\ncharset: UTF-8\nrecord: {by: fixed}\nabsent: ['', 无]\n"
    "report: {uscc: {from: code, organisation_code: true}, division: {template: "
    "'{p:2}{c:4}{t?}'}}\n"
    "records:\n  hazard:\n    fields:\n      id: id\n      name: {template: '{a}-{b}', default: "
    "none}\n"
    "      level: {constant: GENERAL}\n      state: {constant: RECTIFYING}\n"
    "      attachment: {from: [files, 'more>list.name'], split: [',', '，', 、]}\n"
    "      found_at: {from: day, time: yyyy-M-d, when: {attachment: ''}}\n";

static void divisions_and_names_are_put_together(void **state)
{
    adapt_run_load(&run, values);
    adapt_run_take(&run, "[{\"p\":41,\"c\":\"４１１\",\"a\":\" 甲\",\"b\":\"乙\"},"
                         "{\"p\":\"41\",\"c\":\"0411\",\"t\":\"001\",\"b\":\"无\"},"
                         "{\"p\":\"41\"},{\"a\":\"甲\"}]");
    assert_string_equal(run.set.items[0].env->division, "410411");
    assert_string_equal(hazard(0)->name, "甲-乙");
    assert_string_equal(run.set.items[1].env->division, "410411001");
    assert_string_equal(hazard(1)->name, "none");
    assert_refused(2, REASON_MISSING_FIELD, "c", "");
    assert_refused(3, REASON_MISSING_FIELD, "b", "");
}

/* Trap 34. */
static void lists_lose_their_doubles(void **state)
{
    adapt_run_load(&run, values);
    adapt_run_take(
        &run, "[{\"files\":\"1，3,3、 1\",\"day\":\"2020-4-7\"},"
              "{\"more\":\"{\\\"list\\\":[{\\\"name\\\":\\\"x\\\"},{\\\"name\\\":\\\"y\\\"}]}\"},"
              "{\"day\":\"2020-4-7\"}]");
    assert_int_equal(hazard(0)->n_attachment, 2);
    assert_string_equal(hazard(0)->attachment[1], "3");
    assert_null(hazard(0)->found_at);
    assert_int_equal(hazard(1)->n_attachment, 2);
    assert_string_equal(hazard(1)->attachment[1], "y");
    assert_string_equal(hazard(2)->found_at, "2020-04-07T00:00:00+08:00");
}

static const char items[] =
    "adapter: x\ncontainer: json\ncharset: UTF-8\nrecord: {by: fixed}\n"
    "report: {uscc: {publisher: true}}\nrecords:\n  entity:\n    fields:\n      name: name\n"
    "      identifiers.SCHOOL_CODE.value: school\n      identifiers.SHOP.value: shop\n";

static void items_of_a_list_are_told_apart_by_their_code(void **state)
{
    adapt_run_load(&run, items);
    adapt_run_take(&run, "[{\"name\":\"n\",\"school\":\"1\",\"shop\":\"B2\"},{\"shop\":\"B3\"}]");
    const Dualgate__V1__Entity *e = run.set.items[0].env->entity;
    assert_int_equal(e->n_identifiers, 2);
    assert_int_equal(e->identifiers[0]->kind, DUALGATE__V1__ENTITY_IDENTIFIER__CODE__SCHOOL_CODE);
    assert_string_equal(e->identifiers[0]->value, "1");
    assert_int_equal(e->identifiers[1]->kind, DUALGATE__V1__ENTITY_IDENTIFIER__CODE__SHOP);
    assert_string_equal(e->identifiers[1]->value, "B2");
    e = run.set.items[1].env->entity;
    assert_int_equal(e->n_identifiers, 1);
    assert_string_equal(e->identifiers[0]->value, "B3");
}

static void old_organisation_codes_are_found_in_the_register(void **state)
{
    adapt_run_load(&run, values);
    adapt_run_take(&run, "[{\"code\":\"MA45ABCD-6\"},{\"code\":\"ma45abcd6\"},"
                         "{\"code\":\"" ADAPT_RUN_USCC "\"},{\"code\":\"MA0000000\"}]");
    assert_string_equal(run.set.items[0].env->uscc, ADAPT_RUN_USCC);
    assert_string_equal(run.set.items[1].env->uscc, ADAPT_RUN_USCC);
    assert_string_equal(run.set.items[2].env->uscc, ADAPT_RUN_USCC);
    assert_refused(3, REASON_UNKNOWN_ENTITY, "code", "MA0000000");
}

static void a_code_that_two_entities_have_is_none(void **state)
{
    const struct reg_unit twin = {.uscc = "92410411MA45ABCD6X",
                                  .unit = "",
                                  .division = "410411001",
                                  .company_code = "",
                                  .name = ""};
    assert_int_equal(registry_add_unit(run.registry, &twin, "s"), ERR_OK);
    adapt_run_load(&run, values);
    adapt_run_take(&run, "[{\"code\":\"MA45ABCD-6\"}]");
    assert_refused(0, REASON_UNKNOWN_ENTITY, "code", "MA45ABCD-6");
}

/* ---- XML ---- */

static const char xml[] =
    "adapter: x\ncontainer: xml\ncharset: declared\nrecord: {by: element}\n"
    "rows: [project/hazards/hazard, project/zero]\n"
    "report: {uscc: {publisher: true}}\nrecords:\n"
    "  hazard:\n    match: hazard\n    report: {unit: ^^projectCode}\n    fields:\n"
    "      id: '@id'\n      name: name\n      level: {from: grade, words: {重大: MAJOR, 一般: "
    "GENERAL}}\n"
    "      description: builder/note\n      attachment: photos/photo\n"
    "      state: {constant: RECTIFYING}\n"
    "  zero_report:\n    match: zero\n    report: {unit: ^projectCode}\n"
    "    fields: {period: {from: '@month', time: yyyy-MM}, kind: {constant: HAZARD}}\n";

#define PROJECT(inside)                                                       \
    "<?xml version=\"1.0\"?>\n<!-- c -->\n<project xmlns:p='urn:p'>\n" inside \
    "<p:projectCode>P-1</p:projectCode></project>\n"

static void elements_and_attributes_are_members(void **state)
{
    adapt_run_load(&run, xml);
    adapt_run_take(&run,
                   PROJECT("<hazards>\n<p:hazard\n id='1'><name>a &amp; b&#x4e00;<![CDATA[<c>]]>"
                           "</name><grade code='2'>重大</grade><builder><code>9</code>"
                           "<note>n</note></builder><photos><photo>x</photo><photo>y</photo>"
                           "</photos></p:hazard></hazards><zero month='2020-04'/>"));
    assert_int_equal(run.set.count, 2);
    const Dualgate__V1__Hazard *h = hazard(0);
    assert_string_equal(h->id, "1");
    assert_string_equal(h->name, "a & b一<c>");
    assert_int_equal(h->level, DUALGATE__V1__HAZARD_LEVEL__CODE__MAJOR);
    assert_string_equal(h->description, "n");
    assert_int_equal(h->n_attachment, 2);
    const struct report *r = run.set.items;
    assert_string_equal(r[0].env->unit, "P-1");
    assert_int_equal(r[0].env->n_unknown_members, 1);
    assert_string_equal(r[0].env->unknown_members[0]->path, "body.builder.code");
    assert_string_equal(r[0].env->unknown_members[0]->json, "\"9\"");
    assert_true(span_starts(r[0].raw, SPAN_LIT("<p:hazard\n id")));
    assert_memory_equal(r[0].raw.at + r[0].raw.len - 11, "</p:hazard>", 11);
    assert_string_equal(r[1].type->name, "zero_report");
    assert_string_equal(r[1].env->unit, "P-1");
    assert_string_equal(r[1].env->zero_report->period, "2020-04");
    assert_true(span_is(r[1].raw, "<zero month='2020-04'/>"));
}

static void an_attribute_is_what_was_written(void **state)
{
    adapt_run_load(&run, xml);
    adapt_run_take(&run, PROJECT("<hazards><hazard id='&amp;&amp;#38;&lt;&#38;&#x4e00;&quot;'>"
                                 "<name>n</name><grade>一般</grade></hazard></hazards>"));
    assert_string_equal(hazard(0)->id, "&&#38;<&一\"");
}

static void problems_of_elements_name_their_line(void **state)
{
    adapt_run_load(&run, xml);
    adapt_run_take(&run,
                   PROJECT("<hazards>\n<hazard id='1'>\n<name>n</name><grade>大</grade></hazard>\n"
                           "<hazard><name>a</name><name>b</name></hazard>"
                           "<hazard id='1'>text<name>a</name></hazard>\n"
                           "<hazard id='1'><name>a<b>c</b>d</name></hazard><hazard/></hazards>"));
    assert_int_equal(run.set.count, 5);
    assert_refused(0, REASON_UNKNOWN_CODE, "[line 5].grade", "大");
    assert_refused(1, REASON_DUPLICATE_MEMBER, "[line 7].name", "");
    assert_refused(2, REASON_BAD_FORMAT, "[line 7].hazard", "text");
    assert_refused(3, REASON_BAD_FORMAT, "[line 8].name", "a");
    assert_int_equal(run.set.items[4].problem.reason, REASON_NONE); /* the rules' to judge */
}

static enum reason refused_xml(const char *text)
{
    adapt_run_take(&run, text);
    return run.set.problem.reason;
}

static void what_is_no_xml_is_refused(void **state)
{
    adapt_run_load(&run, xml);
    assert_int_equal(refused_xml("<project>"), REASON_UNREADABLE);
    assert_int_equal(refused_xml("{}"), REASON_UNREADABLE);
    assert_int_equal(refused_xml("<project/> x"), REASON_UNREADABLE);
    assert_int_equal(refused_xml("<a></b>"), REASON_UNREADABLE);
    assert_non_null(strstr(run.set.problem.value, "line 1: "));
    assert_int_equal(refused_xml("<project>&undefined;</project>"), REASON_UNREADABLE);
    assert_int_equal(refused_xml("<!DOCTYPE project [<!ENTITY a 'b'>]><project>&a;</project>"),
                     REASON_UNREADABLE);
    assert_string_equal(run.set.problem.value, "DOCTYPE");
    assert_int_equal(refused_xml("<!DOCTYPE project SYSTEM 'file:///etc/passwd'><project/>"),
                     REASON_UNREADABLE);
    assert_int_equal(refused_xml("<a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></a>"),
                     REASON_TOO_DEEP);
    assert_int_equal(refused_xml("<other/>"), REASON_MISSING_FIELD);
    assert_int_equal(refused_xml("<project/>"), REASON_EMPTY_MESSAGE);
    assert_int_equal(refused_xml("\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?><project/>"),
                     REASON_EMPTY_MESSAGE);
}

/* Trap 32: who says gb2312 means all of GB18030; 㛃 is a character that only the latter has. */
static void the_declaration_says_which_encoding(void **state)
{
    adapt_run_load(&run, xml);
    adapt_run_take(&run,
                   "<?xml version=\"1.0\" encoding = 'gb2312'?><project><hazards><hazard id='1'>"
                   "<name>\xBC\xD7\x82\x30\xB7\x31</name></hazard></hazards></project>");
    assert_string_equal(hazard(0)->name, "甲㛃");
    assert_int_equal(refused_xml("<?xml version='1.0' encoding='big5'?><project/>"),
                     REASON_BAD_ENCODING);
    assert_string_equal(run.set.problem.value, "big5");
    assert_int_equal(refused_xml("<?xml version='1.0' encoding='GBK'?><project>甲乙丙</project>"),
                     REASON_BAD_ENCODING);
    assert_int_equal(refused_xml("<project>\xBC\xD7</project>"), REASON_BAD_ENCODING);
    enum err err = adapt_read(
        run.adapters, SPAN_LIT("x"), SPAN_LIT("<?xml version='1.0' encoding='GBK'?><project/>"),
        SPAN_LIT("UTF-8"), &run.publisher, run.registry, 0, &run.arena, &run.set);
    assert_int_equal(err, ERR_OK);
    assert_int_equal(run.set.problem.reason, REASON_BAD_ENCODING);
}

/* ---- memory ---- */

static void sweep(const char *mapping, const char *payload)
{
    adapt_run_load(&run, mapping);
    for (size_t n = 1; n < 200; n++) {
        arena_free(&run.arena);
        arena_init(&run.arena, 8 << 20);
        mem_fail_at(n);
        enum err err = adapt_run_try(&run, span_of(payload));
        mem_fail_at(0);
        assert_true(err == ERR_OK || err == ERR_NOMEM);
        if (err == ERR_OK) {
            return;
        }
    }
    fail();
}

static void memory_may_run_out_anywhere(void **state)
{
    sweep(form, "kind=H&danger.id=1&danger%5Bname%5D=%BC%D7&pwd=x&q=1&file=a&file=b");
    sweep(items, "[{\"school\":\"1\",\"shop\":\"B2\"}]");
    sweep(lines, "{\"key\":\"1\",\"n\":\"a\",\"odd\":[1]}\n{\n");
    sweep(nested, "{\"data\":{\"list\":[{\"id\":\"1\",\"info\":\"{}\",\"units\":[{\"x\":1}]}]}}");
    sweep(xml, PROJECT("<hazards><hazard><name>a<b/></name><q>1</q></hazard></hazards>"));
}

static int begin(void **state)
{
    return adapt_run_begin(&run);
}

static int end(void **state)
{
    adapt_run_end(&run);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_line_spoils_no_other),
        cmocka_unit_test(too_many_lines_are_too_many),
        cmocka_unit_test(a_form_is_one_row),
        cmocka_unit_test(a_text_that_is_not_encoded_is_taken_as_it_is),
        cmocka_unit_test(an_ampersand_in_a_text_cuts_nothing_short),
        cmocka_unit_test(a_password_is_never_shown),
        cmocka_unit_test(a_password_is_never_kept),
        cmocka_unit_test(a_form_in_another_encoding_is_refused),
        cmocka_unit_test(rows_of_a_form_are_numbered),
        cmocka_unit_test(one_row_gives_several_records_parents_first),
        cmocka_unit_test(a_derived_reference_is_its_parents_derived_id),
        cmocka_unit_test(json_inside_a_text_that_is_none_is_the_fields_fault),
        cmocka_unit_test(what_is_wrong_inside_a_row_is_found_there),
        cmocka_unit_test(one_line_is_the_row_of_several_records),
        cmocka_unit_test(titles_may_stand_above_the_header),
        cmocka_unit_test(a_column_that_only_tells_the_record_is_kept),
        cmocka_unit_test(a_member_named_like_a_field_stands_apart_from_it),
        cmocka_unit_test(a_member_inside_what_is_absent_stands_apart_from_it),
        cmocka_unit_test(a_payload_may_hold_several_frames),
        cmocka_unit_test(an_unfinished_frame_is_a_bad_envelope),
        cmocka_unit_test(divisions_and_names_are_put_together),
        cmocka_unit_test(lists_lose_their_doubles),
        cmocka_unit_test(items_of_a_list_are_told_apart_by_their_code),
        cmocka_unit_test(old_organisation_codes_are_found_in_the_register),
        cmocka_unit_test(a_code_that_two_entities_have_is_none),
        cmocka_unit_test(elements_and_attributes_are_members),
        cmocka_unit_test(an_attribute_is_what_was_written),
        cmocka_unit_test(problems_of_elements_name_their_line),
        cmocka_unit_test(what_is_no_xml_is_refused),
        cmocka_unit_test(the_declaration_says_which_encoding),
        cmocka_unit_test(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
