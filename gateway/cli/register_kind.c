/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/register_kind.h"

#include <stdio.h>
#include <strings.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

#define FROM                                                                      \
    {                                                                             \
        .name = "valid_from", .headings = "生效日期|起始日期", .type = VALUE_DATE \
    }
#define TO                                                                      \
    {                                                                           \
        .name = "valid_to", .headings = "失效日期|截止日期", .type = VALUE_DATE \
    }

/* clang-format off */
static const struct register_column entity_columns[] = {
    {.name = "uscc", .headings = "统一社会信用代码|社会信用代码|信用代码", .type = VALUE_USCC,
     .required = true, .key = true},
    {.name = "name", .headings = "企业名称|单位名称|名称", .type = VALUE_TEXT, .required = true},
    {.name = "kind", .headings = "单位性质|性质|单位类型", .type = VALUE_LISTED},
    {.name = "division", .headings = "行政区划|所属街道|街道|乡镇街道", .type = VALUE_DIVISION,
     .required = true},
    {.name = "address", .headings = "地址|详细地址", .type = VALUE_TEXT},
    {.name = "lat", .headings = "纬度", .type = VALUE_DECIMAL},
    {.name = "lon", .headings = "经度", .type = VALUE_DECIMAL},
    {.name = "industry", .headings = "行业代码|国民经济行业代码", .type = VALUE_TEXT},
    {.name = "sector", .headings = "行业|所属行业|主管行业", .type = VALUE_SECTOR, .required = true},
    {.name = "size_class", .headings = "规模|企业规模", .type = VALUE_LISTED},
    {.name = "above_scale", .headings = "规模以上|是否规模以上", .type = VALUE_BOOL},
    {.name = "tier", .headings = "等级", .type = VALUE_TEXT},
    {.name = "staff", .headings = "职工人数|从业人数", .type = VALUE_COUNT},
    {.name = "principal", .headings = "主要负责人|法定代表人", .type = VALUE_TEXT},
    {.name = "safety_head", .headings = "安全负责人", .type = VALUE_TEXT},
    {.name = "build_state", .headings = "建设状态|体系建设状态", .type = VALUE_LISTED},
    {.name = "scope", .headings = "推进范围", .type = VALUE_LISTED},
    {.name = "tags", .headings = "标签", .type = VALUE_LIST},
    {.name = "company_code", .headings = "企业编码", .type = VALUE_COMPANY},
    FROM, TO};

static const struct register_column unit_columns[] = {
    {.name = "uscc", .headings = "统一社会信用代码|社会信用代码|信用代码", .type = VALUE_USCC,
     .required = true, .key = true},
    {.name = "unit", .headings = "报送单元|单元编号", .type = VALUE_TEXT, .required = true, .key = true},
    {.name = "name", .headings = "单元名称|报送单元名称|名称", .type = VALUE_TEXT, .required = true},
    {.name = "division", .headings = "行政区划|所属街道|街道|乡镇街道", .type = VALUE_DIVISION,
     .required = true},
    {.name = "sector", .headings = "行业|所属行业|主管行业", .type = VALUE_SECTOR, .required = true},
    {.name = "co_sectors", .headings = "协管行业", .type = VALUE_LIST},
    {.name = "profile", .headings = "管理类别", .type = VALUE_TEXT},
    {.name = "build_state", .headings = "建设状态|体系建设状态", .type = VALUE_LISTED},
    FROM, TO};

static const struct register_column publisher_columns[] = {
    {.name = "code", .headings = "报送方代码|报送方", .type = VALUE_TEXT, .required = true, .key = true},
    {.name = "kind", .headings = "报送方类型|类型", .type = VALUE_WORD, .required = true,
     .words = "ENTITY=企业,单位|SERVICE_ORG=服务机构|PLATFORM=平台,行业平台|ORG=部门,机构"},
    {.name = "name", .headings = "报送方名称|名称", .type = VALUE_TEXT},
    {.name = "adapters", .headings = "适配器", .type = VALUE_LIST},
    {.name = "charset", .headings = "字符编码|编码", .type = VALUE_TEXT},
    {.name = "adapter_key", .headings = "密钥", .type = VALUE_TEXT},
    {.name = "company_code", .headings = "企业编码", .type = VALUE_COMPANY},
    {.name = "active", .headings = "启用", .type = VALUE_BOOL}};

static const struct register_column division_columns[] = {
    {.name = "code", .headings = "区划代码|行政区划代码|代码", .type = VALUE_NEW_DIVISION, .required = true,
     .key = true},
    {.name = "name", .headings = "区划名称|行政区划名称|名称", .type = VALUE_TEXT, .required = true},
    {.name = "parent", .headings = "上级区划|上级", .type = VALUE_NEW_DIVISION},
    FROM, TO,
    {.name = "mapped_to", .headings = "并入区划|现属区划", .type = VALUE_NEW_DIVISION}};

