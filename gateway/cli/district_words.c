/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/district_words.h"

#define LIST(array)                           \
    {                                         \
        array, sizeof array / sizeof array[0] \
    }

const struct words_township words_townships[WORDS_TOWNSHIPS] = {
    {"001", "马庄街道"},   {"002", "南环路街道"}, {"003", "姚孟街道"}, {"004", "九里山街道"},
    {"005", "轻工路街道"}, {"006", "高阳路街道"}, {"007", "北渡街道"}, {"008", "荆山街道"},
    {"009", "河滨街道"},   {"200", "曹镇乡"},
};
const struct words_township words_retired_township = {"100", "北渡镇"};
const char *const words_retired_into = "007";

static const char *const surnames[] = {
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙",
    "胡", "朱", "高", "林", "何", "郭", "马", "罗", "梁", "宋", "郑", "谢",
};
static const char *const given_names[] = {
    "建国", "志强", "海涛", "秀英", "桂兰", "敏",   "静",   "丽",   "伟",   "军",
    "洋",   "勇",   "艳",   "杰",   "娟",   "涛",   "明",   "超",   "红霞", "晓东",
    "俊杰", "永刚", "文博", "雪梅", "国庆", "鹏飞", "玉梅", "新华", "立群", "宏伟",
};
static const char *const brand_first[] = {
    "鹰", "湛", "华", "恒", "金", "瑞", "天", "宏", "盛", "中", "安", "永", "德", "泰", "新", "鑫",
    "昌", "嘉", "博", "汇", "润", "兴", "凯", "隆", "丰", "信", "和", "同", "利", "富", "顺", "美",
};
static const char *const brand_second[] = {
    "城", "河", "源", "达", "通", "泽", "宇", "业", "茂", "祥", "康", "安", "辉", "成", "峰", "阳",
    "远", "诚", "佳", "禾", "森", "洁", "正", "升", "宁", "晟", "程", "邦", "川", "岳", "基",
};
static const char *const streets[] = {
    "神马大道", "湛南路", "开源路", "稻香路", "光明路", "凌云路",
    "黄河路",   "长江路", "南环路", "九里路", "沙河路", "轻工路",
};
static const char *const departments[] = {
    "安全管理部", "生产技术部", "设备动力部", "综合办公室", "后勤保障部", "运行一班",
};
static const char *const reasons[] = {
    "现场核实后继续治理",   "责任部门已接单", "按方案推进",
    "备件已到货，安排更换", "值班人员复核",   "治理措施已落实",
};
static const char *const acceptances[] = {
    "现场复查，整改到位", "试运行正常，同意验收", "照片与现场一致，验收通过",
    "已更换并测试合格",   "符合要求，同意销号",
};
static const char *const refusals[] = {
    "整改不彻底，退回重新整改",
    "缺少测试记录，不予通过",
    "现场仍有同类问题",
};
static const char *const voids[] = {
    "误报，现场核实不构成隐患",
    "重复登记，撤销本条",
    "设备已拆除，不再适用",
};
static const char *const statements[] = {
    "本月开展日常排查，未发现隐患。",
    "本月组织全面自查，未发现重大事故隐患。",
    "各岗位排查正常，无隐患上报。",
};

const struct words_list words_surnames = LIST(surnames);
const struct words_list words_given_names = LIST(given_names);
const struct words_list words_brand_first = LIST(brand_first);
const struct words_list words_brand_second = LIST(brand_second);
const struct words_list words_streets = LIST(streets);
const struct words_list words_departments = LIST(departments);
const struct words_list words_reasons = LIST(reasons);
const struct words_list words_acceptances = LIST(acceptances);
const struct words_list words_refusals = LIST(refusals);
const struct words_list words_voids = LIST(voids);
const struct words_list words_statements = LIST(statements);
