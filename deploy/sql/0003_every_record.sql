-- SPDX-License-Identifier: Apache-2.0
-- The remaining records of the exchange: what the older ones learn, then two tables for each new one. Drafted
-- by `dualgate migrate --draft`. And who sits on the committee.

alter table register.org add column committee_member boolean not null default false;
comment on column register.org.committee_member is 'Member of the work-safety committee.';

-- entity 企业信息, risk_object 风险分析对象, risk_event 风险事件, hazard 隐患信息: new columns
alter table exchange.entity
    add column revenue numeric(18, 4),
    add column assets numeric(18, 4),
    add column beds integer,
    add column capacity integer,
    add column licence_no text,
    add column identifiers jsonb,
    add column patron jsonb,
    add column assist jsonb,
    add column pilot_year integer,
    add column project jsonb,
    add column residents jsonb,
    add column opening_hours text,
    add column season text,
    add column fire_accepted boolean,
    add column uses_gas boolean;
alter table exchange.entity_history
    add column revenue numeric(18, 4),
    add column assets numeric(18, 4),
    add column beds integer,
    add column capacity integer,
    add column licence_no text,
    add column identifiers jsonb,
    add column patron jsonb,
    add column assist jsonb,
    add column pilot_year integer,
    add column project jsonb,
    add column residents jsonb,
    add column opening_hours text,
    add column season text,
    add column fire_accepted boolean,
    add column uses_gas boolean;
comment on column exchange.entity.revenue is '年营业收入（元）';
comment on column exchange.entity.assets is '资产总额（元）';
comment on column exchange.entity.beds is '床位数';
comment on column exchange.entity.capacity is '核定容量（人）';
comment on column exchange.entity.licence_no is '许可证号';
comment on column exchange.entity.identifiers is '行业标识';
comment on column exchange.entity.patron is '包联领导';
comment on column exchange.entity.assist is '帮扶';
comment on column exchange.entity.pilot_year is '试点年度';
comment on column exchange.entity.project is '工程项目';
comment on column exchange.entity.residents is '入住老年人';
comment on column exchange.entity.opening_hours is '开放时间';
comment on column exchange.entity.season is '开放季节';
comment on column exchange.entity.fire_accepted is '是否通过消防验收';
comment on column exchange.entity.uses_gas is '是否使用燃气';

alter table exchange.risk_object
    add column identifier text,
    add column identifier_kind text,
    add column plate_colour text,
    add column capacity integer,
    add column beds integer,
    add column area_m2 numeric(16, 2),
    add column dangerous_work text,
    add column finish_on date,
    add column visitors integer,
    add column polygon text,
    add column fire_danger_level integer,
    add column season text,
    add column water_level_m numeric(8, 2),
    add column flood_limit_m numeric(8, 2);
alter table exchange.risk_object_history
    add column identifier text,
    add column identifier_kind text,
    add column plate_colour text,
    add column capacity integer,
    add column beds integer,
    add column area_m2 numeric(16, 2),
    add column dangerous_work text,
    add column finish_on date,
    add column visitors integer,
    add column polygon text,
    add column fire_danger_level integer,
    add column season text,
    add column water_level_m numeric(8, 2),
    add column flood_limit_m numeric(8, 2);
comment on column exchange.risk_object.identifier is '对象编号';
comment on column exchange.risk_object.identifier_kind is '对象编号类型';
comment on column exchange.risk_object.plate_colour is '车牌颜色';
comment on column exchange.risk_object.capacity is '容量（人）';
comment on column exchange.risk_object.beds is '床位数';
comment on column exchange.risk_object.area_m2 is '面积（平方米）';
comment on column exchange.risk_object.dangerous_work is '危大工程类别';
comment on column exchange.risk_object.finish_on is '计划结束日期';
comment on column exchange.risk_object.visitors is '当前人数';
comment on column exchange.risk_object.polygon is '坐标范围';
comment on column exchange.risk_object.fire_danger_level is '森林火险等级';
comment on column exchange.risk_object.season is '重点时段';
comment on column exchange.risk_object.water_level_m is '水位（米）';
comment on column exchange.risk_object.flood_limit_m is '汛限水位（米）';

alter table exchange.risk_event
    add column accident_classes jsonb,
    add column hazard_factors jsonb;
alter table exchange.risk_event_history
    add column accident_classes jsonb,
    add column hazard_factors jsonb;
comment on column exchange.risk_event.accident_classes is '事故分类';
comment on column exchange.risk_event.hazard_factors is '危险和有害因素';

alter table exchange.hazard
    add column accident_types jsonb,
    add column accident_classes jsonb,
    add column hazard_factors jsonb,
    add column withdrawal text,
    add column accident_ref text;
alter table exchange.hazard_history
    add column accident_types jsonb,
    add column accident_classes jsonb,
    add column hazard_factors jsonb,
    add column withdrawal text,
    add column accident_ref text;
comment on column exchange.hazard.accident_types is '可能的事故类型';
comment on column exchange.hazard.accident_classes is '事故分类';
comment on column exchange.hazard.hazard_factors is '危险和有害因素';
comment on column exchange.hazard.withdrawal is '申请撤销';
comment on column exchange.hazard.accident_ref is '关联事故编号';

