/* SPDX-License-Identifier: Apache-2.0 */
/* A column's type follows from the field's type and format alone, so that a new record needs no
 * line here. */
#include "model/columns.h"

/* 20 digits hold every uint64; a bigint would not. */
#define UINT64_DIGITS 20

/* clang-format off */
const struct head_column columns_before[] = {
    {"uscc", COLUMN_TEXT, 0, true, true, "统一社会信用代码"},
    {"id", COLUMN_TEXT, 0, true, true, "标识"},
    {"unit", COLUMN_TEXT, 0, true, true, "报送单元"},
    {"division", COLUMN_TEXT, 0, true, true, "行政区划"},
    {"sector", COLUMN_TEXT, 0, true, true, "行业"},
    {"township", COLUMN_TEXT, 0, true, true, "乡镇街道"},
};
const size_t columns_before_n = sizeof(columns_before) / sizeof(columns_before[0]);

const struct head_column columns_after[] = {
    {"observed_at", COLUMN_TIMESTAMPTZ, 0, true, true, "发生时间"},
    {"source_system", COLUMN_TEXT, 0, true, true, "来源系统"},
    {"source_seq", COLUMN_NUMERIC, UINT64_DIGITS, true, true, "来源序号"},
    {"state_rank", COLUMN_INTEGER, 0, true, true, "状态序"},
    {"ledger_no", COLUMN_BIGINT, 0, true, true, "台账编号"},
    {"deleted", COLUMN_BOOLEAN, 0, true, true, "是否删除"},
    {"id_as_sent", COLUMN_TEXT, 0, true, true, "原始标识"},
    {"origin_node", COLUMN_TEXT, 0, true, true, "来源节点"},
    {"unknown", COLUMN_JSONB, 0, true, false, "未知成员"},
    {"op", COLUMN_TEXT, 0, false, true, "操作"},
};
const size_t columns_after_n = sizeof(columns_after) / sizeof(columns_after[0]);
/* clang-format on */

static const char *const type_names[COLUMN_TYPES] = {
    [COLUMN_TEXT] = "text",     [COLUMN_TIMESTAMPTZ] = "timestamptz",
    [COLUMN_DATE] = "date",     [COLUMN_NUMERIC] = "numeric",
    [COLUMN_JSONB] = "jsonb",   [COLUMN_INTEGER] = "integer",
    [COLUMN_BIGINT] = "bigint", [COLUMN_BOOLEAN] = "boolean",
};

const char *column_type_name(enum column_type type)
{
    return type_names[type];
}

static enum column_type type_of_string(const Dualgate__V1__FieldRule *rule)
{
    switch (rule->format) {
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIMESTAMP:
        return COLUMN_TIMESTAMPTZ;
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DATE:
        return COLUMN_DATE;
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DECIMAL:
        return COLUMN_NUMERIC;
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__JSON:
        return COLUMN_JSONB;
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TEXT:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__UUID:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__TIME_OF_DAY:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__USCC:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DIVISION:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__SECTOR:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__PERIOD:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DIGITS:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__ORG:
    case DUALGATE__V1__FIELD_RULE__FORMAT__CODE__DOC_NO:
    case _DUALGATE__V1__FIELD_RULE__FORMAT__CODE_IS_INT_SIZE:
        break;
    }
    return COLUMN_TEXT;
}

static enum column_type type_of(const struct field_type *f)
{
    if (f->desc->label == PROTOBUF_C_LABEL_REPEATED) {
        return COLUMN_JSONB;
    }
    switch (f->desc->type) {
    case PROTOBUF_C_TYPE_STRING:
        return type_of_string(f->rule);
    case PROTOBUF_C_TYPE_BOOL:
        return COLUMN_BOOLEAN;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return COLUMN_INTEGER;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return COLUMN_BIGINT;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return COLUMN_NUMERIC;
    case PROTOBUF_C_TYPE_MESSAGE:
        return COLUMN_JSONB;
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_BYTES:
        break; /* the last three are refused by the schema */
    }
    return COLUMN_TEXT;
}

static bool in_every_record(const char *name)
{
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

static const char *column_name(const struct field_type *f, struct arena *arena)
{
    const char *name = f->desc->name;
    if (!in_every_record(name)) {
        return name;
    }
    return arena_printf(arena, "%s_%s", f->rule->parent ? f->rule->parent : "body", name);
}

/* Whether the field is the record's own id, and not a part of a joined one. */
static bool is_record_id(const struct record_type *record, const struct field_type *f)
{
    if (strcmp(f->desc->name, "id") != 0) {
        return false;
    }
    for (size_t i = 0; i < record->rule->n_key; i++) {
        if (strcmp(record->rule->key[i], "id") == 0) {
            return false;
        }
    }
    return true;
}

static struct column column_of(const struct field_type *f, struct arena *arena)
{
    struct column c = {.name = column_name(f, arena), .type = type_of(f), .field = f};
    if (c.type == COLUMN_NUMERIC) {
        bool text = f->desc->type == PROTOBUF_C_TYPE_STRING;
        c.precision = text ? f->rule->precision : UINT64_DIGITS;
        c.scale = text ? f->rule->scale : 0;
    }
    return c;
}

enum err columns_of(const struct record_type *record, struct arena *arena, struct column_list *out)
{
    const struct message_type *m = record->message;
    struct column *items = arena_zalloc(arena, m->n_fields * sizeof(*items));
    *out = (struct column_list){.items = items};
    for (size_t i = 0; items && i < m->n_fields; i++) {
        if (is_record_id(record, &m->fields[i])) {
            continue;
        }
        items[out->n] = column_of(&m->fields[i], arena);
        if (!items[out->n].name) {
            return ERR_NOMEM;
        }
        out->n++;
    }
    return items ? ERR_OK : ERR_NOMEM;
}
