# SPDX-License-Identifier: Apache-2.0
"""A full and right body of every record beyond the chain, as a unit or an organisation would send it.

    examples.unit(hazard, risk_unit)    by a reporting unit: {record: body}
    examples.authority(hazard, org)     by an organisation, about a unit: {record: body}
    examples.organisation(org)          by an organisation, about one: {record: body}
"""

FILE = "sha256:" + "ab" * 32
BASIS = [{"system": "legal_basis", "version": "2019", "code": "省政府令第191号", "name": "风险管控与隐患治理办法"}]
MAJOR = {"standard_id": "安监总管三〔2017〕121号", "version": "2017", "clause": "第5项"}


def unit(hazard, risk_unit):
    have = {"exists": True, "grade": "GOOD", "score": "18.5", "comment": "运行正常"}
    return {
        "dossier": {
            "documents": [{"kind": "RISK_MANUAL", "name": "风险分级管控手册", "version": "2", "issued_on": "2020-04-20",
                           "hash": FILE, "link": FILE}],
            "cards": [{"kind": "NOTICE", "post": "储运岗", "issued_on": "2020-05-06", "hash": FILE}],
            "leading_group": {"exists": True, "established_on": "2020-04-10", "doc_no": "甲安〔2020〕1号"},
            "first_identification": {"done_on": "2020-04-28", "by_expert": True}},
        "entity_plan": {
            "year": "2020", "goal": "年内建成并运行", "milestones": [{"name": "完成辨识", "due_on": "2020-06-30"}],
            "measures": ["外聘专家辨识"], "resp_person": "李建国", "scope": "CONSOLIDATE",
            "improvement_plan": "补齐岗位告知卡", "improvement_due_on": "2020-08-31"},
        "major_plan": {
            "hazard_id": hazard, "goal": "恢复报警联锁", "methods": "更换探头", "funds": "自筹，备件已到货",
            "organisation": "生产部", "time_limit": "十日内", "contingency": "整改期间人工巡检，停止卸车",
            "present_state": "探头失效", "harm": "泄漏不能及时发现，整改难度低", "budget": "25000.5",
            "due_on": "2020-11-15", "resp_person": "张建国", "approved_by": "李建国",
            "approved_at": "2020-11-06T10:00:00+08:00", "documents": [{"name": "治理方案", "hash": FILE}]},
        "extension": {
            "hazard_id": hazard, "n": 1, "requested_at": "2020-11-10T09:00:00+08:00", "requested_by": "张建国",
            "reason": "备件未到", "new_deadline": "2099-12-01", "decision": "REQUESTED"},
        "major_risk_report": {
            "risk_unit_id": risk_unit, "version": 1, "trigger": "LEVEL_CHANGED", "period": "2020-Q4",
            "name": "1号液氨储罐", "risk_object_code": "RO-1", "identified_on": "2020-05-01",
            "accident_types": ["POISONING", "OTHER_EXPLOSION"], "method": "LEC", "likelihood": "3", "exposure": "6",
            "consequence": "40", "risk_value": "720", "risk_level": "MAJOR", "previous_level": "CONSIDERABLE",
            "measures_text": "高液位联锁", "monitored_online": True, "control_level": "COMPANY",
            "resp_dept": "生产部", "resp_person": "张建国", "resp_phone": "13812341234"},
        "outage": {
            "risk_unit_id": risk_unit, "start_at": "2020-11-02T08:00:00+08:00", "end_at": "2020-11-09T08:00:00+08:00",
            "reason": "年度检修", "risk_object_code": "RO-1"},
        "daily_promise": {
            "date": "2020-11-02", "units_running": 3, "units_stopped": 1,
            "special_work": [{"kind": "HOT_WORK", "count": 2, "grade": "一级"}], "major_hazard": False, "risk_grade": "LOW",
            "promised_at": "2020-11-02T08:30:00+08:00", "signer": "李建国", "statement": "各项措施落实"},
        "four_color_zone": {
            "zone_code": "Z-01", "name": "罐区", "level": "MAJOR", "crs": "WGS84", "floor": "1", "height": "0",
            "top_height": "12.5", "polygon": "113.27,33.70;113.28,33.70;113.28,33.71",
            "inherent_level": "MAJOR", "controlled_level": "CONSIDERABLE", "reviewed_on": "2020-10-01"},
        "training_summary": {"period": "2020-11", "layer": "FRONT_LINE", "sessions": 2, "persons": 41, "staff": 45,
                             "share_of_staff": "91.11", "batch": "第二批"},
        "incentive_summary": {"period": "2020-11", "rewards_n": 5, "rewards_cny": "1500", "penalties_n": 1,
                              "penalties_cny": "200.5"},
        "assessment": {
            "kind": "SELF", "assessed_on": "2020-09-30", "mechanism": have, "risk_control": have,
            "hazard_governance": have, "platform": dict(have, grade="HAVE"),
            "incentive": {"exists": False, "grade": "NONE", "score": "0"}, "total_score": "74", "grade": "HAVE",
            "passed": False, "assessor": "王敏", "criteria": BASIS,
            "problems": [{"no": 1, "text": "无奖惩制度", "due_on": "2020-10-31"}]},
        "embedding": {"platform": "gov-hazchem", "external_id": "P-77", "state": "EMBEDDED", "since": "2020-08-01",
                      "last_ok_at": "2020-11-01T02:00:00+08:00"},
        "suspension": {"from_date": "2020-11-01", "to_date": "2020-11-30", "reason": "OVERHAUL", "text": "全厂检修"},
        "authorisation": {"publisher": "svc-1", "kind": "SERVICE_ORG", "from_date": "2020-01-01",
                          "to_date": "2020-12-31", "records": ["hazard"], "sectors": ["hazchem"]},
        "major_installation": {
            "code": "410411001001", "name": "液氨罐区", "object_type": "TANK", "grade": "THIRD", "r_value": "12.5",
            "lat": "33.7", "lon": "113.27", "crs": "WGS84",
            "substances": [{"name": "液氨", "cas": "7664-41-7", "quantity_t": "125", "threshold_t": "10"}],
            "principal": {"name": "李建国", "phone": "13812341234"}},
        "hazard_summary": {
            "period": "2020-11", "units_reporting": 1, "general_found": 12, "general_rectified": 11, "major_found": 1,
            "major_closed": 0, "major_in_plan": 1, "major_in_place": 1, "listed": 1, "invested_cny": "25000",
            "ytd_general_found": 130, "ytd_general_rectified": 128, "ytd_invested_cny": "310000.25"},
    }


