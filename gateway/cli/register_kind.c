/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/register_kind.h"

#include <stdio.h>
#include <strings.h>

#include "adapt/fold.h"

#define N(a)                (sizeof(a) / sizeof((a)[0]))
#define HEADING_MAX         256
#define HEADING_ARENA_BYTES ((size_t)1 << 20)

#define FROM                                                                      \
    {                                                                             \
        .name = "valid_from", .headings = "生效日期|起始日期", .type = VALUE_DATE \
    }
#define TO                                                                      \
    {                                                                           \
        .name = "valid_to", .headings = "失效日期|截止日期", .type = VALUE_DATE \
    }

#define USCC                                                                                                             \
    "统一社会信用代码|社会信用代码|信用代码|统一信用代码|企业信用代码|机构信用代码|" \
    "统一社会信用代码证号"
#define NAME                                                                                                                          \
    "企业名称|单位名称|名称|企业(单位)名称|单位(企业)名称|公司名称|企业全称|单位全称|机构名称|" \
    "学校名称|医院名称|生产经营单位名称"
#define DIVISION                                                                                                                        \
    "行政区划|行政区划代码|所属街道|街道|乡镇街道|所属乡镇街道|所在乡镇街道|所属乡镇|所在乡镇|" \
    "乡镇|所在街道|乡镇办|乡办|所属乡办|镇街|所属镇街|属地|属地乡镇|所属区域|所属办事处|办事处|" \
    "乡镇(街道)名称"
#define SECTOR \
    "行业|所属行业|主管行业|行业类别|行业类型|行业分类|行业领域|所属行业领域|所属领域|监管行业"
#define BUILD_STATE                                                                                                                  \
    "建设状态|体系建设状态|建设情况|体系建设情况|双重预防体系建设状态|双重预防体系建设情况|" \
    "双预防建设情况"

/* clang-format off */
static const struct register_column entity_columns[] = {
    {.name = "uscc", .headings = USCC, .type = VALUE_USCC, .required = true, .key = true},
    {.name = "name", .headings = NAME, .type = VALUE_TEXT, .required = true},
    {.name = "kind", .headings = "单位性质|性质|单位类型|企业性质|主体类型", .type = VALUE_LISTED},
    {.name = "division", .headings = DIVISION, .type = VALUE_DIVISION, .required = true},
    {.name = "address", .headings = "地址|详细地址|经营地址|企业地址|单位地址|生产经营地址|经营场所|住所",
     .type = VALUE_TEXT},
    {.name = "lat", .headings = "纬度", .type = VALUE_DECIMAL},
    {.name = "lon", .headings = "经度", .type = VALUE_DECIMAL},
    {.name = "industry", .headings = "行业代码|国民经济行业代码|国民经济行业分类代码", .type = VALUE_CODE},
    {.name = "sector", .headings = SECTOR, .type = VALUE_SECTOR, .required = true},
    {.name = "co_sectors", .headings = "协管行业|配合行业", .type = VALUE_SECTORS},
    {.name = "profile", .headings = "管理类别", .type = VALUE_TEXT},
    {.name = "size_class", .headings = "规模|企业规模|规模类型|企业规模类型|单位规模|大中小微",
     .type = VALUE_LISTED, .words = "LARGE=大型企业|MEDIUM=中型企业|SMALL=小型企业|MICRO=微型企业"},
    {.name = "above_scale", .headings = "规模以上|是否规模以上|是否规上|规上|是否规上企业|是否规模以上企业|"
     "规上企业|规模以上企业|规上规下", .type = VALUE_BOOL},
    {.name = "tier", .headings = "等级|单位等级|医院等级", .type = VALUE_TEXT},
    {.name = "staff", .headings = "职工人数|从业人数|员工人数|从业人员数|职工总数|人数", .type = VALUE_COUNT},
    {.name = "principal", .headings = "主要负责人|负责人|法定代表人|法人代表|法人|企业负责人|单位负责人|"
     "主要负责人姓名|负责人姓名", .type = VALUE_TEXT},
    {.name = "phone", .headings = "联系电话|电话|手机|手机号|手机号码|联系方式|负责人电话|主要负责人电话",
     .type = VALUE_CODE},
    {.name = "safety_head", .headings = "安全负责人|安全管理负责人|分管安全负责人|安全管理人员",
     .type = VALUE_TEXT},
    {.name = "build_state", .headings = BUILD_STATE, .type = VALUE_LISTED},
    {.name = "scope", .headings = "推进范围|提升范围", .type = VALUE_LISTED},
    {.name = "tags", .headings = "标签", .type = VALUE_LIST},
    {.name = "company_code", .headings = "企业编码", .type = VALUE_COMPANY},
    FROM, TO};

