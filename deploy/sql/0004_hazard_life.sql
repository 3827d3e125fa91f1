-- SPDX-License-Identifier: Apache-2.0
-- What the life of a hazard needs beside its versions. A head of exchange.hazard shows what is in force; its
-- history what was reported; a difference is a finding. What the head has no column for stands here.

alter table dg.ledger add column authority boolean not null default false;
comment on column dg.ledger.authority is 'An organisation said it: on its own topic.';

create table exchange.hazard_life (
    uscc              text not null,
    id                text not null,
    sector            text not null,
    township          text not null,
    lister            text not null,
    escalated         boolean not null,
    withdrawal        text,
    withdrawal_at     timestamptz,
    withdrawal_by     text not null,
    denied            text,
    reported_state    text,
    reported_level    text,
    reported_deadline date,
    extended_by       integer not null,
    deadline_before   date,
    rejections        integer not null,
    reopenings        integer not null,
    self_extensions   integer not null,
    extensions        integer not null,
    observed_at       timestamptz not null,
    source_system     text not null,
    source_seq        numeric(20) not null,
    state_rank        integer not null,
    ledger_no         bigint not null,
    primary key (uscc, id)
) with (fillfactor = 85);
comment on table exchange.hazard_life is
    'Beside exchange.hazard, for hazards of which more is in force than their last version says.';
comment on column exchange.hazard_life.lister is 'Organisation whose list it is or was on; empty: none';
comment on column exchange.hazard_life.escalated is 'Handed to the level above: another organisation may list it';
comment on column exchange.hazard_life.withdrawal is 'VOID, DELETE or REGRADE: asked for, not confirmed; the hazard counts as before';
comment on column exchange.hazard_life.withdrawal_by is 'Publisher that asked';
comment on column exchange.hazard_life.denied is 'What was asked for before and refused';
comment on column exchange.hazard_life.reported_state is 'As last reported; in force is exchange.hazard.state';
comment on column exchange.hazard_life.reported_level is 'As last reported; in force is exchange.hazard.level';
comment on column exchange.hazard_life.reported_deadline is 'As last reported; in force is exchange.hazard.deadline';
comment on column exchange.hazard_life.extended_by is 'Number of the extension that was approved last; 0: none';
comment on column exchange.hazard_life.deadline_before is 'The deadline without that extension';
comment on column exchange.hazard_life.rejections is 'Times not accepted';
comment on column exchange.hazard_life.reopenings is 'Times opened again after it was accepted or closed';
comment on column exchange.hazard_life.self_extensions is 'Deadlines put off by the unit itself';
comment on column exchange.hazard_life.extensions is 'Extensions that an authority approved';
comment on column exchange.hazard_life.observed_at is 'Of the newest report that this follows from, with the four columns after it';
select dg.expose('exchange.hazard_life', 'hazard', 'township');

------------------------------------------------------------------------------------------------------
-- What authorities look at
------------------------------------------------------------------------------------------------------

create view exchange.hazard_withdrawal_pending with (security_invoker = true) as
    select h.uscc, h.id, h.unit, h.sector, h.township, h.name, h.level, h.state, h.found_by, h.deadline,
           l.withdrawal, l.withdrawal_at, l.withdrawal_by, l.reported_state, l.reported_level
      from exchange.hazard_life l
      join exchange.hazard h on h.uscc = l.uscc and h.id = l.id
     where l.withdrawal is not null and not h.deleted;
comment on view exchange.hazard_withdrawal_pending is '申请撤销: counted as before until the authority confirms.';

create view exchange.hazard_withdrawn with (security_invoker = true) as
    select h.uscc, h.id, h.unit, h.sector, h.township, h.name, h.level, h.state, h.found_by, h.deleted,
           h.observed_at as withdrawn_at, h.ledger_no
      from exchange.hazard h
     where h.deleted or h.state = 'VOID';
comment on view exchange.hazard_withdrawn is 'Void or deleted hazards: in no rate, but seen.';

create view exchange.hazard_self_extended with (security_invoker = true) as
    select h.uscc, h.id, h.unit, h.sector, h.township, h.name, h.level, h.state, h.deadline,
           l.self_extensions, l.extensions
      from exchange.hazard_life l
      join exchange.hazard h on h.uscc = l.uscc and h.id = l.id
     where l.self_extensions > 0;
comment on view exchange.hazard_self_extended is 'Deadlines that units put off without an approved extension.';