static const struct register_column sector_columns[] = {
    {.name = "code", .headings = "行业编码|代码", .type = VALUE_TEXT, .required = true, .key = true},
    {.name = "name", .headings = "行业名称|名称", .type = VALUE_TEXT, .required = true},
    {.name = "profile", .headings = "规则类别", .type = VALUE_TEXT},
    {.name = "lead_org", .headings = "牵头部门", .type = VALUE_TEXT},
    {.name = "co_orgs", .headings = "配合部门", .type = VALUE_LIST},
    {.name = "high_risk", .headings = "高危行业", .type = VALUE_BOOL},
    {.name = "coverage_rule", .headings = "覆盖规则", .type = VALUE_WORD,
     .words = "C1=|C2=|C3=|C4=|C5="}};

static const struct register_column org_columns[] = {
    {.name = "code", .headings = "机构代码|代码", .type = VALUE_TEXT, .required = true, .key = true},
    {.name = "name", .headings = "机构名称|名称", .type = VALUE_TEXT, .required = true},
    {.name = "kind", .headings = "机构类型|类型", .type = VALUE_WORD, .required = true,
     .words = "DEPARTMENT=部门|TOWNSHIP=街道,乡镇|COMMITTEE=安委会|GOVERNMENT=政府|UPPER=上级|OTHER=其他"},
    {.name = "division", .headings = "行政区划", .type = VALUE_DIVISION},
    {.name = "sectors", .headings = "主管行业", .type = VALUE_LIST},
    {.name = "active", .headings = "启用", .type = VALUE_BOOL}};

static const struct register_column node_columns[] = {
    {.name = "code", .headings = "节点代码|代码", .type = VALUE_NEW_DIVISION, .required = true, .key = true},
    {.name = "name", .headings = "节点名称|名称", .type = VALUE_TEXT, .required = true},
    {.name = "parent", .headings = "上级节点", .type = VALUE_NEW_DIVISION},
    {.name = "self", .headings = "本节点", .type = VALUE_BOOL, .required = true},
    FROM, TO};

static const struct register_column authorisation_columns[] = {
    {.name = "publisher", .headings = "报送方代码|报送方", .type = VALUE_TEXT, .required = true,
     .key = true},
    {.name = "uscc", .headings = "统一社会信用代码|社会信用代码|信用代码", .type = VALUE_ANY_USCC,
     .required = true, .key = true},
    {.name = "sector", .headings = "行业", .type = VALUE_SECTOR, .key = true, .keyless_default = true},
    FROM, TO};

/* The order is that of guessing: what has more required columns of its own comes first. */
const struct register_kind register_kinds[] = {
    {"authorisation", "register.authorisation", authorisation_columns, N(authorisation_columns)},
    {"unit", "register.unit", unit_columns, N(unit_columns)},
    {"entity", "register.entity", entity_columns, N(entity_columns)},
    {"node", "register.node", node_columns, N(node_columns)},
    {"publisher", "register.publisher", publisher_columns, N(publisher_columns)},
    {"org", "register.org", org_columns, N(org_columns)},
    {"division", "register.division", division_columns, N(division_columns)},
    {"sector", "register.sector", sector_columns, N(sector_columns)}};
const size_t register_kinds_count = N(register_kinds);
/* clang-format on */

const struct register_kind *register_kind_of(const char *name)
{
    for (size_t i = 0; i < register_kinds_count; i++) {
        if (strcmp(register_kinds[i].name, name) == 0) {
            return &register_kinds[i];
        }
    }
    return NULL;
}

static bool in_list(const char *list, char separator, struct span word)
{
    struct span rest = span_of(list);
    while (rest.at) {
        if (span_eq(span_cut(&rest, separator), word)) {
            return true;
        }
    }
    return false;
}

int register_column_of(const struct register_kind *kind, struct span heading)
{
    for (size_t i = 0; i < kind->n_columns; i++) {
        if (span_is(heading, kind->columns[i].name) ||
            in_list(kind->columns[i].headings, '|', heading)) {
            return (int)i;
        }
    }
    return -1;
}

static bool suits(const struct register_kind *kind, const struct span *headings, size_t n)
{
    size_t required = 0;
    size_t found = 0;
    for (size_t i = 0; i < kind->n_columns; i++) {
        required += kind->columns[i].required;
    }
    for (size_t i = 0; i < n; i++) {
        int column = register_column_of(kind, headings[i]);
        if (column < 0) {
            return false;
        }
        found += kind->columns[column].required;
    }
    return found == required;
}

const struct register_kind *register_kind_guess(const struct span *headings, size_t n)
{
    for (size_t i = 0; i < register_kinds_count; i++) {
        if (suits(&register_kinds[i], headings, n)) {
            return &register_kinds[i];
        }
    }
    return NULL;
}

const char *register_word(const char *words, struct span value, char *out, size_t size)
{
    struct span rest = span_of(words);
    while (rest.at) {
        struct span entry = span_cut(&rest, '|');
        struct span name = span_cut(&entry, '=');
        bool same = name.len == value.len && strncasecmp(name.at, value.at, name.len) == 0;
        struct span aliases = entry;
        while (!same && aliases.at && aliases.len > 0) {
            same = span_eq(span_cut(&aliases, ','), value);
        }
        if (same && name.len < size) {
            (void)snprintf(out, size, "%.*s", SPAN_ARG(name));
            return out;
        }
    }
    return NULL;
}