static const struct register_column unit_columns[] = {
    {.name = "uscc", .headings = USCC, .type = VALUE_USCC, .required = true, .key = true},
    {.name = "unit", .headings = "报送单元|单元编号|报送单元编号|项目编号|校区|站点编号|商铺编号",
     .type = VALUE_TEXT, .required = true, .key = true},
    {.name = "name", .headings = "单元名称|报送单元名称|项目名称|校区名称|站点名称|商铺名称|名称",
     .type = VALUE_TEXT, .required = true},
    {.name = "division", .headings = DIVISION, .type = VALUE_DIVISION, .required = true},
    {.name = "sector", .headings = SECTOR, .type = VALUE_SECTOR, .required = true},
    {.name = "co_sectors", .headings = "协管行业|配合行业", .type = VALUE_SECTORS},
    {.name = "profile", .headings = "管理类别", .type = VALUE_TEXT},
    {.name = "build_state", .headings = BUILD_STATE, .type = VALUE_LISTED},
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
    {.name = "mapped_to", .headings = "并入区划|现属区划", .type = VALUE_NEW_DIVISION},
    {.name = "aliases", .headings = "别名", .type = VALUE_LIST}};

static const struct register_column sector_columns[] = {
    {.name = "code", .headings = "行业编码|代码", .type = VALUE_TEXT, .required = true, .key = true},
    {.name = "name", .headings = "行业名称|名称", .type = VALUE_TEXT, .required = true},
    {.name = "profile", .headings = "规则类别", .type = VALUE_TEXT},
    {.name = "lead_org", .headings = "牵头部门", .type = VALUE_TEXT},
    {.name = "co_orgs", .headings = "配合部门", .type = VALUE_LIST},
    {.name = "high_risk", .headings = "高危行业", .type = VALUE_BOOL},
    {.name = "coverage_rule", .headings = "覆盖规则", .type = VALUE_WORD,
     .words = "C1=|C2=|C3=|C4=|C5="},
    {.name = "aliases", .headings = "别名", .type = VALUE_LIST}};

static const struct register_column org_columns[] = {
    {.name = "code", .headings = "机构代码|代码", .type = VALUE_TEXT, .required = true, .key = true},
    {.name = "name", .headings = "机构名称|名称", .type = VALUE_TEXT, .required = true},
    {.name = "kind", .headings = "机构类型|类型", .type = VALUE_WORD, .required = true,
     .words = "DEPARTMENT=部门|TOWNSHIP=街道,乡镇|COMMITTEE=安委会|GOVERNMENT=政府|UPPER=上级|OTHER=其他"},
    {.name = "division", .headings = "行政区划", .type = VALUE_DIVISION},
    {.name = "sectors", .headings = "主管行业", .type = VALUE_SECTORS},
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
    {.name = "uscc", .headings = USCC, .type = VALUE_ANY_USCC, .required = true, .key = true},
    {.name = "sector", .headings = "行业", .type = VALUE_SECTOR, .key = true, .keyless_default = true},
    FROM, TO};