create view exchange.child_of_deleted with (security_invoker = true) as
    select 'risk_unit'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'risk_object'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.risk_object p join exchange.risk_unit c on c.uscc = p.uscc and c.risk_object_id = p.id
     where p.deleted and not c.deleted
    union all
    select 'risk_event'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'risk_unit'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.risk_unit p join exchange.risk_event c on c.uscc = p.uscc and c.risk_unit_id = p.id
     where p.deleted and not c.deleted
    union all
    select 'measure'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'risk_event'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.risk_event p join exchange.measure c on c.uscc = p.uscc and c.risk_event_id = p.id
     where p.deleted and not c.deleted
    union all
    select 'check_task'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'measure'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.measure p join exchange.check_task c on c.uscc = p.uscc and c.measure_id = p.id
     where p.deleted and not c.deleted
    union all
    select 'check_record'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'check_task'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.check_task p join exchange.check_record c on c.uscc = p.uscc and c.task_id = p.id
     where p.deleted and not c.deleted
    union all
    select 'hazard'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'measure'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.measure p join exchange.hazard c on c.uscc = p.uscc and c.measure_id = p.id
     where p.deleted and not c.deleted
    union all
    select 'hazard'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'check_record'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.check_record p join exchange.hazard c on c.uscc = p.uscc and c.check_record_id = p.id
     where p.deleted and not c.deleted
    union all
    select 'major_risk_report'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'risk_unit'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.risk_unit p join exchange.major_risk_report c on c.uscc = p.uscc and c.risk_unit_id = p.id
     where p.deleted and not c.deleted
    union all
    select 'outage'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'risk_unit'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.risk_unit p join exchange.outage c on c.uscc = p.uscc and c.risk_unit_id = p.id
     where p.deleted and not c.deleted
    union all
    select 'major_plan'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'hazard'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.hazard p join exchange.major_plan c on c.uscc = p.uscc and c.hazard_id = p.id
     where p.deleted and not c.deleted
    union all
    select 'extension'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'hazard'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.hazard p join exchange.extension c on c.uscc = p.uscc and c.hazard_id = p.id
     where p.deleted and not c.deleted
    union all
    select 'supervision'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'hazard'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.hazard p join exchange.supervision c on c.uscc = p.uscc and c.hazard_id = p.id
     where p.deleted and not c.deleted
    union all
    select 'withdrawal_decision'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'hazard'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.hazard p join exchange.withdrawal_decision c on c.uscc = p.uscc and c.hazard_id = p.id
     where p.deleted and not c.deleted
    union all
    select 'escalation'::text as record, c.uscc, c.id, c.unit, c.sector, c.township,
           'hazard'::text as parent_record, p.id as parent_id, p.observed_at as deleted_at
      from exchange.hazard p join exchange.escalation c on c.uscc = p.uscc and c.hazard_id = p.id
     where p.deleted and not c.deleted;
comment on view exchange.child_of_deleted is 'Living records whose parent was deleted: listed, not deleted.';

grant select on exchange.hazard_withdrawal_pending, exchange.hazard_withdrawn, exchange.hazard_self_extended,
                exchange.child_of_deleted
    to dualgate_org, dualgate_parent, dualgate_admin, dualgate_gateway;

------------------------------------------------------------------------------------------------------
-- Indexes: a record's past by its key, children by their parent, what is deleted
------------------------------------------------------------------------------------------------------

create index hazard_life_withdrawal on exchange.hazard_life (withdrawal_at) where withdrawal is not null;
create index hazard_gone on exchange.hazard (observed_at) where deleted or state = 'VOID';
create index risk_object_deleted on exchange.risk_object (uscc, id) where deleted;
create index risk_unit_deleted on exchange.risk_unit (uscc, id) where deleted;
create index risk_event_deleted on exchange.risk_event (uscc, id) where deleted;
create index measure_deleted on exchange.measure (uscc, id) where deleted;
create index check_task_deleted on exchange.check_task (uscc, id) where deleted;
create index check_record_deleted on exchange.check_record (uscc, id) where deleted;
create index hazard_transition_history_hazard on exchange.hazard_transition_history (uscc, hazard_id);
create index extension_history_hazard on exchange.extension_history (uscc, hazard_id);
create index supervision_history_hazard on exchange.supervision_history (uscc, hazard_id);
create index withdrawal_decision_history_hazard on exchange.withdrawal_decision_history (uscc, hazard_id);

-- A record that a later migration adds has the index of its history from here.
create or replace function dg.record_expose(record text) returns void
    language plpgsql set search_path = pg_catalog as
$$
begin
    perform dg.expose(format('exchange.%I', record)::regclass, record, 'township');
    perform dg.expose(format('exchange.%I', record || '_history')::regclass, record, 'township');
    execute format('alter table exchange.%I set (fillfactor = 85,'
        ' autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)', record);
    execute format('create index %I on exchange.%I (uscc, id)', record || '_history_key', record || '_history');
    execute format('comment on table exchange.%I is %L', record,
        'Record ' || record || ': the current state, one row each; deleted = true is a tombstone.');
    execute format('comment on table exchange.%I is %L', record || '_history',
        'Record ' || record || ': every version that was stored, append-only, by ledger number.');
end
$$;

do $$
declare
    history record;
begin
    for history in
        select c.relname from pg_catalog.pg_class c
         where c.relnamespace = 'exchange'::regnamespace and c.relkind = 'r' and c.relname like '%\_history'
    loop
        execute format('create index %I on exchange.%I (uscc, id)', history.relname || '_key', history.relname);
    end loop;
end
$$;
