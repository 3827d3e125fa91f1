-- SPDX-License-Identifier: Apache-2.0
-- The first records: exchange.<record> and exchange.<record>_history for each. Drafted by `dualgate migrate
-- --draft`; a record that comes later brings a migration of its own.

-- entity 企业信息
create table exchange.entity (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    name text,
    kind text,
    body_division text,
    address text,
    lat numeric(11, 8),
    lon numeric(11, 8),
    crs text,
    industry text,
    industry_version text,
    body_sector text,
    co_sectors jsonb,
    size_class text,
    above_scale boolean,
    tier text,
    staff integer,
    principal jsonb,
    safety_head jsonb,
    build_state text,
    scope text,
    tags jsonb,
    valid_from date,
    valid_to date,
    company_code text,
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
create table exchange.entity_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    name text,
    kind text,
    body_division text,
    address text,
    lat numeric(11, 8),
    lon numeric(11, 8),
    crs text,
    industry text,
    industry_version text,
    body_sector text,
    co_sectors jsonb,
    size_class text,
    above_scale boolean,
    tier text,
    staff integer,
    principal jsonb,
    safety_head jsonb,
    build_state text,
    scope text,
    tags jsonb,
    valid_from date,
    valid_to date,
    company_code text,
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
comment on column exchange.entity.uscc is '统一社会信用代码';
comment on column exchange.entity.id is '标识';
comment on column exchange.entity.unit is '报送单元';
comment on column exchange.entity.division is '行政区划';
comment on column exchange.entity.sector is '行业';
comment on column exchange.entity.township is '乡镇街道';
comment on column exchange.entity.name is '单位名称';
comment on column exchange.entity.kind is '单位性质';
comment on column exchange.entity.body_division is '所在区划';
comment on column exchange.entity.address is '地址';
comment on column exchange.entity.lat is '纬度';
comment on column exchange.entity.lon is '经度';
comment on column exchange.entity.crs is '坐标系';
comment on column exchange.entity.industry is '国民经济行业代码';
comment on column exchange.entity.industry_version is '行业代码版本';
comment on column exchange.entity.body_sector is '主管行业';
comment on column exchange.entity.co_sectors is '协管行业';
comment on column exchange.entity.size_class is '企业规模';
comment on column exchange.entity.above_scale is '是否规模以上';
comment on column exchange.entity.tier is '等级';
comment on column exchange.entity.staff is '职工人数';
comment on column exchange.entity.principal is '主要负责人';
comment on column exchange.entity.safety_head is '安全负责人';
comment on column exchange.entity.build_state is '体系建设状态';
comment on column exchange.entity.scope is '推进范围';
comment on column exchange.entity.tags is '标签';
comment on column exchange.entity.valid_from is '生效日期';
comment on column exchange.entity.valid_to is '失效日期';
comment on column exchange.entity.company_code is '企业编码';
comment on column exchange.entity.observed_at is '发生时间';
comment on column exchange.entity.source_system is '来源系统';
comment on column exchange.entity.source_seq is '来源序号';
comment on column exchange.entity.state_rank is '状态序';
comment on column exchange.entity.ledger_no is '台账编号';
comment on column exchange.entity.deleted is '是否删除';
comment on column exchange.entity.id_as_sent is '原始标识';
comment on column exchange.entity.origin_node is '来源节点';
comment on column exchange.entity.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('entity');

-- risk_object 风险分析对象
create table exchange.risk_object (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_object_code text,
    name text,
    object_type text,
    major_installation boolean,
    grade text,
    r_value numeric(14, 4),
    place text,
    lat numeric(11, 8),
    lon numeric(11, 8),
    crs text,
    established_on date,
    description text,
    possible_hazards text,
    emergency_measures text,
    control text,
    control_status text,
    resp_dept text,
    resp_person text,
    resp_phone text,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
create table exchange.risk_object_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_object_code text,
    name text,
    object_type text,
    major_installation boolean,
    grade text,
    r_value numeric(14, 4),
    place text,
    lat numeric(11, 8),
    lon numeric(11, 8),
    crs text,
    established_on date,
    description text,
    possible_hazards text,
    emergency_measures text,
    control text,
    control_status text,
    resp_dept text,
    resp_person text,
    resp_phone text,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
comment on column exchange.risk_object.uscc is '统一社会信用代码';
comment on column exchange.risk_object.id is '标识';
comment on column exchange.risk_object.unit is '报送单元';
comment on column exchange.risk_object.division is '行政区划';
comment on column exchange.risk_object.sector is '行业';
comment on column exchange.risk_object.township is '乡镇街道';
comment on column exchange.risk_object.risk_object_code is '风险分析对象编码';
comment on column exchange.risk_object.name is '风险分析对象名称';
comment on column exchange.risk_object.object_type is '对象类型';
comment on column exchange.risk_object.major_installation is '是否重大危险源';
comment on column exchange.risk_object.grade is '重大危险源等级';
comment on column exchange.risk_object.r_value is 'R值';
comment on column exchange.risk_object.place is '所在部位';
comment on column exchange.risk_object.lat is '纬度';
comment on column exchange.risk_object.lon is '经度';
comment on column exchange.risk_object.crs is '坐标系';
comment on column exchange.risk_object.established_on is '投用日期';
comment on column exchange.risk_object.description is '描述';
comment on column exchange.risk_object.possible_hazards is '可能的隐患';
comment on column exchange.risk_object.emergency_measures is '应急处置';
comment on column exchange.risk_object.control is '管控措施';
comment on column exchange.risk_object.control_status is '管控状态';
comment on column exchange.risk_object.resp_dept is '责任部门';
comment on column exchange.risk_object.resp_person is '责任人';
comment on column exchange.risk_object.resp_phone is '责任人电话';
comment on column exchange.risk_object.created_at is '创建时间';
comment on column exchange.risk_object.created_by is '创建人';
comment on column exchange.risk_object.updated_at is '更新时间';
comment on column exchange.risk_object.updated_by is '更新人';
comment on column exchange.risk_object.observed_at is '发生时间';
comment on column exchange.risk_object.source_system is '来源系统';
comment on column exchange.risk_object.source_seq is '来源序号';
comment on column exchange.risk_object.state_rank is '状态序';
comment on column exchange.risk_object.ledger_no is '台账编号';
comment on column exchange.risk_object.deleted is '是否删除';
comment on column exchange.risk_object.id_as_sent is '原始标识';
comment on column exchange.risk_object.origin_node is '来源节点';
comment on column exchange.risk_object.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('risk_object');

-- risk_unit 风险分析单元
create table exchange.risk_unit (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_object_code text,
    risk_object_id text,
    name text,
    resp_dept text,
    resp_person text,
    resp_phone text,
    risk_level text,
    inherent_level text,
    residual_level text,
    control_level text,
    place text,
    review_date date,
    description text,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
create table exchange.risk_unit_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_object_code text,
    risk_object_id text,
    name text,
    resp_dept text,
    resp_person text,
    resp_phone text,
    risk_level text,
    inherent_level text,
    residual_level text,
    control_level text,
    place text,
    review_date date,
    description text,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
comment on column exchange.risk_unit.uscc is '统一社会信用代码';
comment on column exchange.risk_unit.id is '标识';
comment on column exchange.risk_unit.unit is '报送单元';
comment on column exchange.risk_unit.division is '行政区划';
comment on column exchange.risk_unit.sector is '行业';
comment on column exchange.risk_unit.township is '乡镇街道';
comment on column exchange.risk_unit.risk_object_code is '风险分析对象编码';
comment on column exchange.risk_unit.risk_object_id is '风险分析对象';
comment on column exchange.risk_unit.name is '风险分析单元名称';
comment on column exchange.risk_unit.resp_dept is '责任部门';
comment on column exchange.risk_unit.resp_person is '责任人';
comment on column exchange.risk_unit.resp_phone is '责任人电话';
comment on column exchange.risk_unit.risk_level is '风险等级';
comment on column exchange.risk_unit.inherent_level is '固有风险等级';
comment on column exchange.risk_unit.residual_level is '剩余风险等级';
comment on column exchange.risk_unit.control_level is '管控层级';
comment on column exchange.risk_unit.place is '所在部位';
comment on column exchange.risk_unit.review_date is '评审日期';
comment on column exchange.risk_unit.description is '描述';
comment on column exchange.risk_unit.created_at is '创建时间';
comment on column exchange.risk_unit.created_by is '创建人';
comment on column exchange.risk_unit.updated_at is '更新时间';
comment on column exchange.risk_unit.updated_by is '更新人';
comment on column exchange.risk_unit.observed_at is '发生时间';
comment on column exchange.risk_unit.source_system is '来源系统';
comment on column exchange.risk_unit.source_seq is '来源序号';
comment on column exchange.risk_unit.state_rank is '状态序';
comment on column exchange.risk_unit.ledger_no is '台账编号';
comment on column exchange.risk_unit.deleted is '是否删除';
comment on column exchange.risk_unit.id_as_sent is '原始标识';
comment on column exchange.risk_unit.origin_node is '来源节点';
comment on column exchange.risk_unit.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('risk_unit');

-- risk_event 风险事件
create table exchange.risk_event (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_unit_id text,
    name text,
    accident_types jsonb,
    method text,
    method_version text,
    likelihood numeric(8, 2),
    exposure numeric(8, 2),
    consequence numeric(8, 2),
    severity numeric(8, 2),
    risk_value numeric(12, 2),
    risk_level text,
    consequences text,
    measures_text text,
    emergency_measures text,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
create table exchange.risk_event_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_unit_id text,
    name text,
    accident_types jsonb,
    method text,
    method_version text,
    likelihood numeric(8, 2),
    exposure numeric(8, 2),
    consequence numeric(8, 2),
    severity numeric(8, 2),
    risk_value numeric(12, 2),
    risk_level text,
    consequences text,
    measures_text text,
    emergency_measures text,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
comment on column exchange.risk_event.uscc is '统一社会信用代码';
comment on column exchange.risk_event.id is '标识';
comment on column exchange.risk_event.unit is '报送单元';
comment on column exchange.risk_event.division is '行政区划';
comment on column exchange.risk_event.sector is '行业';
comment on column exchange.risk_event.township is '乡镇街道';
comment on column exchange.risk_event.risk_unit_id is '风险分析单元';
comment on column exchange.risk_event.name is '风险事件名称';
comment on column exchange.risk_event.accident_types is '可能的事故类型';
comment on column exchange.risk_event.method is '评价方法';
comment on column exchange.risk_event.method_version is '评价方法版本';
comment on column exchange.risk_event.likelihood is '可能性L';
comment on column exchange.risk_event.exposure is '暴露频率E';
comment on column exchange.risk_event.consequence is '后果C';
comment on column exchange.risk_event.severity is '严重性S';
comment on column exchange.risk_event.risk_value is '风险值';
comment on column exchange.risk_event.risk_level is '风险等级';
comment on column exchange.risk_event.consequences is '可能的后果';
comment on column exchange.risk_event.measures_text is '管控措施';
comment on column exchange.risk_event.emergency_measures is '应急处置措施';
comment on column exchange.risk_event.created_at is '创建时间';
comment on column exchange.risk_event.created_by is '创建人';
comment on column exchange.risk_event.updated_at is '更新时间';
comment on column exchange.risk_event.updated_by is '更新人';
comment on column exchange.risk_event.observed_at is '发生时间';
comment on column exchange.risk_event.source_system is '来源系统';
comment on column exchange.risk_event.source_seq is '来源序号';
comment on column exchange.risk_event.state_rank is '状态序';
comment on column exchange.risk_event.ledger_no is '台账编号';
comment on column exchange.risk_event.deleted is '是否删除';
comment on column exchange.risk_event.id_as_sent is '原始标识';
comment on column exchange.risk_event.origin_node is '来源节点';
comment on column exchange.risk_event.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('risk_event');

-- measure 管控措施
create table exchange.measure (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_event_id text,
    control_mode text,
    description text,
    class1 text,
    class2 text,
    class3 text,
    check_content text,
    resp_dept text,
    resp_person text,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
create table exchange.measure_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_event_id text,
    control_mode text,
    description text,
    class1 text,
    class2 text,
    class3 text,
    check_content text,
    resp_dept text,
    resp_person text,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
comment on column exchange.measure.uscc is '统一社会信用代码';
comment on column exchange.measure.id is '标识';
comment on column exchange.measure.unit is '报送单元';
comment on column exchange.measure.division is '行政区划';
comment on column exchange.measure.sector is '行业';
comment on column exchange.measure.township is '乡镇街道';
comment on column exchange.measure.risk_event_id is '风险事件';
comment on column exchange.measure.control_mode is '管控方式';
comment on column exchange.measure.description is '管控措施描述';
comment on column exchange.measure.class1 is '管控措施一级分类';
comment on column exchange.measure.class2 is '管控措施二级分类';
comment on column exchange.measure.class3 is '管控措施三级分类';
comment on column exchange.measure.check_content is '隐患排查内容';
comment on column exchange.measure.resp_dept is '责任部门';
comment on column exchange.measure.resp_person is '责任人';
comment on column exchange.measure.created_at is '创建时间';
comment on column exchange.measure.created_by is '创建人';
comment on column exchange.measure.updated_at is '更新时间';
comment on column exchange.measure.updated_by is '更新人';
comment on column exchange.measure.observed_at is '发生时间';
comment on column exchange.measure.source_system is '来源系统';
comment on column exchange.measure.source_seq is '来源序号';
comment on column exchange.measure.state_rank is '状态序';
comment on column exchange.measure.ledger_no is '台账编号';
comment on column exchange.measure.deleted is '是否删除';
comment on column exchange.measure.id_as_sent is '原始标识';
comment on column exchange.measure.origin_node is '来源节点';
comment on column exchange.measure.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('measure');

-- check_task 隐患排查任务
create table exchange.check_task (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    measure_id text,
    content text,
    cycle numeric(4, 2),
    cycle_unit text,
    first_start timestamptz,
    work_start text,
    work_end text,
    workday_type text,
    task_type text,
    task_no integer,
    resp_dept text,
    resp_person text,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
create table exchange.check_task_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    measure_id text,
    content text,
    cycle numeric(4, 2),
    cycle_unit text,
    first_start timestamptz,
    work_start text,
    work_end text,
    workday_type text,
    task_type text,
    task_no integer,
    resp_dept text,
    resp_person text,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
comment on column exchange.check_task.uscc is '统一社会信用代码';
comment on column exchange.check_task.id is '标识';
comment on column exchange.check_task.unit is '报送单元';
comment on column exchange.check_task.division is '行政区划';
comment on column exchange.check_task.sector is '行业';
comment on column exchange.check_task.township is '乡镇街道';
comment on column exchange.check_task.measure_id is '管控措施';
comment on column exchange.check_task.content is '隐患排查内容';
comment on column exchange.check_task.cycle is '巡检周期';
comment on column exchange.check_task.cycle_unit is '巡检周期单位';
comment on column exchange.check_task.first_start is '任务开始时间';
comment on column exchange.check_task.work_start is '工作开始时间';
comment on column exchange.check_task.work_end is '工作结束时间';
comment on column exchange.check_task.workday_type is '工作日类型';
comment on column exchange.check_task.task_type is '任务类型';
comment on column exchange.check_task.task_no is '包保任务序号';
comment on column exchange.check_task.resp_dept is '责任部门';
comment on column exchange.check_task.resp_person is '责任人';
comment on column exchange.check_task.created_at is '创建时间';
comment on column exchange.check_task.created_by is '创建人';
comment on column exchange.check_task.updated_at is '更新时间';
comment on column exchange.check_task.updated_by is '更新人';
comment on column exchange.check_task.observed_at is '发生时间';
comment on column exchange.check_task.source_system is '来源系统';
comment on column exchange.check_task.source_seq is '来源序号';
comment on column exchange.check_task.state_rank is '状态序';
comment on column exchange.check_task.ledger_no is '台账编号';
comment on column exchange.check_task.deleted is '是否删除';
comment on column exchange.check_task.id_as_sent is '原始标识';
comment on column exchange.check_task.origin_node is '来源节点';
comment on column exchange.check_task.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('check_task');

-- check_record 隐患排查记录
create table exchange.check_record (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    task_id text,
    checked_at timestamptz,
    result text,
    checker text,
    checker_mobile text,
    dept text,
    expert boolean,
    on_duty text,
    description text,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
create table exchange.check_record_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    task_id text,
    checked_at timestamptz,
    result text,
    checker text,
    checker_mobile text,
    dept text,
    expert boolean,
    on_duty text,
    description text,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
comment on column exchange.check_record.uscc is '统一社会信用代码';
comment on column exchange.check_record.id is '标识';
comment on column exchange.check_record.unit is '报送单元';
comment on column exchange.check_record.division is '行政区划';
comment on column exchange.check_record.sector is '行业';
comment on column exchange.check_record.township is '乡镇街道';
comment on column exchange.check_record.task_id is '隐患排查任务';
comment on column exchange.check_record.checked_at is '排查时间';
comment on column exchange.check_record.result is '排查结果';
comment on column exchange.check_record.checker is '排查人';
comment on column exchange.check_record.checker_mobile is '排查人手机号';
comment on column exchange.check_record.dept is '排查部门';
comment on column exchange.check_record.expert is '是否专家排查';
comment on column exchange.check_record.on_duty is '是否包保';
comment on column exchange.check_record.description is '排查情况';
comment on column exchange.check_record.created_at is '创建时间';
comment on column exchange.check_record.created_by is '创建人';
comment on column exchange.check_record.updated_at is '更新时间';
comment on column exchange.check_record.updated_by is '更新人';
comment on column exchange.check_record.observed_at is '发生时间';
comment on column exchange.check_record.source_system is '来源系统';
comment on column exchange.check_record.source_seq is '来源序号';
comment on column exchange.check_record.state_rank is '状态序';
comment on column exchange.check_record.ledger_no is '台账编号';
comment on column exchange.check_record.deleted is '是否删除';
comment on column exchange.check_record.id_as_sent is '原始标识';
comment on column exchange.check_record.origin_node is '来源节点';
comment on column exchange.check_record.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('check_record');

-- hazard 隐患信息
create table exchange.hazard (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_object_code text,
    measure_id text,
    check_record_id text,
    name text,
    level text,
    found_at timestamptz,
    found_by text,
    registered_at timestamptz,
    registrant text,
    source text,
    enforcement_no text,
    manage_type text,
    discipline text,
    category text,
    description text,
    cause text,
    control text,
    cost numeric(18, 4),
    resp_person text,
    resp_dept text,
    deadline date,
    accept_person text,
    accept_time timestamptz,
    accept_comment text,
    state text,
    human_thing_mgmt text,
    stage text,
    round integer,
    rectified_at timestamptz,
    closed_at timestamptz,
    major_basis jsonb,
    supervision_state text,
    place text,
    photo_before jsonb,
    photo_after jsonb,
    attachment jsonb,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
create table exchange.hazard_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    risk_object_code text,
    measure_id text,
    check_record_id text,
    name text,
    level text,
    found_at timestamptz,
    found_by text,
    registered_at timestamptz,
    registrant text,
    source text,
    enforcement_no text,
    manage_type text,
    discipline text,
    category text,
    description text,
    cause text,
    control text,
    cost numeric(18, 4),
    resp_person text,
    resp_dept text,
    deadline date,
    accept_person text,
    accept_time timestamptz,
    accept_comment text,
    state text,
    human_thing_mgmt text,
    stage text,
    round integer,
    rectified_at timestamptz,
    closed_at timestamptz,
    major_basis jsonb,
    supervision_state text,
    place text,
    photo_before jsonb,
    photo_after jsonb,
    attachment jsonb,
    created_at timestamptz,
    created_by text,
    updated_at timestamptz,
    updated_by text,
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
comment on column exchange.hazard.uscc is '统一社会信用代码';
comment on column exchange.hazard.id is '标识';
comment on column exchange.hazard.unit is '报送单元';
comment on column exchange.hazard.division is '行政区划';
comment on column exchange.hazard.sector is '行业';
comment on column exchange.hazard.township is '乡镇街道';
comment on column exchange.hazard.risk_object_code is '风险分析对象编码';
comment on column exchange.hazard.measure_id is '管控措施';
comment on column exchange.hazard.check_record_id is '隐患排查记录';
comment on column exchange.hazard.name is '隐患名称';
comment on column exchange.hazard.level is '隐患等级';
comment on column exchange.hazard.found_at is '发现时间';
comment on column exchange.hazard.found_by is '发现方式';
comment on column exchange.hazard.registered_at is '登记时间';
comment on column exchange.hazard.registrant is '登记人';
comment on column exchange.hazard.source is '隐患来源';
comment on column exchange.hazard.enforcement_no is '执法文书编号';
comment on column exchange.hazard.manage_type is '治理类型';
comment on column exchange.hazard.discipline is '隐患类型';
comment on column exchange.hazard.category is '隐患类别';
comment on column exchange.hazard.description is '隐患描述';
comment on column exchange.hazard.cause is '原因分析';
comment on column exchange.hazard.control is '控制措施';
comment on column exchange.hazard.cost is '整改资金（元）';
comment on column exchange.hazard.resp_person is '整改责任人';
comment on column exchange.hazard.resp_dept is '整改责任部门';
comment on column exchange.hazard.deadline is '治理期限';
comment on column exchange.hazard.accept_person is '验收人';
comment on column exchange.hazard.accept_time is '验收时间';
comment on column exchange.hazard.accept_comment is '验收情况';
comment on column exchange.hazard.state is '隐患状态';
comment on column exchange.hazard.human_thing_mgmt is '人物管分类';
comment on column exchange.hazard.stage is '产生环节';
comment on column exchange.hazard.round is '整改轮次';
comment on column exchange.hazard.rectified_at is '整改完成时间';
comment on column exchange.hazard.closed_at is '销号时间';
comment on column exchange.hazard.major_basis is '重大隐患判定依据';
comment on column exchange.hazard.supervision_state is '挂牌督办状态';
comment on column exchange.hazard.place is '隐患部位';
comment on column exchange.hazard.photo_before is '整改前照片';
comment on column exchange.hazard.photo_after is '整改后照片';
comment on column exchange.hazard.attachment is '附件';
comment on column exchange.hazard.created_at is '创建时间';
comment on column exchange.hazard.created_by is '创建人';
comment on column exchange.hazard.updated_at is '更新时间';
comment on column exchange.hazard.updated_by is '更新人';
comment on column exchange.hazard.observed_at is '发生时间';
comment on column exchange.hazard.source_system is '来源系统';
comment on column exchange.hazard.source_seq is '来源序号';
comment on column exchange.hazard.state_rank is '状态序';
comment on column exchange.hazard.ledger_no is '台账编号';
comment on column exchange.hazard.deleted is '是否删除';
comment on column exchange.hazard.id_as_sent is '原始标识';
comment on column exchange.hazard.origin_node is '来源节点';
comment on column exchange.hazard.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('hazard');

-- hazard_transition 隐患流转
create table exchange.hazard_transition (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    hazard_id text,
    "to" text,
    at timestamptz,
    by text,
    reason text,
    "from" text,
    round integer,
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
create table exchange.hazard_transition_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    hazard_id text,
    "to" text,
    at timestamptz,
    by text,
    reason text,
    "from" text,
    round integer,
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
comment on column exchange.hazard_transition.uscc is '统一社会信用代码';
comment on column exchange.hazard_transition.id is '标识';
comment on column exchange.hazard_transition.unit is '报送单元';
comment on column exchange.hazard_transition.division is '行政区划';
comment on column exchange.hazard_transition.sector is '行业';
comment on column exchange.hazard_transition.township is '乡镇街道';
comment on column exchange.hazard_transition.hazard_id is '隐患';
comment on column exchange.hazard_transition."to" is '流转后状态';
comment on column exchange.hazard_transition.at is '流转时间';
comment on column exchange.hazard_transition.by is '操作人';
comment on column exchange.hazard_transition.reason is '理由';
comment on column exchange.hazard_transition."from" is '流转前状态';
comment on column exchange.hazard_transition.round is '整改轮次';
comment on column exchange.hazard_transition.observed_at is '发生时间';
comment on column exchange.hazard_transition.source_system is '来源系统';
comment on column exchange.hazard_transition.source_seq is '来源序号';
comment on column exchange.hazard_transition.state_rank is '状态序';
comment on column exchange.hazard_transition.ledger_no is '台账编号';
comment on column exchange.hazard_transition.deleted is '是否删除';
comment on column exchange.hazard_transition.id_as_sent is '原始标识';
comment on column exchange.hazard_transition.origin_node is '来源节点';
comment on column exchange.hazard_transition.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('hazard_transition');

-- zero_report 零报告
create table exchange.zero_report (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    period text,
    kind text,
    statement text,
    checks_done integer,
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
create table exchange.zero_report_history (
    uscc text not null,
    id text not null,
    unit text not null,
    division text not null,
    sector text not null,
    township text not null,
    period text,
    kind text,
    statement text,
    checks_done integer,
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
comment on column exchange.zero_report.uscc is '统一社会信用代码';
comment on column exchange.zero_report.id is '标识';
comment on column exchange.zero_report.unit is '报送单元';
comment on column exchange.zero_report.division is '行政区划';
comment on column exchange.zero_report.sector is '行业';
comment on column exchange.zero_report.township is '乡镇街道';
comment on column exchange.zero_report.period is '报告期';
comment on column exchange.zero_report.kind is '零报告类型';
comment on column exchange.zero_report.statement is '声明';
comment on column exchange.zero_report.checks_done is '排查次数';
comment on column exchange.zero_report.signer is '签字人';
comment on column exchange.zero_report.signed_at is '签字时间';
comment on column exchange.zero_report.observed_at is '发生时间';
comment on column exchange.zero_report.source_system is '来源系统';
comment on column exchange.zero_report.source_seq is '来源序号';
comment on column exchange.zero_report.state_rank is '状态序';
comment on column exchange.zero_report.ledger_no is '台账编号';
comment on column exchange.zero_report.deleted is '是否删除';
comment on column exchange.zero_report.id_as_sent is '原始标识';
comment on column exchange.zero_report.origin_node is '来源节点';
comment on column exchange.zero_report.unknown is '未知成员';
-- row-level security, grants, storage settings and comments of both tables
select dg.record_expose('zero_report');