static const struct register_column target_columns[] = {
    {.name = "plan_doc_no", .headings = "方案文号|文号", .type = VALUE_DOC_NO, .required = true, .key = true},
    {.name = "indicator", .headings = "指标", .type = VALUE_CODE, .required = true, .key = true},
    {.name = "scope", .headings = "适用范围|范围", .type = VALUE_TEXT, .key = true, .keyless_default = true},
    {.name = "numerator", .headings = "分子", .type = VALUE_COUNT, .required = true},
    {.name = "denominator", .headings = "分母", .type = VALUE_COUNT, .required = true},
    {.name = "note", .headings = "说明", .type = VALUE_TEXT},
    {.name = "valid_from", .headings = "生效日期|起始日期", .type = VALUE_DATE, .required = true, .key = true},
    TO};

static const struct register_column milestone_columns[] = {
    {.name = "plan_doc_no", .headings = "方案文号|文号", .type = VALUE_DOC_NO, .required = true, .key = true},
    {.name = "code", .headings = "节点编号|代码", .type = VALUE_CODE, .required = true, .key = true},
    {.name = "name", .headings = "节点名称|名称", .type = VALUE_TEXT, .required = true},
    {.name = "due_on", .headings = "完成期限|截止时间", .type = VALUE_DATE, .required = true},
    {.name = "subject", .headings = "责任主体", .type = VALUE_WORD, .words = "ORG=部门,乡镇|UNIT=企业,单位"},
    {.name = "note", .headings = "说明", .type = VALUE_TEXT},
    FROM, TO};

static const struct register_column precedence_columns[] = {
    {.name = "field", .headings = "字段", .type = VALUE_CODE, .required = true, .key = true},
    {.name = "deciders", .headings = "认定顺序", .type = VALUE_LIST, .required = true},
    {.name = "blocking", .headings = "是否必须一致", .type = VALUE_BOOL, .required = true},
    {.name = "note", .headings = "说明", .type = VALUE_TEXT}};

static const struct register_column code_system_columns[] = {
    {.name = "system", .headings = "代码体系|编码体系", .type = VALUE_CODE, .required = true, .key = true},
    {.name = "version", .headings = "版本", .type = VALUE_CODE, .required = true, .key = true},
    {.name = "name", .headings = "名称|体系名称", .type = VALUE_TEXT, .required = true},
    {.name = "complete", .headings = "是否完整|完整", .type = VALUE_BOOL},
    {.name = "source", .headings = "来源|依据", .type = VALUE_TEXT},
    {.name = "note", .headings = "说明|备注", .type = VALUE_TEXT},
    FROM, TO};

static const struct register_column code_columns[] = {
    {.name = "system", .headings = "代码体系|编码体系", .type = VALUE_CODE, .required = true, .key = true},
    {.name = "version", .headings = "版本", .type = VALUE_CODE, .required = true, .key = true},
    {.name = "code", .headings = "代码", .type = VALUE_CODE, .required = true, .key = true},
    {.name = "name", .headings = "名称|代码名称", .type = VALUE_TEXT, .required = true},
    {.name = "parent", .headings = "上级代码", .type = VALUE_CODE},
    {.name = "sector", .headings = "行业|主管行业", .type = VALUE_SECTOR}};

static const struct register_column code_map_columns[] = {
    {.name = "system", .headings = "代码体系|编码体系", .type = VALUE_CODE, .required = true, .key = true},
    {.name = "from_version", .headings = "原版本", .type = VALUE_CODE, .required = true, .key = true},
    {.name = "from_code", .headings = "原代码", .type = VALUE_CODE, .required = true, .key = true},
    {.name = "to_version", .headings = "新版本", .type = VALUE_CODE, .required = true, .key = true},
    {.name = "to_code", .headings = "新代码", .type = VALUE_CODE, .required = true}};

static const struct register_column calendar_day_columns[] = {
    {.name = "day", .headings = "日期", .type = VALUE_DATE, .required = true, .key = true},
    {.name = "kind", .headings = "类型", .type = VALUE_WORD, .required = true,
     .words = "WORKDAY=上班,工作日,调休上班|HOLIDAY=放假,休息日,节假日"},
    {.name = "name", .headings = "名称|节日|说明", .type = VALUE_TEXT}};

