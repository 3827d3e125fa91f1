-- SPDX-License-Identifier: Apache-2.0
-- The first schema. An applied migration is never edited: what changes later is a new file.
-- Runs in one transaction as dualgate_owner, who owns every object and has no login.
--
--   exchange      what departments and upper levels read: current state, history, reports, quarantine
--   register      who reports, for whom, where: changed by administrators, never by reports
--   indicator     figures
--   interconnect  the way between levels
--   dg            the gateway's own

create schema exchange;
create schema register;
create schema indicator;
create schema interconnect;

comment on schema dg is 'The gateway''s own tables; nothing here is a promise to others.';
comment on schema exchange is 'Exchanged records: exchange.<record>, exchange.<record>_history, report, quarantine.';
comment on schema register is 'Entities, reporting units, divisions, sectors, organisations, publishers, grants.';
comment on schema indicator is 'Figures, each a view or function; C asks for them by name.';
comment on schema interconnect is 'What passes between the levels.';

grant usage on schema dg, exchange, register, indicator, interconnect to dualgate_gateway;
grant usage on schema dg, exchange, register, indicator to dualgate_admin, dualgate_org, dualgate_parent;

-- A record added by a later migration is open to the gateway at once; to others by dg.record_expose().
alter default privileges in schema exchange, register, dg
    grant select, insert, update, delete on tables to dualgate_gateway;
alter default privileges in schema exchange, register, dg
    grant usage, select on sequences to dualgate_gateway;