-- dossier 一企一档
create table exchange.dossier (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    documents jsonb,
    cards jsonb,
    leading_group jsonb,
    first_identification jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.dossier_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    documents jsonb,
    cards jsonb,
    leading_group jsonb,
    first_identification jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.dossier.uscc is '统一社会信用代码';
comment on column exchange.dossier.id is '标识';
comment on column exchange.dossier.unit is '报送单元';
comment on column exchange.dossier.division is '行政区划';
comment on column exchange.dossier.sector is '行业';
comment on column exchange.dossier.township is '乡镇街道';
comment on column exchange.dossier.documents is '文件';
comment on column exchange.dossier.cards is '岗位卡片';
comment on column exchange.dossier.leading_group is '领导小组和工作机构';
comment on column exchange.dossier.first_identification is '首次风险辨识';
comment on column exchange.dossier.observed_at is '发生时间';
comment on column exchange.dossier.source_system is '来源系统';
comment on column exchange.dossier.source_seq is '来源序号';
comment on column exchange.dossier.state_rank is '状态序';
comment on column exchange.dossier.ledger_no is '台账编号';
comment on column exchange.dossier.deleted is '是否删除';
comment on column exchange.dossier.id_as_sent is '原始标识';
comment on column exchange.dossier.origin_node is '来源节点';
comment on column exchange.dossier.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('dossier');

-- entity_plan 一企一策
create table exchange.entity_plan (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    year text,
    goal text,
    milestones jsonb,
    measures jsonb,
    resp_org text,
    resp_person text,
    scope text,
    improvement_plan text,
    improvement_due_on date,
    documents jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.entity_plan_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    year text,
    goal text,
    milestones jsonb,
    measures jsonb,
    resp_org text,
    resp_person text,
    scope text,
    improvement_plan text,
    improvement_due_on date,
    documents jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.entity_plan.uscc is '统一社会信用代码';
comment on column exchange.entity_plan.id is '标识';
comment on column exchange.entity_plan.unit is '报送单元';
comment on column exchange.entity_plan.division is '行政区划';
comment on column exchange.entity_plan.sector is '行业';
comment on column exchange.entity_plan.township is '乡镇街道';
comment on column exchange.entity_plan.year is '年度';
comment on column exchange.entity_plan.goal is '任务目标';
comment on column exchange.entity_plan.milestones is '时间进度';
comment on column exchange.entity_plan.measures is '工作措施';
comment on column exchange.entity_plan.resp_org is '责任单位';
comment on column exchange.entity_plan.resp_person is '责任人';
comment on column exchange.entity_plan.scope is '推进范围';
comment on column exchange.entity_plan.improvement_plan is '整改提升方案';
comment on column exchange.entity_plan.improvement_due_on is '整改提升期限';
comment on column exchange.entity_plan.documents is '文件';
comment on column exchange.entity_plan.observed_at is '发生时间';
comment on column exchange.entity_plan.source_system is '来源系统';
comment on column exchange.entity_plan.source_seq is '来源序号';
comment on column exchange.entity_plan.state_rank is '状态序';
comment on column exchange.entity_plan.ledger_no is '台账编号';
comment on column exchange.entity_plan.deleted is '是否删除';
comment on column exchange.entity_plan.id_as_sent is '原始标识';
comment on column exchange.entity_plan.origin_node is '来源节点';
comment on column exchange.entity_plan.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('entity_plan');

-- major_plan 重大隐患治理方案
create table exchange.major_plan (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    hazard_id text,
    goal text,
    methods text,
    funds text,
    organisation text,
    time_limit text,
    contingency text,
    present_state text,
    harm text,
    budget numeric(18, 4),
    due_on date,
    resp_person text,
    approved_by text,
    approved_at timestamptz,
    documents jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.major_plan_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    hazard_id text,
    goal text,
    methods text,
    funds text,
    organisation text,
    time_limit text,
    contingency text,
    present_state text,
    harm text,
    budget numeric(18, 4),
    due_on date,
    resp_person text,
    approved_by text,
    approved_at timestamptz,
    documents jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.major_plan.uscc is '统一社会信用代码';
comment on column exchange.major_plan.id is '标识';
comment on column exchange.major_plan.unit is '报送单元';
comment on column exchange.major_plan.division is '行政区划';
comment on column exchange.major_plan.sector is '行业';
comment on column exchange.major_plan.township is '乡镇街道';
comment on column exchange.major_plan.hazard_id is '隐患';
comment on column exchange.major_plan.goal is '治理的目标和任务';
comment on column exchange.major_plan.methods is '采取的方法和措施';
comment on column exchange.major_plan.funds is '经费和物资的落实';
comment on column exchange.major_plan.organisation is '负责治理的机构和人员';
comment on column exchange.major_plan.time_limit is '治理的时限和要求';
comment on column exchange.major_plan.contingency is '安全措施和应急预案';
comment on column exchange.major_plan.present_state is '隐患的现状及其产生原因';
comment on column exchange.major_plan.harm is '隐患的危害程度和整改难易程度';
comment on column exchange.major_plan.budget is '治理资金（元）';
comment on column exchange.major_plan.due_on is '治理期限';
comment on column exchange.major_plan.resp_person is '治理责任人';
comment on column exchange.major_plan.approved_by is '批准人';
comment on column exchange.major_plan.approved_at is '批准时间';
comment on column exchange.major_plan.documents is '方案文件';
comment on column exchange.major_plan.observed_at is '发生时间';
comment on column exchange.major_plan.source_system is '来源系统';
comment on column exchange.major_plan.source_seq is '来源序号';
comment on column exchange.major_plan.state_rank is '状态序';
comment on column exchange.major_plan.ledger_no is '台账编号';
comment on column exchange.major_plan.deleted is '是否删除';
comment on column exchange.major_plan.id_as_sent is '原始标识';
comment on column exchange.major_plan.origin_node is '来源节点';
comment on column exchange.major_plan.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('major_plan');

-- extension 隐患整改延期
create table exchange.extension (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    hazard_id text,
    n integer,
    requested_at timestamptz,
    requested_by text,
    reason text,
    new_deadline date,
    decision text,
    decided_at timestamptz,
    decided_by text,
    comment text,
    doc_no text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.extension_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    hazard_id text,
    n integer,
    requested_at timestamptz,
    requested_by text,
    reason text,
    new_deadline date,
    decision text,
    decided_at timestamptz,
    decided_by text,
    comment text,
    doc_no text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.extension.uscc is '统一社会信用代码';
comment on column exchange.extension.id is '标识';
comment on column exchange.extension.unit is '报送单元';
comment on column exchange.extension.division is '行政区划';
comment on column exchange.extension.sector is '行业';
comment on column exchange.extension.township is '乡镇街道';
comment on column exchange.extension.hazard_id is '隐患';
comment on column exchange.extension.n is '第几次';
comment on column exchange.extension.requested_at is '申请时间';
comment on column exchange.extension.requested_by is '申请人';
comment on column exchange.extension.reason is '延期理由';
comment on column exchange.extension.new_deadline is '延期至';
comment on column exchange.extension.decision is '审批结果';
comment on column exchange.extension.decided_at is '审批时间';
comment on column exchange.extension.decided_by is '审批单位';
comment on column exchange.extension.comment is '审批意见';
comment on column exchange.extension.doc_no is '文号';
comment on column exchange.extension.attachment is '附件';
comment on column exchange.extension.observed_at is '发生时间';
comment on column exchange.extension.source_system is '来源系统';
comment on column exchange.extension.source_seq is '来源序号';
comment on column exchange.extension.state_rank is '状态序';
comment on column exchange.extension.ledger_no is '台账编号';
comment on column exchange.extension.deleted is '是否删除';
comment on column exchange.extension.id_as_sent is '原始标识';
comment on column exchange.extension.origin_node is '来源节点';
comment on column exchange.extension.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('extension');

-- supervision 挂牌督办
create table exchange.supervision (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    hazard_id text,
    n integer,
    state text,
    at timestamptz,
    level text,
    supervising_org text,
    doc_no text,
    listed_on date,
    due_on date,
    delisted_on date,
    filed_on date,
    published_on date,
    text text,
    legal_basis jsonb,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.supervision_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    hazard_id text,
    n integer,
    state text,
    at timestamptz,
    level text,
    supervising_org text,
    doc_no text,
    listed_on date,
    due_on date,
    delisted_on date,
    filed_on date,
    published_on date,
    text text,
    legal_basis jsonb,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.supervision.uscc is '统一社会信用代码';
comment on column exchange.supervision.id is '标识';
comment on column exchange.supervision.unit is '报送单元';
comment on column exchange.supervision.division is '行政区划';
comment on column exchange.supervision.sector is '行业';
comment on column exchange.supervision.township is '乡镇街道';
comment on column exchange.supervision.hazard_id is '隐患';
comment on column exchange.supervision.n is '序号';
comment on column exchange.supervision.state is '督办状态';
comment on column exchange.supervision.at is '办理时间';
comment on column exchange.supervision.level is '挂牌级别';
comment on column exchange.supervision.supervising_org is '督办单位';
comment on column exchange.supervision.doc_no is '督办文号';
comment on column exchange.supervision.listed_on is '挂牌日期';
comment on column exchange.supervision.due_on is '督办期限';
comment on column exchange.supervision.delisted_on is '摘牌日期';
comment on column exchange.supervision.filed_on is '报上级备案日期';
comment on column exchange.supervision.published_on is '公示日期';
comment on column exchange.supervision.text is '督办要求';
comment on column exchange.supervision.legal_basis is '依据';
comment on column exchange.supervision.attachment is '附件';
comment on column exchange.supervision.observed_at is '发生时间';
comment on column exchange.supervision.source_system is '来源系统';
comment on column exchange.supervision.source_seq is '来源序号';
comment on column exchange.supervision.state_rank is '状态序';
comment on column exchange.supervision.ledger_no is '台账编号';
comment on column exchange.supervision.deleted is '是否删除';
comment on column exchange.supervision.id_as_sent is '原始标识';
comment on column exchange.supervision.origin_node is '来源节点';
comment on column exchange.supervision.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('supervision');

-- withdrawal_decision 隐患撤销审批
create table exchange.withdrawal_decision (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    hazard_id text,
    n integer,
    kind text,
    decision text,
    decided_at timestamptz,
    decided_by text,
    reason text,
    doc_no text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.withdrawal_decision_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    hazard_id text,
    n integer,
    kind text,
    decision text,
    decided_at timestamptz,
    decided_by text,
    reason text,
    doc_no text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.withdrawal_decision.uscc is '统一社会信用代码';
comment on column exchange.withdrawal_decision.id is '标识';
comment on column exchange.withdrawal_decision.unit is '报送单元';
comment on column exchange.withdrawal_decision.division is '行政区划';
comment on column exchange.withdrawal_decision.sector is '行业';
comment on column exchange.withdrawal_decision.township is '乡镇街道';
comment on column exchange.withdrawal_decision.hazard_id is '隐患';
comment on column exchange.withdrawal_decision.n is '序号';
comment on column exchange.withdrawal_decision.kind is '撤销类型';
comment on column exchange.withdrawal_decision.decision is '审批结果';
comment on column exchange.withdrawal_decision.decided_at is '审批时间';
comment on column exchange.withdrawal_decision.decided_by is '审批单位';
comment on column exchange.withdrawal_decision.reason is '理由';
comment on column exchange.withdrawal_decision.doc_no is '文号';
comment on column exchange.withdrawal_decision.observed_at is '发生时间';
comment on column exchange.withdrawal_decision.source_system is '来源系统';
comment on column exchange.withdrawal_decision.source_seq is '来源序号';
comment on column exchange.withdrawal_decision.state_rank is '状态序';
comment on column exchange.withdrawal_decision.ledger_no is '台账编号';
comment on column exchange.withdrawal_decision.deleted is '是否删除';
comment on column exchange.withdrawal_decision.id_as_sent is '原始标识';
comment on column exchange.withdrawal_decision.origin_node is '来源节点';
comment on column exchange.withdrawal_decision.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('withdrawal_decision');

-- escalation 重大隐患逐级报告
create table exchange.escalation (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    hazard_id text,
    to_level text,
    from_level text,
    from_org text,
    to_org text,
    sent_at timestamptz,
    transmitted_at timestamptz,
    received_at timestamptz,
    ack_at timestamptz,
    receipt_no text,
    doc_no text,
    comment text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.escalation_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    hazard_id text,
    to_level text,
    from_level text,
    from_org text,
    to_org text,
    sent_at timestamptz,
    transmitted_at timestamptz,
    received_at timestamptz,
    ack_at timestamptz,
    receipt_no text,
    doc_no text,
    comment text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.escalation.uscc is '统一社会信用代码';
comment on column exchange.escalation.id is '标识';
comment on column exchange.escalation.unit is '报送单元';
comment on column exchange.escalation.division is '行政区划';
comment on column exchange.escalation.sector is '行业';
comment on column exchange.escalation.township is '乡镇街道';
comment on column exchange.escalation.hazard_id is '隐患';
comment on column exchange.escalation.to_level is '报送级别';
comment on column exchange.escalation.from_level is '报出级别';
comment on column exchange.escalation.from_org is '报出单位';
comment on column exchange.escalation.to_org is '接收单位';
comment on column exchange.escalation.sent_at is '报送时间';
comment on column exchange.escalation.transmitted_at is '发出时间';
comment on column exchange.escalation.received_at is '接收时间';
comment on column exchange.escalation.ack_at is '回执时间';
comment on column exchange.escalation.receipt_no is '回执编号';
comment on column exchange.escalation.doc_no is '文号';
comment on column exchange.escalation.comment is '说明';
comment on column exchange.escalation.observed_at is '发生时间';
comment on column exchange.escalation.source_system is '来源系统';
comment on column exchange.escalation.source_seq is '来源序号';
comment on column exchange.escalation.state_rank is '状态序';
comment on column exchange.escalation.ledger_no is '台账编号';
comment on column exchange.escalation.deleted is '是否删除';
comment on column exchange.escalation.id_as_sent is '原始标识';
comment on column exchange.escalation.origin_node is '来源节点';
comment on column exchange.escalation.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('escalation');

-- major_risk_report 重大风险报告
create table exchange.major_risk_report (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_unit_id text,
    version integer,
    trigger text,
    period text,
    name text,
    place text,
    risk_object_code text,
    identified_on date,
    accident_types jsonb,
    accident_classes jsonb,
    consequences text,
    assessed_on date,
    assessor text,
    method text,
    method_version text,
    likelihood numeric(8, 2),
    exposure numeric(8, 2),
    consequence numeric(8, 2),
    severity numeric(8, 2),
    risk_value numeric(12, 2),
    risk_level text,
    previous_level text,
    residual_level text,
    measures_text text,
    emergency_measures text,
    monitored_online boolean,
    control_level text,
    control_status text,
    resp_dept text,
    resp_person text,
    resp_phone text,
    review_date date,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.major_risk_report_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_unit_id text,
    version integer,
    trigger text,
    period text,
    name text,
    place text,
    risk_object_code text,
    identified_on date,
    accident_types jsonb,
    accident_classes jsonb,
    consequences text,
    assessed_on date,
    assessor text,
    method text,
    method_version text,
    likelihood numeric(8, 2),
    exposure numeric(8, 2),
    consequence numeric(8, 2),
    severity numeric(8, 2),
    risk_value numeric(12, 2),
    risk_level text,
    previous_level text,
    residual_level text,
    measures_text text,
    emergency_measures text,
    monitored_online boolean,
    control_level text,
    control_status text,
    resp_dept text,
    resp_person text,
    resp_phone text,
    review_date date,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.major_risk_report.uscc is '统一社会信用代码';
comment on column exchange.major_risk_report.id is '标识';
comment on column exchange.major_risk_report.unit is '报送单元';
comment on column exchange.major_risk_report.division is '行政区划';
comment on column exchange.major_risk_report.sector is '行业';
comment on column exchange.major_risk_report.township is '乡镇街道';
comment on column exchange.major_risk_report.risk_unit_id is '风险分析单元';
comment on column exchange.major_risk_report.version is '版次';
comment on column exchange.major_risk_report.trigger is '报告原因';
comment on column exchange.major_risk_report.period is '报告期';
comment on column exchange.major_risk_report.name is '重大风险名称';
comment on column exchange.major_risk_report.place is '所在部位';
comment on column exchange.major_risk_report.risk_object_code is '风险分析对象编码';
comment on column exchange.major_risk_report.identified_on is '辨识日期';
comment on column exchange.major_risk_report.accident_types is '可能的事故类型';
comment on column exchange.major_risk_report.accident_classes is '事故分类';
comment on column exchange.major_risk_report.consequences is '可能的后果';
comment on column exchange.major_risk_report.assessed_on is '评估日期';
comment on column exchange.major_risk_report.assessor is '评估人';
comment on column exchange.major_risk_report.method is '评价方法';
comment on column exchange.major_risk_report.method_version is '评价方法版本';
comment on column exchange.major_risk_report.likelihood is '可能性L';
comment on column exchange.major_risk_report.exposure is '暴露频率E';
comment on column exchange.major_risk_report.consequence is '后果C';
comment on column exchange.major_risk_report.severity is '严重性S';
comment on column exchange.major_risk_report.risk_value is '风险值';
comment on column exchange.major_risk_report.risk_level is '风险等级';
comment on column exchange.major_risk_report.previous_level is '原风险等级';
comment on column exchange.major_risk_report.residual_level is '剩余风险等级';
comment on column exchange.major_risk_report.measures_text is '管控措施';
comment on column exchange.major_risk_report.emergency_measures is '应急处置措施';
comment on column exchange.major_risk_report.monitored_online is '是否在线监测';
comment on column exchange.major_risk_report.control_level is '管控层级';
comment on column exchange.major_risk_report.control_status is '管控状态';
comment on column exchange.major_risk_report.resp_dept is '责任部门';
comment on column exchange.major_risk_report.resp_person is '责任人';
comment on column exchange.major_risk_report.resp_phone is '责任人电话';
comment on column exchange.major_risk_report.review_date is '下次评审日期';
comment on column exchange.major_risk_report.attachment is '附件';
comment on column exchange.major_risk_report.observed_at is '发生时间';
comment on column exchange.major_risk_report.source_system is '来源系统';
comment on column exchange.major_risk_report.source_seq is '来源序号';
comment on column exchange.major_risk_report.state_rank is '状态序';
comment on column exchange.major_risk_report.ledger_no is '台账编号';
comment on column exchange.major_risk_report.deleted is '是否删除';
comment on column exchange.major_risk_report.id_as_sent is '原始标识';
comment on column exchange.major_risk_report.origin_node is '来源节点';
comment on column exchange.major_risk_report.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('major_risk_report');

-- outage 停用检修
create table exchange.outage (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_unit_id text,
    start_at timestamptz,
    end_at timestamptz,
    reason text,
    risk_object_code text,
    resp_person text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.outage_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_unit_id text,
    start_at timestamptz,
    end_at timestamptz,
    reason text,
    risk_object_code text,
    resp_person text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.outage.uscc is '统一社会信用代码';
comment on column exchange.outage.id is '标识';
comment on column exchange.outage.unit is '报送单元';
comment on column exchange.outage.division is '行政区划';
comment on column exchange.outage.sector is '行业';
comment on column exchange.outage.township is '乡镇街道';
comment on column exchange.outage.risk_unit_id is '风险分析单元';
comment on column exchange.outage.start_at is '停用开始时间';
comment on column exchange.outage.end_at is '停用结束时间';
comment on column exchange.outage.reason is '停用原因';
comment on column exchange.outage.risk_object_code is '风险分析对象编码';
comment on column exchange.outage.resp_person is '责任人';
comment on column exchange.outage.observed_at is '发生时间';
comment on column exchange.outage.source_system is '来源系统';
comment on column exchange.outage.source_seq is '来源序号';
comment on column exchange.outage.state_rank is '状态序';
comment on column exchange.outage.ledger_no is '台账编号';
comment on column exchange.outage.deleted is '是否删除';
comment on column exchange.outage.id_as_sent is '原始标识';
comment on column exchange.outage.origin_node is '来源节点';
comment on column exchange.outage.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('outage');

-- daily_promise 安全承诺
create table exchange.daily_promise (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    date date,
    units_running integer,
    units_stopped integer,
    units_in_overhaul integer,
    special_work jsonb,
    trial_run boolean,
    starting_or_stopping boolean,
    major_hazard boolean,
    risk_grade text,
    promised_at timestamptz,
    signer text,
    statement text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.daily_promise_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    date date,
    units_running integer,
    units_stopped integer,
    units_in_overhaul integer,
    special_work jsonb,
    trial_run boolean,
    starting_or_stopping boolean,
    major_hazard boolean,
    risk_grade text,
    promised_at timestamptz,
    signer text,
    statement text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.daily_promise.uscc is '统一社会信用代码';
comment on column exchange.daily_promise.id is '标识';
comment on column exchange.daily_promise.unit is '报送单元';
comment on column exchange.daily_promise.division is '行政区划';
comment on column exchange.daily_promise.sector is '行业';
comment on column exchange.daily_promise.township is '乡镇街道';
comment on column exchange.daily_promise.date is '承诺日期';
comment on column exchange.daily_promise.units_running is '运行装置数';
comment on column exchange.daily_promise.units_stopped is '停产装置数';
comment on column exchange.daily_promise.units_in_overhaul is '检修装置数';
comment on column exchange.daily_promise.special_work is '特殊作业';
comment on column exchange.daily_promise.trial_run is '是否处于试生产';
comment on column exchange.daily_promise.starting_or_stopping is '是否处于开停车状态';
comment on column exchange.daily_promise.major_hazard is '是否存在重大隐患';
comment on column exchange.daily_promise.risk_grade is '当日风险等级';
comment on column exchange.daily_promise.promised_at is '承诺时间';
comment on column exchange.daily_promise.signer is '承诺人';
comment on column exchange.daily_promise.statement is '承诺内容';
comment on column exchange.daily_promise.observed_at is '发生时间';
comment on column exchange.daily_promise.source_system is '来源系统';
comment on column exchange.daily_promise.source_seq is '来源序号';
comment on column exchange.daily_promise.state_rank is '状态序';
comment on column exchange.daily_promise.ledger_no is '台账编号';
comment on column exchange.daily_promise.deleted is '是否删除';
comment on column exchange.daily_promise.id_as_sent is '原始标识';
comment on column exchange.daily_promise.origin_node is '来源节点';
comment on column exchange.daily_promise.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('daily_promise');

-- four_color_zone 风险四色图分区
create table exchange.four_color_zone (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    zone_code text,
    name text,
    level text,
    polygon text,
    crs text,
    floor text,
    height numeric(8, 2),
    top_height numeric(8, 2),
    inherent_level text,
    controlled_level text,
    correction_factor text,
    corrected_level text,
    dept text,
    assessor text,
    reviewed_on date,
    risk_unit_id text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.four_color_zone_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    zone_code text,
    name text,
    level text,
    polygon text,
    crs text,
    floor text,
    height numeric(8, 2),
    top_height numeric(8, 2),
    inherent_level text,
    controlled_level text,
    correction_factor text,
    corrected_level text,
    dept text,
    assessor text,
    reviewed_on date,
    risk_unit_id text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.four_color_zone.uscc is '统一社会信用代码';
comment on column exchange.four_color_zone.id is '标识';
comment on column exchange.four_color_zone.unit is '报送单元';
comment on column exchange.four_color_zone.division is '行政区划';
comment on column exchange.four_color_zone.sector is '行业';
comment on column exchange.four_color_zone.township is '乡镇街道';
comment on column exchange.four_color_zone.zone_code is '风险分区编码';
comment on column exchange.four_color_zone.name is '风险分区名称';
comment on column exchange.four_color_zone.level is '风险等级';
comment on column exchange.four_color_zone.polygon is '风险坐标范围';
comment on column exchange.four_color_zone.crs is '坐标系';
comment on column exchange.four_color_zone.floor is '楼层';
comment on column exchange.four_color_zone.height is '底部高度（米）';
comment on column exchange.four_color_zone.top_height is '顶部高度（米）';
comment on column exchange.four_color_zone.inherent_level is '固有风险等级';
comment on column exchange.four_color_zone.controlled_level is '控制风险等级';
comment on column exchange.four_color_zone.correction_factor is '风险校正因素';
comment on column exchange.four_color_zone.corrected_level is '风险校正等级';
comment on column exchange.four_color_zone.dept is '所属部门';
comment on column exchange.four_color_zone.assessor is '评估责任人';
comment on column exchange.four_color_zone.reviewed_on is '复评日期';
comment on column exchange.four_color_zone.risk_unit_id is '风险分析单元';
comment on column exchange.four_color_zone.attachment is '图件';
comment on column exchange.four_color_zone.observed_at is '发生时间';
comment on column exchange.four_color_zone.source_system is '来源系统';
comment on column exchange.four_color_zone.source_seq is '来源序号';
comment on column exchange.four_color_zone.state_rank is '状态序';
comment on column exchange.four_color_zone.ledger_no is '台账编号';
comment on column exchange.four_color_zone.deleted is '是否删除';
comment on column exchange.four_color_zone.id_as_sent is '原始标识';
comment on column exchange.four_color_zone.origin_node is '来源节点';
comment on column exchange.four_color_zone.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('four_color_zone');

-- training_summary 培训情况
create table exchange.training_summary (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    period text,
    layer text,
    sessions integer,
    persons integer,
    staff integer,
    share_of_staff numeric(5, 2),
    batch text,
    hours numeric(8, 1),
    units integer,
    topic text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.training_summary_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    period text,
    layer text,
    sessions integer,
    persons integer,
    staff integer,
    share_of_staff numeric(5, 2),
    batch text,
    hours numeric(8, 1),
    units integer,
    topic text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.training_summary.uscc is '统一社会信用代码';
comment on column exchange.training_summary.id is '标识';
comment on column exchange.training_summary.unit is '报送单元';
comment on column exchange.training_summary.division is '行政区划';
comment on column exchange.training_summary.sector is '行业';
comment on column exchange.training_summary.township is '乡镇街道';
comment on column exchange.training_summary.org is '组织';
comment on column exchange.training_summary.period is '报告期';
comment on column exchange.training_summary.layer is '培训层次';
comment on column exchange.training_summary.sessions is '培训场次';
comment on column exchange.training_summary.persons is '培训人数';
comment on column exchange.training_summary.staff is '应培训人数';
comment on column exchange.training_summary.share_of_staff is '培训覆盖率（%）';
comment on column exchange.training_summary.batch is '批次';
comment on column exchange.training_summary.hours is '学时';
comment on column exchange.training_summary.units is '参训单位数';
comment on column exchange.training_summary.topic is '培训内容';
comment on column exchange.training_summary.observed_at is '发生时间';
comment on column exchange.training_summary.source_system is '来源系统';
comment on column exchange.training_summary.source_seq is '来源序号';
comment on column exchange.training_summary.state_rank is '状态序';
comment on column exchange.training_summary.ledger_no is '台账编号';
comment on column exchange.training_summary.deleted is '是否删除';
comment on column exchange.training_summary.id_as_sent is '原始标识';
comment on column exchange.training_summary.origin_node is '来源节点';
comment on column exchange.training_summary.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('training_summary');

-- incentive_summary 奖惩情况
create table exchange.incentive_summary (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    period text,
    rewards_n integer,
    rewards_cny numeric(18, 4),
    penalties_n integer,
    penalties_cny numeric(18, 4),
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.incentive_summary_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    period text,
    rewards_n integer,
    rewards_cny numeric(18, 4),
    penalties_n integer,
    penalties_cny numeric(18, 4),
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.incentive_summary.uscc is '统一社会信用代码';
comment on column exchange.incentive_summary.id is '标识';
comment on column exchange.incentive_summary.unit is '报送单元';
comment on column exchange.incentive_summary.division is '行政区划';
comment on column exchange.incentive_summary.sector is '行业';
comment on column exchange.incentive_summary.township is '乡镇街道';
comment on column exchange.incentive_summary.org is '组织';
comment on column exchange.incentive_summary.period is '报告期';
comment on column exchange.incentive_summary.rewards_n is '奖励人次';
comment on column exchange.incentive_summary.rewards_cny is '奖励金额（元）';
comment on column exchange.incentive_summary.penalties_n is '处罚人次';
comment on column exchange.incentive_summary.penalties_cny is '处罚金额（元）';
comment on column exchange.incentive_summary.observed_at is '发生时间';
comment on column exchange.incentive_summary.source_system is '来源系统';
comment on column exchange.incentive_summary.source_seq is '来源序号';
comment on column exchange.incentive_summary.state_rank is '状态序';
comment on column exchange.incentive_summary.ledger_no is '台账编号';
comment on column exchange.incentive_summary.deleted is '是否删除';
comment on column exchange.incentive_summary.id_as_sent is '原始标识';
comment on column exchange.incentive_summary.origin_node is '来源节点';
comment on column exchange.incentive_summary.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('incentive_summary');

-- assessment 评估验收
create table exchange.assessment (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    kind text,
    assessed_on date,
    mechanism jsonb,
    risk_control jsonb,
    hazard_governance jsonb,
    platform jsonb,
    incentive jsonb,
    total_score numeric(6, 2),
    grade text,
    passed boolean,
    assessor text,
    assessor_org text,
    expert boolean,
    criteria jsonb,
    problems jsonb,
    conclusion text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.assessment_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    kind text,
    assessed_on date,
    mechanism jsonb,
    risk_control jsonb,
    hazard_governance jsonb,
    platform jsonb,
    incentive jsonb,
    total_score numeric(6, 2),
    grade text,
    passed boolean,
    assessor text,
    assessor_org text,
    expert boolean,
    criteria jsonb,
    problems jsonb,
    conclusion text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.assessment.uscc is '统一社会信用代码';
comment on column exchange.assessment.id is '标识';
comment on column exchange.assessment.unit is '报送单元';
comment on column exchange.assessment.division is '行政区划';
comment on column exchange.assessment.sector is '行业';
comment on column exchange.assessment.township is '乡镇街道';
comment on column exchange.assessment.org is '组织';
comment on column exchange.assessment.kind is '评估类型';
comment on column exchange.assessment.assessed_on is '评估日期';
comment on column exchange.assessment.mechanism is '工作推进机制';
comment on column exchange.assessment.risk_control is '风险辨识分级管控体系';
comment on column exchange.assessment.hazard_governance is '隐患排查治理体系';
comment on column exchange.assessment.platform is '智能化信息平台';
comment on column exchange.assessment.incentive is '激励约束制度';
comment on column exchange.assessment.total_score is '总分';
comment on column exchange.assessment.grade is '总评';
comment on column exchange.assessment.passed is '是否达标';
comment on column exchange.assessment.assessor is '评估人';
comment on column exchange.assessment.assessor_org is '评估单位';
comment on column exchange.assessment.expert is '是否专家评估';
comment on column exchange.assessment.criteria is '评估标准';
comment on column exchange.assessment.problems is '存在问题';
comment on column exchange.assessment.conclusion is '评估结论';
comment on column exchange.assessment.attachment is '附件';
comment on column exchange.assessment.observed_at is '发生时间';
comment on column exchange.assessment.source_system is '来源系统';
comment on column exchange.assessment.source_seq is '来源序号';
comment on column exchange.assessment.state_rank is '状态序';
comment on column exchange.assessment.ledger_no is '台账编号';
comment on column exchange.assessment.deleted is '是否删除';
comment on column exchange.assessment.id_as_sent is '原始标识';
comment on column exchange.assessment.origin_node is '来源节点';
comment on column exchange.assessment.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('assessment');

-- inspection 监督检查
create table exchange.inspection (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    doc_no text,
    kind text,
    inspected_at timestamptz,
    checked_dual_prevention boolean,
    lead_org text,
    depts jsonb,
    inspectors jsonb,
    expert boolean,
    campaign text,
    plan_year text,
    findings jsonb,
    opinion text,
    conclusion text,
    due_on date,
    legal_basis jsonb,
    report_hash text,
    report text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.inspection_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    doc_no text,
    kind text,
    inspected_at timestamptz,
    checked_dual_prevention boolean,
    lead_org text,
    depts jsonb,
    inspectors jsonb,
    expert boolean,
    campaign text,
    plan_year text,
    findings jsonb,
    opinion text,
    conclusion text,
    due_on date,
    legal_basis jsonb,
    report_hash text,
    report text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.inspection.uscc is '统一社会信用代码';
comment on column exchange.inspection.id is '标识';
comment on column exchange.inspection.unit is '报送单元';
comment on column exchange.inspection.division is '行政区划';
comment on column exchange.inspection.sector is '行业';
comment on column exchange.inspection.township is '乡镇街道';
comment on column exchange.inspection.doc_no is '检查文书编号';
comment on column exchange.inspection.kind is '检查类型';
comment on column exchange.inspection.inspected_at is '检查时间';
comment on column exchange.inspection.checked_dual_prevention is '是否检查双重预防';
comment on column exchange.inspection.lead_org is '检查单位';
comment on column exchange.inspection.depts is '参加部门';
comment on column exchange.inspection.inspectors is '检查人员';
comment on column exchange.inspection.expert is '是否专家参与';
comment on column exchange.inspection.campaign is '专项行动';
comment on column exchange.inspection.plan_year is '所属检查计划年度';
comment on column exchange.inspection.findings is '检查发现';
comment on column exchange.inspection.opinion is '检查意见';
comment on column exchange.inspection.conclusion is '检查结论';
comment on column exchange.inspection.due_on is '整改期限';
comment on column exchange.inspection.legal_basis is '依据';
comment on column exchange.inspection.report_hash is '检查报告摘要';
comment on column exchange.inspection.report is '检查报告';
comment on column exchange.inspection.attachment is '附件';
comment on column exchange.inspection.observed_at is '发生时间';
comment on column exchange.inspection.source_system is '来源系统';
comment on column exchange.inspection.source_seq is '来源序号';
comment on column exchange.inspection.state_rank is '状态序';
comment on column exchange.inspection.ledger_no is '台账编号';
comment on column exchange.inspection.deleted is '是否删除';
comment on column exchange.inspection.id_as_sent is '原始标识';
comment on column exchange.inspection.origin_node is '来源节点';
comment on column exchange.inspection.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('inspection');

-- order 责令整改
create table exchange.order (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    doc_no text,
    kind text,
    issuer text,
    issued_on date,
    due_on date,
    done_on date,
    items jsonb,
    reason text,
    legal_basis jsonb,
    inspection_doc_no text,
    repeat boolean,
    repeat_of text,
    feedback text,
    feedback_at timestamptz,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.order_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    doc_no text,
    kind text,
    issuer text,
    issued_on date,
    due_on date,
    done_on date,
    items jsonb,
    reason text,
    legal_basis jsonb,
    inspection_doc_no text,
    repeat boolean,
    repeat_of text,
    feedback text,
    feedback_at timestamptz,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.order.uscc is '统一社会信用代码';
comment on column exchange.order.id is '标识';
comment on column exchange.order.unit is '报送单元';
comment on column exchange.order.division is '行政区划';
comment on column exchange.order.sector is '行业';
comment on column exchange.order.township is '乡镇街道';
comment on column exchange.order.org is '被责令组织';
comment on column exchange.order.doc_no is '文书编号';
comment on column exchange.order.kind is '类型';
comment on column exchange.order.issuer is '下达单位';
comment on column exchange.order.issued_on is '下达日期';
comment on column exchange.order.due_on is '整改期限';
comment on column exchange.order.done_on is '完成日期';
comment on column exchange.order.items is '整改事项';
comment on column exchange.order.reason is '原因';
comment on column exchange.order.legal_basis is '依据';
comment on column exchange.order.inspection_doc_no is '检查文书编号';
comment on column exchange.order.repeat is '是否重复整改';
comment on column exchange.order.repeat_of is '重复整改单编号';
comment on column exchange.order.feedback is '反馈情况';
comment on column exchange.order.feedback_at is '反馈时间';
comment on column exchange.order.attachment is '附件';
comment on column exchange.order.observed_at is '发生时间';
comment on column exchange.order.source_system is '来源系统';
comment on column exchange.order.source_seq is '来源序号';
comment on column exchange.order.state_rank is '状态序';
comment on column exchange.order.ledger_no is '台账编号';
comment on column exchange.order.deleted is '是否删除';
comment on column exchange.order.id_as_sent is '原始标识';
comment on column exchange.order.origin_node is '来源节点';
comment on column exchange.order.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('order');

-- penalty 行政处罚
create table exchange.penalty (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    doc_no text,
    kinds jsonb,
    amount numeric(18, 4),
    decided_on date,
    authority text,
    reason text,
    legal_basis jsonb,
    maximum boolean,
    person text,
    inspection_doc_no text,
    executed_on date,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.penalty_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    doc_no text,
    kinds jsonb,
    amount numeric(18, 4),
    decided_on date,
    authority text,
    reason text,
    legal_basis jsonb,
    maximum boolean,
    person text,
    inspection_doc_no text,
    executed_on date,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.penalty.uscc is '统一社会信用代码';
comment on column exchange.penalty.id is '标识';
comment on column exchange.penalty.unit is '报送单元';
comment on column exchange.penalty.division is '行政区划';
comment on column exchange.penalty.sector is '行业';
comment on column exchange.penalty.township is '乡镇街道';
comment on column exchange.penalty.doc_no is '处罚决定书文号';
comment on column exchange.penalty.kinds is '处罚种类';
comment on column exchange.penalty.amount is '罚款金额（元）';
comment on column exchange.penalty.decided_on is '决定日期';
comment on column exchange.penalty.authority is '处罚机关';
comment on column exchange.penalty.reason is '违法事实';
comment on column exchange.penalty.legal_basis is '处罚依据';
comment on column exchange.penalty.maximum is '是否顶格处罚';
comment on column exchange.penalty.person is '被处罚人员';
comment on column exchange.penalty.inspection_doc_no is '检查文书编号';
comment on column exchange.penalty.executed_on is '执行完毕日期';
comment on column exchange.penalty.attachment is '附件';
comment on column exchange.penalty.observed_at is '发生时间';
comment on column exchange.penalty.source_system is '来源系统';
comment on column exchange.penalty.source_seq is '来源序号';
comment on column exchange.penalty.state_rank is '状态序';
comment on column exchange.penalty.ledger_no is '台账编号';
comment on column exchange.penalty.deleted is '是否删除';
comment on column exchange.penalty.id_as_sent is '原始标识';
comment on column exchange.penalty.origin_node is '来源节点';
comment on column exchange.penalty.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('penalty');

-- blacklist 安全生产黑名单
create table exchange.blacklist (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    doc_no text,
    reason text,
    from_date date,
    to_date date,
    authority text,
    legal_basis jsonb,
    removed_on date,
    removal_doc_no text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.blacklist_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    doc_no text,
    reason text,
    from_date date,
    to_date date,
    authority text,
    legal_basis jsonb,
    removed_on date,
    removal_doc_no text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.blacklist.uscc is '统一社会信用代码';
comment on column exchange.blacklist.id is '标识';
comment on column exchange.blacklist.unit is '报送单元';
comment on column exchange.blacklist.division is '行政区划';
comment on column exchange.blacklist.sector is '行业';
comment on column exchange.blacklist.township is '乡镇街道';
comment on column exchange.blacklist.doc_no is '决定文号';
comment on column exchange.blacklist.reason is '列入原因';
comment on column exchange.blacklist.from_date is '列入日期';
comment on column exchange.blacklist.to_date is '到期日期';
comment on column exchange.blacklist.authority is '决定机关';
comment on column exchange.blacklist.legal_basis is '依据';
comment on column exchange.blacklist.removed_on is '移出日期';
comment on column exchange.blacklist.removal_doc_no is '移出文号';
comment on column exchange.blacklist.attachment is '附件';
comment on column exchange.blacklist.observed_at is '发生时间';
comment on column exchange.blacklist.source_system is '来源系统';
comment on column exchange.blacklist.source_seq is '来源序号';
comment on column exchange.blacklist.state_rank is '状态序';
comment on column exchange.blacklist.ledger_no is '台账编号';
comment on column exchange.blacklist.deleted is '是否删除';
comment on column exchange.blacklist.id_as_sent is '原始标识';
comment on column exchange.blacklist.origin_node is '来源节点';
comment on column exchange.blacklist.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('blacklist');

-- exposure_item 曝光事项
create table exchange.exposure_item (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    doc_no text,
    exposed_on date,
    title text,
    text text,
    issuer text,
    hazard_id text,
    inspection_doc_no text,
    media jsonb,
    withdrawn_on date,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.exposure_item_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    doc_no text,
    exposed_on date,
    title text,
    text text,
    issuer text,
    hazard_id text,
    inspection_doc_no text,
    media jsonb,
    withdrawn_on date,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.exposure_item.uscc is '统一社会信用代码';
comment on column exchange.exposure_item.id is '标识';
comment on column exchange.exposure_item.unit is '报送单元';
comment on column exchange.exposure_item.division is '行政区划';
comment on column exchange.exposure_item.sector is '行业';
comment on column exchange.exposure_item.township is '乡镇街道';
comment on column exchange.exposure_item.doc_no is '编号';
comment on column exchange.exposure_item.exposed_on is '曝光日';
comment on column exchange.exposure_item.title is '标题';
comment on column exchange.exposure_item.text is '曝光内容';
comment on column exchange.exposure_item.issuer is '曝光单位';
comment on column exchange.exposure_item.hazard_id is '对应隐患';
comment on column exchange.exposure_item.inspection_doc_no is '检查文书编号';
comment on column exchange.exposure_item.media is '曝光媒体';
comment on column exchange.exposure_item.withdrawn_on is '撤回日期';
comment on column exchange.exposure_item.attachment is '附件';
comment on column exchange.exposure_item.observed_at is '发生时间';
comment on column exchange.exposure_item.source_system is '来源系统';
comment on column exchange.exposure_item.source_seq is '来源序号';
comment on column exchange.exposure_item.state_rank is '状态序';
comment on column exchange.exposure_item.ledger_no is '台账编号';
comment on column exchange.exposure_item.deleted is '是否删除';
comment on column exchange.exposure_item.id_as_sent is '原始标识';
comment on column exchange.exposure_item.origin_node is '来源节点';
comment on column exchange.exposure_item.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('exposure_item');

-- org_action 对单位的督促措施
create table exchange.org_action (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    doc_no text,
    kind text,
    acted_on date,
    issuer text,
    reason text,
    text text,
    due_on date,
    done_on date,
    divisions jsonb,
    sectors jsonb,
    from_date date,
    to_date date,
    result text,
    previous_doc_no text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.org_action_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    doc_no text,
    kind text,
    acted_on date,
    issuer text,
    reason text,
    text text,
    due_on date,
    done_on date,
    divisions jsonb,
    sectors jsonb,
    from_date date,
    to_date date,
    result text,
    previous_doc_no text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.org_action.uscc is '统一社会信用代码';
comment on column exchange.org_action.id is '标识';
comment on column exchange.org_action.unit is '报送单元';
comment on column exchange.org_action.division is '行政区划';
comment on column exchange.org_action.sector is '行业';
comment on column exchange.org_action.township is '乡镇街道';
comment on column exchange.org_action.org is '对象单位';
comment on column exchange.org_action.doc_no is '文号';
comment on column exchange.org_action.kind is '措施';
comment on column exchange.org_action.acted_on is '日期';
comment on column exchange.org_action.issuer is '作出单位';
comment on column exchange.org_action.reason is '原因';
comment on column exchange.org_action.text is '内容';
comment on column exchange.org_action.due_on is '整改期限';
comment on column exchange.org_action.done_on is '完成日期';
comment on column exchange.org_action.divisions is '整治区域';
comment on column exchange.org_action.sectors is '整治行业';
comment on column exchange.org_action.from_date is '整治开始';
comment on column exchange.org_action.to_date is '整治结束';
comment on column exchange.org_action.result is '整治结果';
comment on column exchange.org_action.previous_doc_no is '前次措施文号';
comment on column exchange.org_action.attachment is '附件';
comment on column exchange.org_action.observed_at is '发生时间';
comment on column exchange.org_action.source_system is '来源系统';
comment on column exchange.org_action.source_seq is '来源序号';
comment on column exchange.org_action.state_rank is '状态序';
comment on column exchange.org_action.ledger_no is '台账编号';
comment on column exchange.org_action.deleted is '是否删除';
comment on column exchange.org_action.id_as_sent is '原始标识';
comment on column exchange.org_action.origin_node is '来源节点';
comment on column exchange.org_action.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('org_action');

-- plan 推进方案
create table exchange.plan (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    year text,
    doc_no text,
    title text,
    issuer text,
    issued_on date,
    parent_doc_no jsonb,
    sectors jsonb,
    targets jsonb,
    tasks jsonb,
    legal_basis jsonb,
    text text,
    documents jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.plan_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    year text,
    doc_no text,
    title text,
    issuer text,
    issued_on date,
    parent_doc_no jsonb,
    sectors jsonb,
    targets jsonb,
    tasks jsonb,
    legal_basis jsonb,
    text text,
    documents jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.plan.uscc is '统一社会信用代码';
comment on column exchange.plan.id is '标识';
comment on column exchange.plan.unit is '报送单元';
comment on column exchange.plan.division is '行政区划';
comment on column exchange.plan.sector is '行业';
comment on column exchange.plan.township is '乡镇街道';
comment on column exchange.plan.org is '制定单位';
comment on column exchange.plan.year is '年度';
comment on column exchange.plan.doc_no is '文号';
comment on column exchange.plan.title is '标题';
comment on column exchange.plan.issuer is '印发单位';
comment on column exchange.plan.issued_on is '印发日期';
comment on column exchange.plan.parent_doc_no is '上位文件文号';
comment on column exchange.plan.sectors is '行业';
comment on column exchange.plan.targets is '目标';
comment on column exchange.plan.tasks is '任务分工';
comment on column exchange.plan.legal_basis is '依据';
comment on column exchange.plan.text is '正文';
comment on column exchange.plan.documents is '文件';
comment on column exchange.plan.observed_at is '发生时间';
comment on column exchange.plan.source_system is '来源系统';
comment on column exchange.plan.source_seq is '来源序号';
comment on column exchange.plan.state_rank is '状态序';
comment on column exchange.plan.ledger_no is '台账编号';
comment on column exchange.plan.deleted is '是否删除';
comment on column exchange.plan.id_as_sent is '原始标识';
comment on column exchange.plan.origin_node is '来源节点';
comment on column exchange.plan.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('plan');

-- org_report 单位报告
create table exchange.org_report (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    kind text,
    period text,
    title text,
    text text,
    figures jsonb,
    doc_no text,
    to_org text,
    receipt_no text,
    signer text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.org_report_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    kind text,
    period text,
    title text,
    text text,
    figures jsonb,
    doc_no text,
    to_org text,
    receipt_no text,
    signer text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.org_report.uscc is '统一社会信用代码';
comment on column exchange.org_report.id is '标识';
comment on column exchange.org_report.unit is '报送单元';
comment on column exchange.org_report.division is '行政区划';
comment on column exchange.org_report.sector is '行业';
comment on column exchange.org_report.township is '乡镇街道';
comment on column exchange.org_report.org is '报告单位';
comment on column exchange.org_report.kind is '报告类型';
comment on column exchange.org_report.period is '报告期';
comment on column exchange.org_report.title is '标题';
comment on column exchange.org_report.text is '正文';
comment on column exchange.org_report.figures is '数据';
comment on column exchange.org_report.doc_no is '文号';
comment on column exchange.org_report.to_org is '报送单位';
comment on column exchange.org_report.receipt_no is '签收编号';
comment on column exchange.org_report.signer is '签发人';
comment on column exchange.org_report.attachment is '附件';
comment on column exchange.org_report.observed_at is '发生时间';
comment on column exchange.org_report.source_system is '来源系统';
comment on column exchange.org_report.source_seq is '来源序号';
comment on column exchange.org_report.state_rank is '状态序';
comment on column exchange.org_report.ledger_no is '台账编号';
comment on column exchange.org_report.deleted is '是否删除';
comment on column exchange.org_report.id_as_sent is '原始标识';
comment on column exchange.org_report.origin_node is '来源节点';
comment on column exchange.org_report.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('org_report');

-- inspection_plan 年度执法检查计划
create table exchange.inspection_plan (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    year text,
    doc_no text,
    approved_on date,
    items jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.inspection_plan_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    year text,
    doc_no text,
    approved_on date,
    items jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.inspection_plan.uscc is '统一社会信用代码';
comment on column exchange.inspection_plan.id is '标识';
comment on column exchange.inspection_plan.unit is '报送单元';
comment on column exchange.inspection_plan.division is '行政区划';
comment on column exchange.inspection_plan.sector is '行业';
comment on column exchange.inspection_plan.township is '乡镇街道';
comment on column exchange.inspection_plan.org is '检查单位';
comment on column exchange.inspection_plan.year is '年度';
comment on column exchange.inspection_plan.doc_no is '文号';
comment on column exchange.inspection_plan.approved_on is '批准日期';
comment on column exchange.inspection_plan.items is '检查对象';
comment on column exchange.inspection_plan.observed_at is '发生时间';
comment on column exchange.inspection_plan.source_system is '来源系统';
comment on column exchange.inspection_plan.source_seq is '来源序号';
comment on column exchange.inspection_plan.state_rank is '状态序';
comment on column exchange.inspection_plan.ledger_no is '台账编号';
comment on column exchange.inspection_plan.deleted is '是否删除';
comment on column exchange.inspection_plan.id_as_sent is '原始标识';
comment on column exchange.inspection_plan.origin_node is '来源节点';
comment on column exchange.inspection_plan.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('inspection_plan');

-- embedding 嵌入综合平台
create table exchange.embedding (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    platform text,
    platform_name text,
    external_id text,
    state text,
    since date,
    last_ok_at timestamptz,
    until date,
    comment text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.embedding_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    platform text,
    platform_name text,
    external_id text,
    state text,
    since date,
    last_ok_at timestamptz,
    until date,
    comment text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.embedding.uscc is '统一社会信用代码';
comment on column exchange.embedding.id is '标识';
comment on column exchange.embedding.unit is '报送单元';
comment on column exchange.embedding.division is '行政区划';
comment on column exchange.embedding.sector is '行业';
comment on column exchange.embedding.township is '乡镇街道';
comment on column exchange.embedding.platform is '平台编码';
comment on column exchange.embedding.platform_name is '平台名称';
comment on column exchange.embedding.external_id is '平台内编号';
comment on column exchange.embedding.state is '接入状态';
comment on column exchange.embedding.since is '接入日期';
comment on column exchange.embedding.last_ok_at is '最近成功时间';
comment on column exchange.embedding.until is '退出日期';
comment on column exchange.embedding.comment is '说明';
comment on column exchange.embedding.observed_at is '发生时间';
comment on column exchange.embedding.source_system is '来源系统';
comment on column exchange.embedding.source_seq is '来源序号';
comment on column exchange.embedding.state_rank is '状态序';
comment on column exchange.embedding.ledger_no is '台账编号';
comment on column exchange.embedding.deleted is '是否删除';
comment on column exchange.embedding.id_as_sent is '原始标识';
comment on column exchange.embedding.origin_node is '来源节点';
comment on column exchange.embedding.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('embedding');

-- suspension 停产停业
create table exchange.suspension (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    from_date date,
    to_date date,
    reason text,
    text text,
    confirmed_by text,
    confirmed_on date,
    doc_no text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.suspension_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    from_date date,
    to_date date,
    reason text,
    text text,
    confirmed_by text,
    confirmed_on date,
    doc_no text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.suspension.uscc is '统一社会信用代码';
comment on column exchange.suspension.id is '标识';
comment on column exchange.suspension.unit is '报送单元';
comment on column exchange.suspension.division is '行政区划';
comment on column exchange.suspension.sector is '行业';
comment on column exchange.suspension.township is '乡镇街道';
comment on column exchange.suspension.from_date is '停产日期';
comment on column exchange.suspension.to_date is '复产日期';
comment on column exchange.suspension.reason is '停产原因';
comment on column exchange.suspension.text is '情况说明';
comment on column exchange.suspension.confirmed_by is '确认单位';
comment on column exchange.suspension.confirmed_on is '确认日期';
comment on column exchange.suspension.doc_no is '文号';
comment on column exchange.suspension.attachment is '附件';
comment on column exchange.suspension.observed_at is '发生时间';
comment on column exchange.suspension.source_system is '来源系统';
comment on column exchange.suspension.source_seq is '来源序号';
comment on column exchange.suspension.state_rank is '状态序';
comment on column exchange.suspension.ledger_no is '台账编号';
comment on column exchange.suspension.deleted is '是否删除';
comment on column exchange.suspension.id_as_sent is '原始标识';
comment on column exchange.suspension.origin_node is '来源节点';
comment on column exchange.suspension.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('suspension');

-- authorisation 代报授权
create table exchange.authorisation (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    publisher text,
    publisher_name text,
    kind text,
    from_date date,
    to_date date,
    records jsonb,
    sectors jsonb,
    scope_text text,
    doc_no text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.authorisation_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    publisher text,
    publisher_name text,
    kind text,
    from_date date,
    to_date date,
    records jsonb,
    sectors jsonb,
    scope_text text,
    doc_no text,
    attachment jsonb,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.authorisation.uscc is '统一社会信用代码';
comment on column exchange.authorisation.id is '标识';
comment on column exchange.authorisation.unit is '报送单元';
comment on column exchange.authorisation.division is '行政区划';
comment on column exchange.authorisation.sector is '行业';
comment on column exchange.authorisation.township is '乡镇街道';
comment on column exchange.authorisation.publisher is '代报单位';
comment on column exchange.authorisation.publisher_name is '代报单位名称';
comment on column exchange.authorisation.kind is '授权类型';
comment on column exchange.authorisation.from_date is '授权起始日期';
comment on column exchange.authorisation.to_date is '授权截止日期';
comment on column exchange.authorisation.records is '授权的记录';
comment on column exchange.authorisation.sectors is '授权的行业';
comment on column exchange.authorisation.scope_text is '授权范围';
comment on column exchange.authorisation.doc_no is '授权书编号';
comment on column exchange.authorisation.attachment is '授权书';
comment on column exchange.authorisation.observed_at is '发生时间';
comment on column exchange.authorisation.source_system is '来源系统';
comment on column exchange.authorisation.source_seq is '来源序号';
comment on column exchange.authorisation.state_rank is '状态序';
comment on column exchange.authorisation.ledger_no is '台账编号';
comment on column exchange.authorisation.deleted is '是否删除';
comment on column exchange.authorisation.id_as_sent is '原始标识';
comment on column exchange.authorisation.origin_node is '来源节点';
comment on column exchange.authorisation.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('authorisation');

-- major_installation 重大危险源
create table exchange.major_installation (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    code text,
    name text,
    object_type text,
    grade text,
    r_value numeric(14, 4),
    place text,
    lat numeric(11, 8),
    lon numeric(11, 8),
    crs text,
    established_on date,
    substances jsonb,
    principal jsonb,
    technical_head jsonb,
    operation_head jsonb,
    filing_no text,
    filed_on date,
    risk_object_id text,
    description text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.major_installation_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    code text,
    name text,
    object_type text,
    grade text,
    r_value numeric(14, 4),
    place text,
    lat numeric(11, 8),
    lon numeric(11, 8),
    crs text,
    established_on date,
    substances jsonb,
    principal jsonb,
    technical_head jsonb,
    operation_head jsonb,
    filing_no text,
    filed_on date,
    risk_object_id text,
    description text,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.major_installation.uscc is '统一社会信用代码';
comment on column exchange.major_installation.id is '标识';
comment on column exchange.major_installation.unit is '报送单元';
comment on column exchange.major_installation.division is '行政区划';
comment on column exchange.major_installation.sector is '行业';
comment on column exchange.major_installation.township is '乡镇街道';
comment on column exchange.major_installation.code is '重大危险源编码';
comment on column exchange.major_installation.name is '重大危险源名称';
comment on column exchange.major_installation.object_type is '类型';
comment on column exchange.major_installation.grade is '重大危险源等级';
comment on column exchange.major_installation.r_value is 'R值';
comment on column exchange.major_installation.place is '所在部位';
comment on column exchange.major_installation.lat is '纬度';
comment on column exchange.major_installation.lon is '经度';
comment on column exchange.major_installation.crs is '坐标系';
comment on column exchange.major_installation.established_on is '投用日期';
comment on column exchange.major_installation.substances is '危险化学品';
comment on column exchange.major_installation.principal is '主要负责人（包保）';
comment on column exchange.major_installation.technical_head is '技术负责人（包保）';
comment on column exchange.major_installation.operation_head is '操作负责人（包保）';
comment on column exchange.major_installation.filing_no is '备案编号';
comment on column exchange.major_installation.filed_on is '备案日期';
comment on column exchange.major_installation.risk_object_id is '风险分析对象';
comment on column exchange.major_installation.description is '描述';
comment on column exchange.major_installation.observed_at is '发生时间';
comment on column exchange.major_installation.source_system is '来源系统';
comment on column exchange.major_installation.source_seq is '来源序号';
comment on column exchange.major_installation.state_rank is '状态序';
comment on column exchange.major_installation.ledger_no is '台账编号';
comment on column exchange.major_installation.deleted is '是否删除';
comment on column exchange.major_installation.id_as_sent is '原始标识';
comment on column exchange.major_installation.origin_node is '来源节点';
comment on column exchange.major_installation.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('major_installation');

-- hazard_summary 隐患统计月报
create table exchange.hazard_summary (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    period text,
    units_reporting integer,
    general_found integer,
    general_rectified integer,
    major_found integer,
    major_closed integer,
    major_in_plan integer,
    major_in_place integer,
    listed integer,
    listed_provincial integer,
    invested_cny numeric(18, 4),
    ytd_units_reporting integer,
    ytd_general_found integer,
    ytd_general_rectified integer,
    ytd_major_found integer,
    ytd_major_closed integer,
    ytd_major_in_plan integer,
    ytd_major_in_place integer,
    ytd_listed integer,
    ytd_listed_provincial integer,
    ytd_invested_cny numeric(18, 4),
    signer text,
    signed_at timestamptz,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    primary key (uscc, id)
);
create table exchange.hazard_summary_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    org text,
    period text,
    units_reporting integer,
    general_found integer,
    general_rectified integer,
    major_found integer,
    major_closed integer,
    major_in_plan integer,
    major_in_place integer,
    listed integer,
    listed_provincial integer,
    invested_cny numeric(18, 4),
    ytd_units_reporting integer,
    ytd_general_found integer,
    ytd_general_rectified integer,
    ytd_major_found integer,
    ytd_major_closed integer,
    ytd_major_in_plan integer,
    ytd_major_in_place integer,
    ytd_listed integer,
    ytd_listed_provincial integer,
    ytd_invested_cny numeric(18, 4),
    signer text,
    signed_at timestamptz,
    observed_at timestamptz not null,
    source_system text not null,
    source_seq numeric(20) not null,
    state_rank integer not null,
    ledger_no bigint not null,
    deleted boolean not null,
    id_as_sent text not null,
    origin_node text not null,
    unknown jsonb,
    op text not null,
    primary key (ledger_no)
);
comment on column exchange.hazard_summary.uscc is '统一社会信用代码';
comment on column exchange.hazard_summary.id is '标识';
comment on column exchange.hazard_summary.unit is '报送单元';
comment on column exchange.hazard_summary.division is '行政区划';
comment on column exchange.hazard_summary.sector is '行业';
comment on column exchange.hazard_summary.township is '乡镇街道';
comment on column exchange.hazard_summary.org is '组织';
comment on column exchange.hazard_summary.period is '报告期';
comment on column exchange.hazard_summary.units_reporting is '报送单位数';
comment on column exchange.hazard_summary.general_found is '本月排查一般隐患';
comment on column exchange.hazard_summary.general_rectified is '本月整改一般隐患';
comment on column exchange.hazard_summary.major_found is '本月排查重大隐患';
comment on column exchange.hazard_summary.major_closed is '本月整改销号重大隐患';
comment on column exchange.hazard_summary.major_in_plan is '本月列入治理计划重大隐患';
comment on column exchange.hazard_summary.major_in_place is '本月五到位重大隐患';
comment on column exchange.hazard_summary.listed is '本月挂牌督办';
comment on column exchange.hazard_summary.listed_provincial is '本月省级挂牌督办';
comment on column exchange.hazard_summary.invested_cny is '本月治理资金（元）';
comment on column exchange.hazard_summary.ytd_units_reporting is '累计报送单位数';
comment on column exchange.hazard_summary.ytd_general_found is '累计排查一般隐患';
comment on column exchange.hazard_summary.ytd_general_rectified is '累计整改一般隐患';
comment on column exchange.hazard_summary.ytd_major_found is '累计排查重大隐患';
comment on column exchange.hazard_summary.ytd_major_closed is '累计整改销号重大隐患';
comment on column exchange.hazard_summary.ytd_major_in_plan is '累计列入治理计划重大隐患';
comment on column exchange.hazard_summary.ytd_major_in_place is '累计五到位重大隐患';
comment on column exchange.hazard_summary.ytd_listed is '累计挂牌督办';
comment on column exchange.hazard_summary.ytd_listed_provincial is '累计省级挂牌督办';
comment on column exchange.hazard_summary.ytd_invested_cny is '累计治理资金（元）';
comment on column exchange.hazard_summary.signer is '签字人';
comment on column exchange.hazard_summary.signed_at is '签字时间';
comment on column exchange.hazard_summary.observed_at is '发生时间';
comment on column exchange.hazard_summary.source_system is '来源系统';
comment on column exchange.hazard_summary.source_seq is '来源序号';
comment on column exchange.hazard_summary.state_rank is '状态序';
comment on column exchange.hazard_summary.ledger_no is '台账编号';
comment on column exchange.hazard_summary.deleted is '是否删除';
comment on column exchange.hazard_summary.id_as_sent is '原始标识';
comment on column exchange.hazard_summary.origin_node is '来源节点';
comment on column exchange.hazard_summary.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('hazard_summary');