static const struct register_column calendar_year_columns[] = {
    {.name = "year", .headings = "年份|年度", .type = VALUE_COUNT, .required = true, .key = true},
    {.name = "source", .headings = "来源|依据", .type = VALUE_TEXT, .required = true}};

static const struct register_column deadline_rule_columns[] = {
    {.name = "code", .headings = "规则代码|代码", .type = VALUE_CODE, .required = true, .key = true},
    {.name = "event", .headings = "起算事件", .type = VALUE_TEXT, .required = true},
    {.name = "n", .headings = "数量|期限", .type = VALUE_DECIMAL},
    {.name = "unit", .headings = "单位", .type = VALUE_WORD, .required = true,
     .words = "CALENDAR_DAYS=日,自然日,天|WORKING_DAYS=工作日|HOURS=小时|MONTHS=月,个月"},
    {.name = "source", .headings = "来源|依据", .type = VALUE_TEXT},
    {.name = "evidence", .headings = "核实情况", .type = VALUE_WORD,
     .words = "READ=已查阅|KNOWN=未查阅原文|OPEN=未核到|SET=本地规定"},
    {.name = "note", .headings = "说明|备注", .type = VALUE_TEXT}};

/* The order is that of guessing: what has more required columns of its own comes first. */
const struct register_kind register_kinds[] = {
    {"authorisation", "register.authorisation", authorisation_columns, N(authorisation_columns)},
    {"unit", "register.unit", unit_columns, N(unit_columns)},
    {"entity", "register.entity", entity_columns, N(entity_columns)},
    {"node", "register.node", node_columns, N(node_columns)},
    {"publisher", "register.publisher", publisher_columns, N(publisher_columns)},
    {"org", "register.org", org_columns, N(org_columns)},
    {"division", "register.division", division_columns, N(division_columns)},
    {"sector", "register.sector", sector_columns, N(sector_columns)},
    {"target", "register.target", target_columns, N(target_columns)},
    {"milestone", "register.milestone", milestone_columns, N(milestone_columns)},
    {"precedence", "register.precedence", precedence_columns, N(precedence_columns)},
    {"code_map", "register.code_map", code_map_columns, N(code_map_columns)},
    {"code", "register.code", code_columns, N(code_columns)},
    {"code_system", "register.code_system", code_system_columns, N(code_system_columns)},
    {"calendar_day", "register.calendar_day", calendar_day_columns, N(calendar_day_columns)},
    {"calendar_year", "register.calendar_year", calendar_year_columns, N(calendar_year_columns)},
    {"deadline_rule", "register.deadline_rule", deadline_rule_columns, N(deadline_rule_columns)}};
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

/* Off the end: a note in brackets, a colon. */
static size_t without_note(const char *text, size_t len)
{
    const char *open = len > 0 && text[len - 1] == ')' ? memrchr(text, '(', len) : NULL;
    len = open && open > text ? (size_t)(open - text) : len;
    return len > 0 && text[len - 1] == ':' ? len - 1 : len;
}

struct span register_heading(struct span heading, char *out, size_t size)
{
    struct arena arena;
    size_t len = 0;
    arena_init(&arena, HEADING_ARENA_BYTES);
    struct span rest = fold_width(heading, &arena);
    while (rest.len > 0 && len + 1 < size) {
        struct span left = fold_trim(rest);
        bool dropped = left.len != rest.len;
        rest = left;
        if (!dropped && rest.len > 0) {
            out[len] = rest.at[0];
            len += strchr("*/\\", rest.at[0]) == NULL;
            rest.at++;
            rest.len--;
        }
    }
    arena_free(&arena);
    len = without_note(out, len);
    out[len] = '\0';
    return (struct span){out, len};
}

int register_column_of(const struct register_kind *kind, struct span heading)
{
    char folded[HEADING_MAX];
    struct span known = register_heading(heading, folded, sizeof folded);
    for (size_t i = 0; i < kind->n_columns; i++) {
        if (span_is(known, kind->columns[i].name) ||
            in_list(kind->columns[i].headings, '|', known)) {
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