def authority(hazard, org):
    return {
        "supervision": {
            "hazard_id": hazard, "n": 1, "state": "LISTED", "at": "2020-11-07T09:00:00+08:00", "level": "DISTRICT",
            "supervising_org": org, "doc_no": "平湛安〔2020〕9号", "listed_on": "2020-11-07", "due_on": "2099-12-31",
            "text": "按期整改", "legal_basis": BASIS},
        "withdrawal_decision": {
            "hazard_id": hazard, "n": 1, "kind": "VOID", "decision": "REFUSED",
            "decided_at": "2020-11-08T09:00:00+08:00", "decided_by": org, "reason": "现场核查隐患属实"},
        "escalation": {
            "hazard_id": hazard, "to_level": "CITY", "from_level": "DISTRICT", "from_org": org,
            "sent_at": "2020-11-07T10:00:00+08:00", "received_at": "2020-11-07T10:05:00+08:00"},
        "inspection": {
            "doc_no": "湛应急检〔2020〕31号", "kind": "LOOK_BACK", "inspected_at": "2020-09-15T09:30:00+08:00",
            "checked_dual_prevention": True, "lead_org": org, "depts": [org], "inspectors": ["王敏", "张建国"],
            "opinion": "限期整改", "conclusion": "基本符合", "due_on": "2020-10-15", "legal_basis": BASIS,
            "report_hash": FILE},
        "order": {
            "doc_no": "湛应急责改〔2020〕31号", "kind": "RECTIFY", "issuer": org, "issued_on": "2020-09-15",
            "due_on": "2020-10-15", "items": [{"no": 1, "text": "补齐奖惩制度", "due_on": "2020-10-15"}],
            "repeat": True, "repeat_of": "湛应急责改〔2020〕7号"},
        "penalty": {
            "doc_no": "湛应急罚〔2020〕3号", "kinds": ["WARNING", "FINE"], "amount": "30000", "decided_on": "2020-10-20",
            "authority": org, "reason": "未按规定报告重大隐患", "maximum": False},
        "blacklist": {
            "doc_no": "湛安〔2020〕20号", "reason": "拒不整改重大隐患", "from_date": "2020-11-01",
            "to_date": "2021-10-31", "authority": org},
        "exposure_item": {
            "doc_no": "曝光〔2020〕11-1", "exposed_on": "2020-11-10", "title": "重大隐患逾期未整改", "issuer": org,
            "media": ["湛河区融媒体中心"]},
    }


def organisation(org):
    return {
        "org_action": {
            "org": org, "doc_no": "湛安约〔2020〕2号", "kind": "CONCENTRATED_RECTIFICATION", "acted_on": "2020-10-12",
            "reason": "通报后工作仍不见起色", "divisions": ["410411001"], "sectors": ["hazchem"],
            "from_date": "2020-10-12", "to_date": "2020-11-12", "previous_doc_no": "湛安通〔2020〕5号"},
        "plan": {
            "org": org, "year": "2020", "doc_no": "平湛安〔2020〕3号", "issued_on": "2020-04-07",
            "parent_doc_no": ["平湛政办〔2018〕74号", "平安委办〔2020〕9号"], "sectors": ["hazchem"],
            "targets": [{"indicator": "I-2", "value": "100", "measured_in": "%"}],
            "tasks": [{"org": org, "task": "建立企业清单", "due_on": "2020-04-30"}]},
        "org_report": {
            "org": org, "kind": "DISPATCH_RETURN", "period": "2020-10", "text": "十月调度情况",
            "figures": [{"indicator": "running", "value": "37", "measured_in": "家"}], "signer": "王敏"},
        "inspection_plan": {
            "org": org, "year": "2020", "doc_no": "湛应急〔2020〕12号", "approved_on": "2020-03-01",
            "items": [{"uscc": "91410411MA45ABCD6Y", "month": 6, "checks_dual_prevention": True}]},
        "training_summary": {"org": org, "period": "2020-Q3", "layer": "OFFICIALS", "sessions": 1, "persons": 60},
        "incentive_summary": {"org": org, "period": "2020", "rewards_n": 3, "penalties_n": 0},
        "assessment": {"org": org, "kind": "OVERALL", "assessed_on": "2020-12-20", "grade": "HAVE"},
        "order": {"org": org, "doc_no": "湛安责〔2020〕1号", "kind": "MAKEUP", "issued_on": "2020-12-25",
                  "due_on": "2021-03-31"},
        "hazard_summary": {"org": org, "period": "2020-10", "units_reporting": 9, "general_found": 40,
                           "general_rectified": 39, "major_found": 0, "major_closed": 0},
    }
