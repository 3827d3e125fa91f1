/* SPDX-License-Identifier: Apache-2.0 */
/* The closed list of reasons for which a message or report is not taken, with the sentences people
 * read. A reason's word is part of the contract: add, never rename. %1 is the field's label, %2 the
 * value. Documented for enterprises from this table (`dualgate check --reasons`). */
#ifndef MODEL_REASON_H
#define MODEL_REASON_H

#include "base/buf.h"
#include "base/span.h"

/* clang-format off */
#define REASON_LIST(X)                                                                             \
    /* the message as a whole */                                                                   \
    X(UNREADABLE, "unreadable", "报文不是合法的%1，无法读取：%2", "the message is not valid %1: %2")    \
    X(BAD_ENCODING, "bad_encoding", "%1不是声明的字符编码：%2", "%1 is not in the declared encoding: %2") \
    X(EMPTY_MESSAGE, "empty_message", "报文为空", "the message is empty")                             \
    X(MESSAGE_TOO_LARGE, "message_too_large", "报文大小%2超过上限", "message of %2 bytes exceeds the limit") \
    X(ARRAY_TOO_LARGE, "array_too_large", "一条报文含%2份报告，超过上限", "%2 reports in one message exceed the limit") \
    X(TOO_DEEP, "too_deep", "%1嵌套层数超过上限%2", "%1 is nested deeper than %2")                      \
    X(RETAINED_MESSAGE, "retained_message", "报文带有保留标志，不予接收", "the message has the retain flag") \
    X(BAD_TOPIC, "bad_topic", "主题“%2”不符合约定", "topic \"%2\" is not of the agreed form")           \
    X(WRONG_NODE, "wrong_node", "主题中的节点“%2”不是本节点", "node \"%2\" of the topic is not this node") \
    X(UNKNOWN_RECORD, "unknown_record", "没有记录类型“%2”", "there is no record \"%2\"")               \
    X(UNKNOWN_CONTENT_TYPE, "unknown_content_type", "不支持内容类型“%2”", "content type \"%2\" is not supported") \
    X(UNKNOWN_PUBLISHER, "unknown_publisher", "报送方“%2”未登记", "publisher \"%2\" is not registered")  \
    X(NO_ADAPTER, "no_adapter", "报送方没有登记适配器“%2”", "no adapter \"%2\" is registered for this publisher") \
    X(BAD_ENVELOPE, "bad_envelope", "加密信封无法打开：%2", "the encrypted envelope cannot be opened: %2") \
    /* one report */                                                                               \
    X(NOT_AN_OBJECT, "not_an_object", "报告不是JSON对象", "the report is not a JSON object")            \
    X(REPORT_TOO_LARGE, "report_too_large", "报告大小%2超过上限", "report of %2 bytes exceeds the limit") \
    X(DUPLICATE_MEMBER, "duplicate_member", "%1重复出现", "%1 occurs twice")                          \
    X(MISSING_FIELD, "missing_field", "缺少%1", "%1 is missing")                                     \
    X(WRONG_TYPE, "wrong_type", "%1的类型不对：“%2”", "%1 has the wrong type: \"%2\"")                  \
    X(TOO_LONG, "too_long", "%1超过长度上限：“%2”", "%1 is too long: \"%2\"")                           \
    X(TOO_SHORT, "too_short", "%1过短：“%2”", "%1 is too short: \"%2\"")                              \
    X(TOO_MANY, "too_many", "%1的项数超过上限：%2", "%1 has too many items: %2")                        \
    X(OUT_OF_RANGE, "out_of_range", "%1超出允许范围：“%2”", "%1 is out of range: \"%2\"")               \
    X(UNKNOWN_CODE, "unknown_code", "%1代码“%2”不在代码表中", "%1 code \"%2\" is not in the code list")  \
    X(BAD_FORMAT, "bad_format", "%1格式不对：“%2”", "%1 has the wrong format: \"%2\"")                  \
    X(BAD_DATE, "bad_date", "%1不是有效的日期或时间：“%2”", "%1 is not a valid date or time: \"%2\"")     \
    X(CONTROL_CHARACTER, "control_character", "%1含有控制字符", "%1 holds a control character")         \
    X(BAD_USCC, "bad_uscc", "%1“%2”不是有效的统一社会信用代码", "%1 \"%2\" is not a valid unified social credit code") \
    X(BAD_MSG_ID, "bad_msg_id", "报文编号“%2”不是UUID", "msg_id \"%2\" is not a UUID")                 \
    X(UNSUPPORTED_SCHEMA, "unsupported_schema", "不支持模式“%2”", "schema \"%2\" is not supported")      \
    X(RECORD_MISMATCH, "record_mismatch", "报告的记录类型“%2”与主题不一致", "record \"%2\" differs from the topic's") \
    X(OP_NOT_ALLOWED, "op_not_allowed", "该记录不允许操作“%2”", "operation \"%2\" is not allowed for this record") \
    X(KEY_MISMATCH, "key_mismatch", "标识“%2”与组成字段不一致", "id \"%2\" differs from the fields it is made of") \
    X(TIME_IN_FUTURE, "time_in_future", "%1“%2”晚于当前时间", "%1 \"%2\" lies in the future")           \
    X(UNKNOWN_ENTITY, "unknown_entity", "统一社会信用代码“%2”未登记", "entity \"%2\" is not in the register") \
    X(UNKNOWN_UNIT, "unknown_unit", "报送单元“%2”未登记", "reporting unit \"%2\" is not in the register") \
    X(WRONG_SECTOR, "wrong_sector", "行业“%2”与登记的行业不一致", "sector \"%2\" is not the registered one") \
    X(WRONG_DIVISION, "wrong_division", "行政区划“%2”不属于本节点", "division \"%2\" does not belong to this node") \
    X(NOT_AUTHORISED, "not_authorised", "报送方无权代“%2”报送", "the publisher may not report for \"%2\"") \
    X(UNKNOWN_ORG, "unknown_org", "组织“%2”未登记或已停用", "organisation \"%2\" is not in the register, or not active") \
    X(SUBJECT_MISSING, "subject_missing", "未指明报告对象，缺少%1", "the report names no subject: %1 is missing") \
    X(SUBJECT_AMBIGUOUS, "subject_ambiguous", "报告对象只能有一个，不应填写%1：“%2”", "a report has one subject: %1 \"%2\" does not belong here") \
    X(WRONG_PUBLISHER, "wrong_publisher", "记录“%2”不能由此类报送方报送", "record \"%2\" may not be sent by such a publisher") \
    X(PARENT_MISSING, "parent_missing", "%1“%2”在期限内未收到", "the parent named by %1, \"%2\", did not arrive in time") \
    X(PARKED_FULL, "parked_full", "等待上级记录的报告过多：%2", "too many reports wait for a parent: %2") \
    X(CONTENT_CONFLICT, "content_conflict", "报文编号已用于内容不同的报告", "the msg_id was used for a report of other content") \
    X(DATABASE_REFUSED, "database_refused", "数据库拒绝了该报告：%2", "the database refused this report: %2") \
    X(ATTACHMENT_TOO_LARGE, "attachment_too_large", "%1中的附件大小%2字节，超过上限", "an attachment of %2 bytes in %1 exceeds the limit") \
    X(ATTACHMENT_TYPE, "attachment_type", "%1中的附件不是允许的类型，或内容与声明的类型“%2”不符", "an attachment in %1 is of a type that is not taken, or is not what it is declared as, \"%2\"") \
    X(ATTACHMENT_BROKEN, "attachment_broken", "%1中的附件不是完整的base64数据或有效的附件链接：“%2”", "an attachment in %1 is not whole base64 or a valid link: \"%2\"") \
    /* across fields, one reason each: model/cross.c */                                            \
    X(DEADLINE_MISSING, "deadline_missing", "限期整改的隐患缺少%1", "a hazard to be rectified by a deadline lacks %1") \
    X(DEADLINE_BEFORE_REGISTERED, "deadline_before_registered", "整改期限“%2”早于登记日期", "deadline \"%2\" lies before the registration") \
    X(ACCEPT_MISSING, "accept_missing", "已验收的隐患缺少%1", "an accepted hazard lacks %1")             \
    X(CLASS2_MISMATCH, "class2_mismatch", "措施二级分类“%2”不属于所填一级分类", "measure class \"%2\" does not belong to the first class") \
    X(TASK_NO_MISSING, "task_no_missing", "包保责任任务缺少或错填任务序号：“%2”", "a responsibility task lacks a valid task number: \"%2\"") \
    X(WORK_HOURS_MISSING, "work_hours_missing", "按小时排查的任务缺少%1", "a task by the hour lacks %1") \
    X(SAME_STATE, "same_state", "流转前后状态相同：“%2”", "the transition ends in the state it starts from: \"%2\"") \
    /* against what is in force */                                                                 \
    X(HAZARD_LISTED, "hazard_listed", "挂牌督办的隐患摘牌后才能销号", "a listed hazard cannot be closed before it is delisted") \
    X(HAZARD_VOID, "hazard_void", "隐患已作废，不能再改为“%2”", "the hazard is void and cannot become \"%2\"") \
    X(COORDINATE_OUTSIDE, "coordinate_outside", "坐标“%2”不在允许范围内（经纬度可能颠倒）", "coordinate \"%2\" is outside the district's bounds (swapped?)")
/* clang-format on */

enum reason {
    REASON_NONE = 0,
#define X(id, word, zh, en) REASON_##id,
    REASON_LIST(X)
#undef X
        REASON_COUNT
};

/* "unknown_code"; "" for REASON_NONE. */
const char *reason_word(enum reason r);
/* REASON_NONE when the word is not in the list. */
enum reason reason_of_word(struct span word);
/* Appends the sentence; label and value may be empty. The value is clipped to 60 characters. */
void reason_text_zh(enum reason r, struct span label, struct span value, struct buf *out);
void reason_text_en(enum reason r, struct span label, struct span value, struct buf *out);

#endif