-- (For one schema alone the server's built-in grant to public could not be taken back.)
alter default privileges revoke execute on functions from public;

------------------------------------------------------------------------------------------------------
-- register: grants, and the rows a login may see
------------------------------------------------------------------------------------------------------

create table register."grant" (
    principal   text not null,
    verb        text not null,
    sector      text not null default '*',
    township    text not null default '*',
    record      text not null default '*',
    valid_from  date not null default '1949-10-01',
    valid_to    date,
    note        text,
    primary key (principal, verb, sector, township, record),
    check (verb <> '' and sector <> '' and township <> '' and record <> '')
);
comment on table register."grant" is
    'Who may do what: topic checks, broker ACL, row-level security and pages all follow from these rows.';
comment on column register."grant".principal is 'Login role: org_<code>, dualgate_parent';
comment on column register."grant".verb is 'READ and others; * stands for every sector, township or record';

alter table register."grant" enable row level security;
create policy own_rows on register."grant" for select to dualgate_org, dualgate_parent
    using (principal = current_user);
create policy administrator on register."grant" to dualgate_admin using (true) with check (true);
grant select on register."grant" to dualgate_org, dualgate_parent;
grant select, insert, update, delete on register."grant" to dualgate_admin;

create view dg.my_reach with (security_invoker = true) as
    select sector, township, record
      from register."grant"
     where principal = current_user
       and verb = 'READ'
       and (now() at time zone 'Asia/Shanghai')::date >= valid_from
       and (valid_to is null or (now() at time zone 'Asia/Shanghai')::date <= valid_to);
comment on view dg.my_reach is 'What the current login may read; every row policy asks this.';
grant select on dg.my_reach to dualgate_org, dualgate_parent;

-- Row-level security for a table with a sector and a place: by default its division, cut to the township. What
-- is seen follows the register, not what a report says of itself. The conditions are written so that each is
-- computed once per statement (an init-plan), never once per row.
create function dg.expose(rel regclass, record text default '*', place text default '"left"(division, 9)')
    returns void
    language plpgsql set search_path = pg_catalog as
$$
declare
    reach constant text := format('from dg.my_reach m where m.record in (''*'', %L)', record);
begin
    execute format('alter table %s enable row level security', rel);
    execute format('create policy organisation on %s for select to dualgate_org, dualgate_parent using ('
        ' (select exists (select %s and m.sector = ''*'' and m.township = ''*''))'
        ' or sector = any (array(select m.sector %s and m.township = ''*''))'
        ' or %s = any (array(select m.township %s and m.sector = ''*''))'
        ' or sector || '' '' || %s ='
        '    any (array(select m.sector || '' '' || m.township %s)))',
        rel, reach, reach, place, reach, place, reach);
    execute format('create policy administrator on %s for select to dualgate_admin using (true)', rel);
    execute format('grant select on %s to dualgate_org, dualgate_parent, dualgate_admin', rel);
end
$$;
comment on function dg.expose is 'Opens a table with a sector and a place to organisations, row by row.';

-- The last line of a record's migration: select dg.record_expose('hazard');
create function dg.record_expose(record text) returns void
    language plpgsql set search_path = pg_catalog as
$$
begin
    perform dg.expose(format('exchange.%I', record)::regclass, record, 'township');
    perform dg.expose(format('exchange.%I', record || '_history')::regclass, record, 'township');
    execute format('alter table exchange.%I set (fillfactor = 85,'
        ' autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)', record);
    execute format('comment on table exchange.%I is %L', record,
        'Record ' || record || ': the current state, one row each; deleted = true is a tombstone.');
    execute format('comment on table exchange.%I is %L', record || '_history',
        'Record ' || record || ': every version that was stored, append-only, by ledger number.');
end
$$;
comment on function dg.record_expose is 'Row policies, grants, storage settings and comments of a record''s two tables.';

------------------------------------------------------------------------------------------------------
-- register
------------------------------------------------------------------------------------------------------

create table register.version (
    one boolean primary key default true check (one),
    n   bigint not null default 1
) with (fillfactor = 10);
comment on table register.version is 'One row; n grows with every change of the register. The gateway polls it.';
insert into register.version default values;

create function register.bump() returns trigger
    language plpgsql security definer set search_path = pg_catalog as
$$
begin
    update register.version set n = n + 1;
    return null;
end
$$;
comment on function register.bump is 'Trigger: the register has changed.';

create table register.node (
    code        text primary key check (code ~ '^[0-9]{6}$'),
    name        text not null,
    parent      text check (parent ~ '^[0-9]{6}$'),
    self        boolean not null default false,
    valid_from  date not null default '1949-10-01',
    valid_to    date
);
comment on table register.node is 'Running levels: district, city, province. self: the node of this database.';
create unique index node_self on register.node (self) where self;

create table register.division (
    code        text primary key check (code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'),
    name        text not null,
    parent      text,
    valid_from  date not null default '1949-10-01',
    valid_to    date,
    mapped_to   text check (mapped_to ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$')
);
comment on table register.division is 'Divisions with validity; a retired one names its successor in mapped_to.';

create table register.sector (
    code          text primary key check (code ~ '^[a-z][a-z0-9_]{0,31}$' and code <> 'org'),
    name          text not null,
    profile       text not null default '',
    lead_org      text,
    co_orgs       text[] not null default '{}',
    high_risk     boolean not null default false,
    coverage_rule text not null default 'C4'
);
comment on table register.sector is 'Sectors; profile names the required_in of the schema''s field rules.';

create table register.org (
    code      text primary key check (code ~ '^[a-z0-9][a-z0-9_]{0,47}$'),
    name      text not null,
    kind      text not null check (kind in ('DEPARTMENT', 'TOWNSHIP', 'COMMITTEE', 'GOVERNMENT', 'UPPER', 'OTHER')),
    division  text,
    sectors   text[] not null default '{}',
    active    boolean not null default true
);
comment on table register.org is 'Departments, townships, the committee office, upper levels. Login role: org_<code>.';

create table register.entity (
    uscc          text primary key check (uscc ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'),
    name          text not null,
    kind          text not null default 'ENTERPRISE',
    division      text not null references register.division,
    address       text,
    lat           numeric(9,6) check (lat between -90 and 90),
    lon           numeric(9,6) check (lon between -180 and 180),
    industry      text,
    sector        text not null references register.sector,
    size_class    text check (size_class in ('LARGE', 'MEDIUM', 'SMALL', 'MICRO')),
    above_scale   boolean,
    tier          text,
    staff         integer check (staff >= 0),
    principal     text,
    safety_head   text,
    build_state   text not null default 'NOT_BUILT'
                  check (build_state in ('NOT_BUILT', 'BUILDING', 'BUILT', 'RUNNING', 'EFFECTIVE')),
    scope         text check (scope in ('CONSOLIDATE', 'BUILD', 'PILOT', 'EXTEND', 'NONE')),
    tags          text[] not null default '{}',
    company_code  text check (company_code ~ '^[0-9]{9}$'),
    valid_from    date not null default '1949-10-01',
    valid_to      date,
    check (valid_to >= valid_from)
);
comment on table register.entity is 'Enterprises and institutions by unified social credit code.';
create unique index entity_company_code on register.entity (company_code) where company_code is not null;

create table register.unit (
    uscc        text not null references register.entity on delete cascade,
    unit        text not null check (length(unit) <= 64),
    name        text not null,
    division    text not null references register.division,
    sector      text not null references register.sector,
    co_sectors  text[] not null default '{}',
    profile     text,
    build_state text not null default 'NOT_BUILT'
                check (build_state in ('NOT_BUILT', 'BUILDING', 'BUILT', 'RUNNING', 'EFFECTIVE')),
    valid_from  date not null default '1949-10-01',
    valid_to    date,
    primary key (uscc, unit),
    check (valid_to >= valid_from)
);
comment on table register.unit is
    'Reporting units: what owes reports and what rates count. Unit '''' is the entity itself and follows its row.';

create function register.entity_unit() returns trigger
    language plpgsql security definer set search_path = pg_catalog as
$$
begin
    insert into register.unit as u (uscc, unit, name, division, sector, build_state, valid_from, valid_to)
    values (new.uscc, '', new.name, new.division, new.sector, new.build_state, new.valid_from, new.valid_to)
    on conflict (uscc, unit) do update
       set name = excluded.name, division = excluded.division, sector = excluded.sector,
           build_state = excluded.build_state, valid_from = excluded.valid_from, valid_to = excluded.valid_to;
    return null;
end
$$;
comment on function register.entity_unit is 'Trigger: keeps unit '''' equal to its entity.';
create trigger entity_unit after insert or update on register.entity
    for each row execute function register.entity_unit();

create table register.publisher (
    code          text primary key check (code ~ '^[0-9A-Za-z_-]{1,64}$'),
    kind          text not null check (kind in ('ENTITY', 'SERVICE_ORG', 'PLATFORM', 'ORG')),
    name          text not null default '',
    adapters      text[] not null default '{}',
    charset       text not null default '',
    adapter_key   text not null default '',
    company_code  text not null default '' check (company_code ~ '^([0-9]{9})?$'),
    active        boolean not null default true
);
comment on table register.publisher is 'Holders of a credential that need more than "an entity reporting for itself".';
comment on column register.publisher.adapter_key is 'Secret of the adapter''s envelope; never printed.';

create table register.authorisation (
    publisher   text not null,
    uscc        text not null,
    sector      text not null default '',
    valid_from  date not null default '1949-10-01',
    valid_to    date,
    primary key (publisher, uscc, sector)
);
comment on table register.authorisation is
    'Publisher may report for uscc; uscc * is every entity of the sector, sector '''' is all.';

do $$
declare
    t text;
begin
    foreach t in array array['node', 'division', 'sector', 'org', 'entity', 'unit', 'publisher',
                             'authorisation', 'grant']
    loop
        execute format('create trigger bump after insert or update or delete or truncate'
                       ' on register.%I for each statement execute function register.bump()', t);
    end loop;
    foreach t in array array['node', 'division', 'sector', 'org', 'publisher', 'authorisation', 'version']
    loop
        execute format('alter table register.%I enable row level security', t);
        execute format('create policy administrator on register.%I to dualgate_admin'
                       ' using (true) with check (true)', t);
    end loop;
    foreach t in array array['node', 'division', 'sector', 'org']
    loop
        execute format('create policy everyone on register.%I for select'
                       ' to dualgate_org, dualgate_parent using (true)', t);
        execute format('grant select on register.%I to dualgate_org, dualgate_parent', t);
    end loop;
    foreach t in array array['entity', 'unit']
    loop
        perform dg.expose(format('register.%I', t)::regclass);
        execute format('create policy administrator_writes on register.%I to dualgate_admin'
                       ' using (true) with check (true)', t);
    end loop;
end
$$;
grant select, insert, update, delete
    on register.node, register.division, register.sector, register.org, register.entity, register.unit,
       register.publisher, register.authorisation
    to dualgate_admin;
grant select on register.version to dualgate_admin;

------------------------------------------------------------------------------------------------------
-- ingest: lanes, keys, ledger
------------------------------------------------------------------------------------------------------

create table dg.lane (
    lane        integer primary key check (lane >= 1),
    client_id   text not null default
                substr(encode(sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea), 'hex'), 1, 32),
    batch_no    bigint not null default 0,
    batch_hash  bytea not null default '\x',
    received    bigint not null default 0,
    stored      bigint not null default 0,
    duplicate   bigint not null default 0,
    stale       bigint not null default 0,
    parked      bigint not null default 0,
    rejected    bigint not null default 0,
    conflict    bigint not null default 0,
    released    bigint not null default 0,
    expired     bigint not null default 0,
    created_at  timestamptz not null default now()
) with (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_cost_delay = 0);
comment on table dg.lane is
    'One intake: its MQTT client id (128 random bits), the last batch, and verdict totals. parked counts all '
    'that were ever parked; released and expired are those that have left.';

create table dg.batch (
    lane         integer not null,
    no           bigint not null,
    prev_hash    bytea not null,
    hash         bytea not null,
    signature    bytea,
    ledger_from  bigint,
    ledger_to    bigint,
    received     integer not null default 0,
    stored       integer not null default 0,
    duplicate    integer not null default 0,
    stale        integer not null default 0,
    parked       integer not null default 0,
    rejected     integer not null default 0,
    conflict     integer not null default 0,
    released     integer not null default 0,
    expired      integer not null default 0,
    committed_at timestamptz not null default clock_timestamp(),
    primary key (lane, no)
);
comment on table dg.batch is
    'One row per transaction that decided verdicts, written by its last statement; hash chains per lane.';

create function dg.expect(what text, wanted bigint, got bigint) returns void
    language plpgsql set search_path = pg_catalog as
$$
begin
    if wanted is distinct from got then
        raise exception '%: % rows expected, % written', what, wanted, got using errcode = '40DG1';
    end if;
end
$$;
comment on function dg.expect is
    'Fails with a SQLSTATE of class 40 when another lane was faster than this batch''s plan: the transaction '
    'rolls back and the batch is planned again.';
grant execute on function dg.expect(text, bigint, bigint) to dualgate_gateway;

create table dg.counter (
    name text primary key,
    n    bigint not null default 0
) with (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_cost_delay = 0);
comment on table dg.counter is
    'Numbers that outsiders count: dense and in commit order. Updated last in a transaction, '
    'ledger first, then feed.';
insert into dg.counter (name) values ('ledger'), ('feed');

create table dg.msg_key (
    msg_id    uuid not null,
    publisher text not null,
    hash      bytea not null,
    raw_hash  bytea not null,
    ledger_no bigint not null,
    primary key (msg_id, publisher)
);
comment on table dg.msg_key is
    'Claimed report identities. Never partitioned by time: a unique key there would have to contain the time.';

create table dg.ledger (
    ledger_no     bigint primary key,
    received_at   timestamptz not null,
    observed_at   timestamptz not null,
    lane          integer not null,
    batch_no      bigint not null,
    msg_id        uuid not null,
    publisher     text not null,
    record        text not null,
    op            text not null,
    uscc          text not null,
    unit          text not null default '',
    id            text not null,
    division      text not null default '',
    sector        text not null default '',
    verdict       text not null,
    hash          bytea not null,
    raw_hash      bytea,
    source_system text,
    source_seq    numeric(20),
    period        text,
    schema        text not null default 'dualgate.v1',
    origin_node   text not null default '',
    resolved_verdict text,
    resolved_lane    integer,
    resolved_batch   bigint,
    check (verdict in ('stored', 'stale', 'parked')),
    check (resolved_verdict in ('stored', 'stale', 'rejected'))
);
comment on table dg.ledger is
    'One row per report that claimed its identity. verdict is what its batch decided and never changes; '
    'resolved_*: what became of a parked one, in which batch: stored or stale when its parent came, rejected '
    'when none came in time.';
select dg.expose('dg.ledger');

-- Batches carry no names; their time is part of a report.
alter table dg.batch enable row level security;
create policy everyone on dg.batch for select to dualgate_org, dualgate_parent, dualgate_admin using (true);
grant select (lane, no, committed_at) on dg.batch to dualgate_org, dualgate_parent;
grant select on dg.batch to dualgate_admin;

create view exchange.report with (security_invoker = true) as
    select l.publisher, l.msg_id::text as msg_id, l.record, l.uscc, l.unit, l.id,
           coalesce(l.resolved_verdict, l.verdict) as verdict, l.ledger_no,
           encode(l.hash, 'hex') as hash, l.observed_at, l.received_at, b.committed_at
      from dg.ledger l
      left join dg.batch b on b.lane = l.lane and b.no = l.batch_no;
comment on view exchange.report is 'One row per report with a ledger number.';
grant select on exchange.report to dualgate_org, dualgate_parent, dualgate_admin;

create table dg.finding (
    ledger_no bigint not null,
    n         integer not null,
    code      text not null,
    field     text,
    reported  text,
    expected  text,
    record    text not null,
    uscc      text not null,
    unit      text not null default '',
    id        text not null,
    division  text not null default '',
    sector    text not null default '',
    found_at  timestamptz not null default now(),
    primary key (ledger_no, n)
);
comment on table dg.finding is 'Disagreements that were stored beside a record.';
select dg.expose('dg.finding');

create table dg.parked (
    ledger_no      bigint primary key,
    lane           integer not null,
    record         text not null,
    uscc           text not null,
    unit           text not null default '',
    id             text not null,
    parent_record  text not null,
    parent_id      text not null,
    parked_at      timestamptz not null default now(),
    expires_at     timestamptz not null,
    publisher      text not null,
    msg_id         uuid not null,
    hash           bytea not null,
    raw_hash       bytea not null,
    id_as_sent     text,
    township       text not null default '',
    received_at    timestamptz not null,
    receipt_topic  text not null,
    correlation    bytea,
    receipt_index  integer not null default 0,
    report         bytea not null,
    topic          text not null,
    content_type   text not null default '',
    charset        text not null default '',
    adapter        text not null default '',
    raw            bytea not null
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
comment on table dg.parked is
    'Reports that wait for a parent (uscc, parent_record, parent_id). report: the packed Report after '
    'normalisation; receipt_*: where the second receipt goes; raw and the four before it: as it was sent, for '
    'the quarantine if no parent comes.';
create index parked_parent on dg.parked (uscc, parent_record, parent_id);
create index parked_expiry on dg.parked (expires_at);

create table dg.late_receipt (
    no          bigint generated always as identity primary key,
    lane        integer not null,
    batch_no    bigint not null,
    topic       text not null,
    correlation bytea,
    received_at timestamptz not null,
    index       integer not null,
    msg_id      text not null,
    record      text not null,
    id          text not null,
    verdict     text not null,
    ledger_no   bigint not null,
    hash        bytea not null,
    reason      text,
    field       text,
    label_zh    text,
    label_en    text,
    value       text
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
comment on table dg.late_receipt is
    'Second receipts of parked reports, one item each. Published by the owner of the lane, deleted after the '
    'broker''s PUBACK.';

------------------------------------------------------------------------------------------------------
-- feeds
------------------------------------------------------------------------------------------------------

create table dg.outbox (
    feed_seq    bigint primary key,
    prev        bigint not null,
    sector      text not null,
    township    text not null,
    record      text not null,
    ledger_no   bigint not null,
    accepted_at timestamptz not null,
    hash        bytea not null,
    payload     bytea not null
);
comment on table dg.outbox is
    'Every report that became stored, in commit order, dense. payload: the packed Report. The one source of '
    'feeds, notices and the way up. prev: the feed_seq before on (sector, township, record).';

create table dg.feed_head (
    sector   text not null,
    township text not null,
    record   text not null,
    last_seq bigint not null,
    primary key (sector, township, record)
) with (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_threshold = 1000,
        autovacuum_vacuum_cost_delay = 0);
comment on table dg.feed_head is 'The last feed_seq per feed topic.';

create table dg.feed_cursor (
    name     text primary key,
    feed_seq bigint not null default 0
) with (fillfactor = 10);
comment on table dg.feed_cursor is 'How far a reader of the outbox has come; moved after the broker''s PUBACK.';
insert into dg.feed_cursor (name) values ('feed');

------------------------------------------------------------------------------------------------------
-- quarantine, raw bytes, audit, outages
------------------------------------------------------------------------------------------------------

create table exchange.quarantine (
    id                bigint generated always as identity primary key,
    publisher         text not null,
    topic             text not null,
    sector            text not null default '',
    division          text not null default '',
    record            text,
    reason            text not null,
    field             text,
    value             text,
    text              text not null,
    text_en           text not null default '',
    payload           bytea not null,
    payload_sha256    bytea not null,
    content_type      text not null default '',
    charset           text not null default '',
    adapter           text not null default '',
    state             text not null default 'NEW' check (state in ('NEW', 'REQUEUED', 'DONE')),
    times             integer not null default 1,
    first_received_at timestamptz not null default now(),
    received_at       timestamptz not null default now(),
    unique (publisher, topic, payload_sha256)
) with (fillfactor = 90);
comment on table exchange.quarantine is
    'What was rejected or in conflict, whole, with its reason. A redelivery adds no row, only to times.';
select dg.expose('exchange.quarantine');

create table dg.raw (
    received_at  timestamptz not null,
    lane         integer not null,
    batch_no     bigint not null,
    publisher    text not null,
    topic        text not null,
    content_type text not null default '',
    payload_sha256 bytea not null,
    payload      bytea not null
) partition by range (received_at);
comment on table dg.raw is 'Messages as they came, by day of Asia/Shanghai; pruned by dropping partitions.';
create index raw_batch on dg.raw using brin (lane, batch_no);
create table dg.raw_default partition of dg.raw default;
comment on table dg.raw_default is 'Messages of a day that has no partition yet.';

create function dg.raw_partition_ensure(day date) returns boolean
    language plpgsql security definer set search_path = pg_catalog as
$$
declare
    part constant text := 'raw_' || to_char(day, 'YYYYMMDD');
    from_at constant timestamptz := day::timestamp at time zone 'Asia/Shanghai';
    to_at constant timestamptz := (day + 1)::timestamp at time zone 'Asia/Shanghai';
begin
    perform pg_advisory_xact_lock(hashtext('dualgate.raw_partition'));
    if to_regclass(format('dg.%I', part)) is not null then
        return false;
    end if;
    execute format('create table dg.%I (like dg.raw including all)', part);
    execute format('comment on table dg.%I is %L', part, 'Messages of ' || day || ', Asia/Shanghai.');
    -- What came before the partition stood is moved into it, else attaching would be refused.
    lock table dg.raw_default in access exclusive mode;
    execute format('with moved as (delete from dg.raw_default where received_at >= $1 and received_at < $2'
                   ' returning *) insert into dg.%I select * from moved', part) using from_at, to_at;
    execute format('alter table dg.raw attach partition dg.%I for values from (%L) to (%L)',
                   part, from_at, to_at);
    return true;
end
$$;
comment on function dg.raw_partition_ensure is
    'Makes the partition of a day; call it daily for tomorrow. True when it was made. Not from the ingest transaction.';

create function dg.raw_prune(keep_days integer) returns integer
    language plpgsql security definer set search_path = pg_catalog as
$$
declare
    part text;
    dropped integer := 0;
    oldest constant date := (now() at time zone 'Asia/Shanghai')::date - keep_days;
begin
    if keep_days < 1 then
        raise exception 'keep_days must be at least 1' using errcode = 'invalid_parameter_value';
    end if;
    for part in
        select c.relname from pg_class c join pg_inherits i on i.inhrelid = c.oid
         where i.inhparent = 'dg.raw'::regclass and c.relname ~ '^raw_[0-9]{8}$'
           and to_date(substr(c.relname, 5), 'YYYYMMDD') < oldest
         order by c.relname
    loop
        execute format('drop table dg.%I', part);
        dropped := dropped + 1;
    end loop;
    delete from dg.raw_default where received_at < oldest::timestamp at time zone 'Asia/Shanghai';
    return dropped;
end
$$;
comment on function dg.raw_prune is 'Drops the days before the last keep_days; returns how many.';

create table dg.audit (
    no     bigint generated always as identity primary key,
    at     timestamptz not null default clock_timestamp(),
    who    text not null default session_user,
    verb   text not null,
    scope  text not null default '',
    detail jsonb
);
comment on table dg.audit is 'Acts of administrators and refusals; kept at least 184 days.';
create index audit_at on dg.audit (at);
grant select on dg.audit to dualgate_admin;
alter table dg.audit enable row level security;
create policy administrator on dg.audit for select to dualgate_admin using (true);

create function dg.audit_prune(keep_days integer) returns bigint
    language sql security definer set search_path = pg_catalog as
$$
    with gone as (
        delete from dg.audit where at < now() - make_interval(days => greatest(keep_days, 184)) returning 1)
    select count(*) from gone
$$;
comment on function dg.audit_prune is 'Deletes what is older than keep_days, never what is younger than 184 days.';

create table dg.outage (
    no      bigint generated always as identity primary key,
    lane    integer,
    what    text not null,
    from_at timestamptz not null,
    to_at   timestamptz,
    detail  text
);
comment on table dg.outage is 'Our own outages: reports that waited in the broker meanwhile are not late.';

------------------------------------------------------------------------------------------------------
-- rollups and figures
------------------------------------------------------------------------------------------------------

-- Kept up by the ingest transaction: for every report that becomes stored (at once, or when it is released)
-- and whose record's rule says counts_as_report, n grows by one in the month of its observed_at in
-- Asia/Shanghai; zero grows as well for a zero report. Sorted by key, one statement per batch:
--
--   insert into dg.unit_month as m (uscc, unit, month, sector, division, n, zero)
--   select … from unnest(…) order by 1, 2, 3
--   on conflict (uscc, unit, month) do update
--      set n = m.n + excluded.n, zero = m.zero + excluded.zero,
--          sector = excluded.sector, division = excluded.division;
create table dg.unit_month (
    uscc     text not null,
    unit     text not null default '',
    month    date not null check (extract(day from month) = 1),
    sector   text not null default '',
    division text not null default '',
    n        bigint not null default 0,
    zero     bigint not null default 0,
    primary key (uscc, unit, month)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.1);
comment on table dg.unit_month is
    'Accepted reports that fulfil the duty to report, by reporting unit and month (Asia/Shanghai).';
select dg.expose('dg.unit_month');

create function indicator.report_rate(of_month date)
    returns table (month date, township text, sector text, n bigint, d bigint)
    language sql stable set search_path = pg_catalog as
$$
    with bounds as (
        select date_trunc('month', of_month::timestamp)::date as first,
               (date_trunc('month', of_month::timestamp) + interval '1 month' - interval '1 day')::date as last)
    select b.first, "left"(u.division, 9), u.sector,
           count(*) filter (where r.n > 0), count(*)
      from bounds b
      join register.unit u
        on u.build_state in ('RUNNING', 'EFFECTIVE')
       and u.valid_from <= b.last and (u.valid_to is null or u.valid_to >= b.last)
      left join dg.unit_month r on r.uscc = u.uscc and r.unit = u.unit and r.month = b.first
     group by 1, 2, 3
     order by 1, 2, 3
$$;
comment on function indicator.report_rate is
    'By township and sector: n of d reporting units that are built and running (on the last day of the month) '
    'and have an accepted report or zero report observed in the month of Asia/Shanghai.';

grant execute on function indicator.report_rate(date)
    to dualgate_gateway, dualgate_admin, dualgate_org, dualgate_parent;
grant execute on function dg.raw_partition_ensure(date), dg.raw_prune(integer), dg.audit_prune(integer)
    to dualgate_gateway;
