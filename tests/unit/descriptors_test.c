/* SPDX-License-Identifier: Apache-2.0 */
/* Messages, code lists, fields and options are found in the descriptor set by their full names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "model/descriptors.h"
#include "rules.pb-c.h"

extern const unsigned char descriptor_set_bytes[];
extern const size_t descriptor_set_size;

#define ARENA_MAX ((size_t)32 << 20)
#define TAG_FIELD 51001

static struct arena arena;
static const Google__Protobuf__FileDescriptorSet *set;

static struct span whole(void)
{
    return (struct span){(const char *)descriptor_set_bytes, descriptor_set_size};
}

static int read_set(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_MAX);
    return descriptors_read(whole(), &arena, &set) == ERR_OK ? 0 : -1;
}

static int free_set(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void messages_and_lists_are_found_by_full_name(void **state)
{
    (void)state;
    assert_non_null(descriptors_message(set, "dualgate.v1.Hazard"));
    assert_non_null(descriptors_message(set, "dualgate.v1.FieldRule.Mask"));
    assert_non_null(descriptors_message(set, "google.protobuf.FieldOptions"));
    assert_non_null(descriptors_enum(set, "dualgate.v1.HazardLevel.Code"));
    static const char *const absent[] = {
        "dualgate.v1.Hazar",  "dualgate.v1.",           "dualgate.v1", "Hazard", "", ".",
        "dualgate.v2.Hazard", "dualgate.v1.Hazard.Code"};
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        assert_null(descriptors_message(set, absent[i]));
        assert_null(descriptors_enum(set, absent[i]));
    }
}

static void an_option_is_read_where_it_is_given(void **state)
{
    (void)state;
    const Google__Protobuf__DescriptorProto *hazard =
        descriptors_message(set, "dualgate.v1.Hazard");
    const Google__Protobuf__FieldDescriptorProto *name = descriptors_field(hazard, 5);
    assert_string_equal(name->name, "name");
    assert_null(descriptors_field(hazard, 9999));
    ProtobufCMessage *out = NULL;
    assert_int_equal(descriptors_option(&name->options->base, TAG_FIELD,
                                        &dualgate__v1__field_rule__descriptor, &arena, &out),
                     ERR_OK);
    const Dualgate__V1__FieldRule *rule = (const Dualgate__V1__FieldRule *)(const void *)out;
    assert_int_equal(rule->max_chars, 300);
    assert_true(rule->required);
    assert_int_equal(descriptors_option(&name->options->base, TAG_FIELD + 1,
                                        &dualgate__v1__field_rule__descriptor, &arena, &out),
                     ERR_OK);
    assert_null(out);
    assert_int_equal(
        descriptors_option(NULL, TAG_FIELD, &dualgate__v1__field_rule__descriptor, &arena, &out),
        ERR_OK);
    assert_null(out);
}

static void an_option_with_a_wrong_length_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t len;
    } cases[] = {{"", 0}, {"\x05\x08", 2}, {"\x01\x08\x01", 3}, {"\x80\x80\x80\x80\x80\x80", 6}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t data[8] = {0};
        memcpy(data, cases[i].data, cases[i].len);
        ProtobufCMessageUnknownField field = {.tag = TAG_FIELD,
                                              .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
                                              .len = cases[i].len,
                                              .data = data};
        Google__Protobuf__FieldOptions options = GOOGLE__PROTOBUF__FIELD_OPTIONS__INIT;
        options.base.n_unknown_fields = 1;
        options.base.unknown_fields = &field;
        ProtobufCMessage *out = NULL;
        assert_int_equal(descriptors_option(&options.base, TAG_FIELD,
                                            &dualgate__v1__field_rule__descriptor, &arena, &out),
                         ERR_SYNTAX);
        assert_null(out);
    }
}

static void no_memory_is_told_from_bad_bytes(void **state)
{
    (void)state;
    const Google__Protobuf__FileDescriptorSet *got = NULL;
    struct arena small;
    arena_init(&small, 8192);
    assert_int_equal(descriptors_read(whole(), &small, &got), ERR_NOMEM);
    arena_free(&small);
    arena_init(&small, ARENA_MAX);
    assert_int_equal(descriptors_read(SPAN_LIT("\x0a\xff"), &small, &got), ERR_SYNTAX);
    assert_null(got);
    arena_free(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_and_lists_are_found_by_full_name),
        cmocka_unit_test(an_option_is_read_where_it_is_given),
        cmocka_unit_test(an_option_with_a_wrong_length_is_refused),
        cmocka_unit_test(no_memory_is_told_from_bad_bytes),
    };
    return cmocka_run_group_tests(tests, read_set, free_set);
}
