/* SPDX-License-Identifier: Apache-2.0 */
/* The closed list of findings: disagreements that are stored beside a report and do not hinder it.
 * A finding's word is part of the contract: add, never rename. %1 is the field's label, %2 what was
 * reported, %3 what was expected. */
#ifndef MODEL_FINDING_H
#define MODEL_FINDING_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

/* clang-format off */
#define FINDING_LIST(X)                                                                            \
    /* against the register */                                                                     \
    X(DIVISION_MAPPED, "division_mapped", "行政区划“%2”已停用，按“%3”处理", "division \"%2\" is retired and was taken as \"%3\"") \
    X(DIVISION_DIFFERS, "division_differs", "行政区划“%2”与登记的“%3”不一致", "division \"%2\" differs from the registered \"%3\"") \
    X(DIVISION_UNKNOWN, "division_unknown", "行政区划“%2”未登记，按“%3”处理", "division \"%2\" is not in the register; \"%3\" was used") \
    X(SECTOR_DIFFERS, "sector_differs", "%1“%2”与登记的“%3”不一致", "%1 \"%2\" differs from the registered \"%3\"") \
    X(NAME_DIFFERS, "name_differs", "单位名称“%2”与登记的“%3”不一致", "name \"%2\" differs from the registered \"%3\"") \
    X(COMPANY_CODE_DIFFERS, "company_code_differs", "企业编码“%2”与登记的“%3”不一致", "company code \"%2\" differs from the registered \"%3\"") \
    X(INDUSTRY_DIFFERS, "industry_differs", "行业代码“%2”与登记的“%3”不一致", "industry code \"%2\" differs from the registered \"%3\"") \
    /* against the code systems of the register */                                                 \
    X(EDITION_DIFFERS, "edition_differs", "%1“%2”是另一版本的代码，现行版本为“%3”", "%1 \"%2\" is a code of another edition; in the one in force it is \"%3\"") \
    X(CODE_RETIRED, "code_retired", "%1“%2”所属版本已失效，现行版本为“%3”", "the edition of %1 \"%2\" is no longer in force; now it is \"%3\"") \
    X(CODE_UNVERIFIED, "code_unverified", "%1“%2”不在代码表中，而该版本（%3）的表不完整", "%1 \"%2\" is not in the table of edition %3, which is incomplete") \
    X(CODE_SYSTEM_UNKNOWN, "code_system_unknown", "%1所属代码体系或版本“%2”未登记，未校验", "code system or edition \"%2\" of %1 is not in the register; nothing was checked") \
    /* within the report */                                                                        \
    X(PERIOD_DIFFERS, "period_differs", "报告期“%2”与报文中的“%3”不一致", "period \"%2\" differs from \"%3\" of the envelope") \
    X(ACCEPTED_WHILE_OPEN, "accepted_while_open", "隐患未验收却填有%1“%2”", "%1 \"%2\" is given though the hazard is not accepted") \
    X(MAJOR_WITHOUT_BASIS, "major_without_basis", "重大隐患缺少判定依据", "a major hazard names no criterion") \
    X(DATE_PLACEHOLDER, "date_placeholder", "%1“%2”像是占位日期", "%1 \"%2\" looks like a placeholder") \
    X(COORDINATE_SWAPPED, "coordinate_swapped", "纬度“%2”、经度“%3”互换后落在本区范围内：经纬度填反了", "latitude \"%2\" and longitude \"%3\" lie in the district when exchanged: they are swapped") \
    /* against what the report's own figures give */                                              \
    X(RISK_VALUE_DIFFERS, "risk_value_differs", "上报的风险值“%2”与按方法计算的“%3”不一致", "reported risk value \"%2\" differs from the computed \"%3\"") \
    X(RISK_LEVEL_DIFFERS, "risk_level_differs", "上报的风险等级“%2”与按方法计算的“%3”不一致", "reported risk level \"%2\" differs from the computed \"%3\"") \
    X(GRADE_DIFFERS, "grade_differs", "上报的重大危险源等级“%2”与按R值计算的“%3”不一致", "reported grade \"%2\" differs from \"%3\", which the R value gives") \
    X(INPUT_NOT_IN_TABLE, "input_not_in_table", "%1“%2”不在评价方法的取值表中，未计算", "%1 \"%2\" is no value of the method; nothing was computed") \
    X(METHOD_UNKNOWN, "method_unknown", "评价方法版本“%2”的分级标准未知，未计算", "the limits of method version \"%2\" are not known; nothing was computed") \
    X(LEVEL_UNREACHABLE, "level_unreachable", "评价方法版本“%2”的重大风险界限超过矩阵最大值", "method version \"%2\" puts major risk beyond the matrix") \
    X(SIZE_CLASS_DIFFERS, "size_class_differs", "上报的企业规模“%2”与按划型标准计算的“%3”不一致", "reported size class \"%2\" differs from the computed \"%3\"") \
    X(SCALE_DIFFERS, "scale_differs", "是否规模以上填报“%2”，按营业收入应为“%3”", "above scale is reported as \"%2\", revenue gives \"%3\"") \
    /* against what is stored */                                                                   \
    X(STATE_SKIPPED, "state_skipped", "隐患状态由“%3”跳至“%2”", "the hazard's state skips from \"%3\" to \"%2\"") \
    X(FROM_DIFFERS, "from_differs", "流转前状态“%2”与现状态“%3”不一致", "state before \"%2\" differs from the stored \"%3\"") \
    X(REOPENED, "reopened", "已验收的隐患重新打开：“%3”至“%2”", "an accepted hazard was opened again: \"%3\" to \"%2\"") \
    X(CLOSED_BY_UNIT, "closed_by_unit", "重大隐患由企业自行报“%2”，在主管部门销号之前按“%3”处理", "a major hazard is closed by the authority: the unit's \"%2\" counts as \"%3\"") \
    X(WITHDRAWN, "withdrawn", "隐患已由企业撤销（“%3”至“%2”），列入撤销清单", "the unit has withdrawn the hazard (\"%3\" to \"%2\"); it is listed among the withdrawn") \
    X(DEADLINE_MOVED, "deadline_moved", "整改期限由“%3”改为“%2”，没有批准的延期", "deadline moved from \"%3\" to \"%2\" without an approved extension") \
    X(ATTACHMENT_MISSING, "attachment_missing", "%1“%2”所指的附件尚未收到", "the attachment named by %1, \"%2\", has not arrived") \
    X(STATE_MOVED_BACK, "state_moved_back", "隐患状态由“%3”退回“%2”", "the hazard's state goes back from \"%3\" to \"%2\"") \
    X(WITHDRAWAL_PENDING, "withdrawal_pending", "隐患申请撤销（“%3”至“%2”），主管部门确认前仍按原样计入", "withdrawal of the hazard (\"%3\" to \"%2\") awaits the authority; until then it counts as before") \
    X(FINDER_KEPT, "finder_kept", "发现方式“%2”未采用，仍为“%3”", "found by \"%2\" was not taken; it stays \"%3\"") \
    X(DEADLINE_NOT_MOVED, "deadline_not_moved", "没有主管部门批准的延期，整改期限“%2”未采用，仍为“%3”", "deadline \"%2\" was not taken without an extension that the authority approved; it stays \"%3\"") \
    X(EXTENSION_AFTER_EXPIRY, "extension_after_expiry", "整改期限“%3”届满后才申请延期：%2", "an extension was asked for on %2, after the deadline \"%3\" had expired") \
    X(SUPERVISION_DIFFERS, "supervision_differs", "挂牌督办状态“%2”与实际的“%3”不一致", "supervision \"%2\" differs from \"%3\", which is in force") \
    X(NOTHING_TO_DECIDE, "nothing_to_decide", "该隐患待确认的撤销申请为“%3”，不是“%2”", "what awaits a decision is \"%3\", not \"%2\"")
/* clang-format on */

enum finding_code {
    FINDING_NONE = 0,
#define X(id, word, zh, en) FINDING_##id,
    FINDING_LIST(X)
#undef X
        FINDING_COUNT
};

/* "division_mapped"; "" for FINDING_NONE. */
const char *finding_word(enum finding_code code);
/* FINDING_NONE when the word is not in the list. */
enum finding_code finding_of_word(struct span word);
/* Appends the sentence; any of the three may be empty. Values are clipped to 60 characters. */
void finding_text_zh(enum finding_code code, struct span label, struct span reported,
                     struct span expected, struct buf *out);
void finding_text_en(enum finding_code code, struct span label, struct span reported,
                     struct span expected, struct buf *out);

#endif
