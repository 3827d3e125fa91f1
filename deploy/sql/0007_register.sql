-- SPDX-License-Identifier: Apache-2.0
-- Lists of source organisations and how they merge; history of the register; targets and milestones.

------------------------------------------------------------------------------------------------------
-- more of entities, sectors and divisions
------------------------------------------------------------------------------------------------------

alter table register.entity
    add column co_sectors text[] not null default '{}',
    add column profile text,
    add column phone text;
-- The column that is refused stands in the constraint's name: imports tell it.
alter table register.entity rename constraint entity_check to entity_valid_to_check;
alter table register.unit rename constraint unit_check to unit_valid_to_check;
comment on column register.entity.co_sectors is
    'Sectors whose departments have a hand in it too; the lead is sector. Counted once all the same.';
comment on column register.entity.profile is 'Profile of duties where it is not the one that follows from sector and size.';
comment on column register.entity.phone is 'Of the principal: personal data.';

alter table register.sector add column aliases text[] not null default '{}';
comment on column register.sector.aliases is 'Other words that lists use for it.';
alter table register.division add column aliases text[] not null default '{}';
comment on column register.division.aliases is 'Other names that lists use for it.';

-- What was set for unit '' by hand stays.
update register.entity e
   set co_sectors = u.co_sectors, profile = u.profile
  from register.unit u
 where u.uscc = e.uscc and u.unit = '' and (u.co_sectors <> '{}' or u.profile is not null);

create or replace function register.entity_unit() returns trigger
    language plpgsql security definer set search_path = pg_catalog as
$$
begin
    insert into register.unit as u (uscc, unit, name, division, sector, co_sectors, profile, build_state,
                                    valid_from, valid_to)
    values (new.uscc, '', new.name, new.division, new.sector, new.co_sectors, new.profile, new.build_state,
            new.valid_from, new.valid_to)
    on conflict (uscc, unit) do update
       set name = excluded.name, division = excluded.division, sector = excluded.sector,
           co_sectors = excluded.co_sectors, profile = excluded.profile,
           build_state = excluded.build_state, valid_from = excluded.valid_from, valid_to = excluded.valid_to;
    return null;
end
$$;

-- Once a transaction: a row that one transaction updates thousands of times is slower each time.
create or replace function register.bump() returns trigger
    language plpgsql security definer set search_path = pg_catalog as
$$
begin
    if current_setting('dualgate.bumped', true) is distinct from pg_current_xact_id()::text then
        update register.version set n = n + 1;
        perform set_config('dualgate.bumped', pg_current_xact_id()::text, true);
    end if;
    return null;
end
$$;

------------------------------------------------------------------------------------------------------
-- history: what the register said on a day
------------------------------------------------------------------------------------------------------

create table register.entity_history (
    id          bigint generated always as identity primary key,
    uscc        text not null,
    unit        text not null default '',
    division    text not null,
    sector      text not null,
    from_on     date not null,
    to_on       date,
    body        jsonb not null,
    recorded_at timestamptz not null default now(),
    recorded_by text not null default session_user
);
create table register.unit_history (like register.entity_history including all);
create index entity_history_uscc on register.entity_history (uscc, unit, id desc);
create index unit_history_uscc on register.unit_history (uscc, unit, id desc);
comment on table register.entity_history is
    'Every version of an entity. It counts from from_on up to the day before to_on; a version that was '
    'corrected for its whole time has to_on = from_on. Written by a trigger.';
comment on table register.unit_history is 'Every version of a reporting unit, as register.entity_history.';
select dg.expose('register.entity_history');
select dg.expose('register.unit_history');

create function register.effective_on() returns date
    language sql stable set search_path = pg_catalog as
$$
    select coalesce(nullif(current_setting('dualgate.effective_on', true), '')::date,
                    (now() at time zone 'Asia/Shanghai')::date)
$$;
comment on function register.effective_on is
    'From which day a change of the register counts: setting dualgate.effective_on, else today in Asia/Shanghai.';

-- The first version of a row counts as far back as the row is valid.
create function register.keep_history() returns trigger
    language plpgsql security definer set search_path = pg_catalog as
$$
declare
    r       jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
    unit    text := coalesce(r ->> 'unit', '');
    history text := tg_table_name || '_history';
    since   date := register.effective_on();
    known   boolean;
begin
    execute format('select exists (select from register.%I where uscc = $1 and unit = $2)', history)
       into known using r ->> 'uscc', unit;
    execute format('update register.%I set to_on = greatest(from_on, $3)'
                   ' where uscc = $1 and unit = $2 and (to_on is null or to_on > $3)', history)
      using r ->> 'uscc', unit, since;
    if tg_op <> 'DELETE' then
        execute format('insert into register.%I (uscc, unit, division, sector, from_on, body)'
                       ' values ($1, $2, $3, $4, $5, $6)', history)
          using r ->> 'uscc', unit, r ->> 'division', r ->> 'sector',
                case when known then since else '-infinity' end, r;
    end if;
    return null;
end
$$;
comment on function register.keep_history is 'Trigger: closes the version that was and opens the one that is.';

create trigger keep_history_of_rows after insert or delete on register.entity
    for each row execute function register.keep_history();
create trigger keep_history_of_changes after update on register.entity
    for each row when (old.* is distinct from new.*) execute function register.keep_history();
create trigger keep_history_of_rows after insert or delete on register.unit
    for each row execute function register.keep_history();
create trigger keep_history_of_changes after update on register.unit
    for each row when (old.* is distinct from new.*) execute function register.keep_history();

insert into register.entity_history (uscc, division, sector, from_on, body)
select uscc, division, sector, '-infinity', to_jsonb(e) from register.entity e;
insert into register.unit_history (uscc, unit, division, sector, from_on, body)
select uscc, unit, division, sector, '-infinity', to_jsonb(u) from register.unit u;

-- Validity is what is known of it now; everything else is what was said for that day.
create function register.entity_as_of(on_day date) returns setof register.entity
    language sql stable set search_path = pg_catalog as
$$
    select e.*
      from register.entity_history h
     cross join lateral (select l.body from register.entity_history l
                          where l.uscc = h.uscc order by l.id desc limit 1) l
     cross join lateral jsonb_populate_record(null::register.entity, h.body || jsonb_build_object(
                            'valid_from', l.body -> 'valid_from', 'valid_to', l.body -> 'valid_to')) e
     where h.from_on <= on_day and (h.to_on is null or h.to_on > on_day)
       and e.valid_from <= on_day and (e.valid_to is null or e.valid_to >= on_day)
$$;
comment on function register.entity_as_of is 'The entities that were valid on a day, as the register has them for it.';

create function register.unit_as_of(on_day date) returns setof register.unit
    language sql stable set search_path = pg_catalog as
$$
    select u.*
      from register.unit_history h
     cross join lateral (select l.body from register.unit_history l
                          where l.uscc = h.uscc and l.unit = h.unit order by l.id desc limit 1) l
     cross join lateral jsonb_populate_record(null::register.unit, h.body || jsonb_build_object(
                            'valid_from', l.body -> 'valid_from', 'valid_to', l.body -> 'valid_to')) u
     where h.from_on <= on_day and (h.to_on is null or h.to_on > on_day)
       and u.valid_from <= on_day and (u.valid_to is null or u.valid_to >= on_day)
$$;
comment on function register.unit_as_of is 'The reporting units that were valid on a day, as the register has them for it.';
grant execute on function register.effective_on(), register.entity_as_of(date), register.unit_as_of(date)
    to dualgate_gateway, dualgate_admin, dualgate_org, dualgate_parent;

------------------------------------------------------------------------------------------------------
-- lists of source organisations
------------------------------------------------------------------------------------------------------

create table register.source_list (
    id            bigint generated always as identity primary key,
    org           text not null references register.org,
    name          text not null default '',
    kind          text not null check (kind in ('entity', 'unit')),
    file          text not null,
    encoding      text not null,
    sha256        bytea not null,
    headings      jsonb not null,
    assumed       jsonb not null default '{}',
    rows          integer not null,
    bad           integer not null,
    imported_at   timestamptz not null default now(),
    imported_by   text not null default session_user,
    superseded_at timestamptz,
    superseded_by bigint references register.source_list
);
create unique index source_list_current on register.source_list (org, kind, name) where superseded_at is null;
comment on table register.source_list is
    'Lists of entities or units as organisations brought them; a newer one of the same org, kind and name '
    'supersedes the older, which is kept.';
comment on column register.source_list.headings is 'Of the columns in their order: [{"heading", "column"}].';
comment on column register.source_list.assumed is
    'What a list without such a column says by whose it is: a township''s division, the one sector of a department.';

create table register.source_row (
    list        bigint not null references register.source_list on delete cascade,
    line        integer not null,
    org         text not null,
    cells       jsonb not null,
    vals        jsonb not null default '{}',
    bad         text[] not null default '{}',
    problem     jsonb not null default '[]',
    state       text not null default 'NEW' check (state in ('NEW', 'MERGED', 'UNRESOLVED')),
    why         text[] not null default '{}',
    uscc        text generated always as (vals ->> 'uscc') stored,
    unit        text generated always as (coalesce(vals ->> 'unit', '')) stored,
    name        text generated always as (vals ->> 'name') stored,
    division    text generated always as (vals ->> 'division') stored,
    sector      text generated always as (vals ->> 'sector') stored,
    size_class  text generated always as (vals ->> 'size_class') stored,
    above_scale text generated always as (vals ->> 'above_scale') stored,
    primary key (list, line)
);
create index source_row_uscc on register.source_row (uscc, unit);
comment on table register.source_row is
    'Rows of the lists. cells: as they stood in the file, in the order of headings; vals: what was read; '
    'bad: the columns that could not be; problem: [{"column", "value", "text"}].';
comment on column register.source_row.state is
    'NEW since the import; MERGED: the register says what the merge made of it; UNRESOLVED: it counts nowhere, '
    'and why says so.';

-- A list is seen by whoever may see its rows, and by the organisation that brought it.
alter table register.source_list enable row level security;
create policy everyone on register.source_list for select to dualgate_org, dualgate_parent using (true);
create policy administrator on register.source_list to dualgate_admin using (true) with check (true);
grant select on register.source_list to dualgate_org, dualgate_parent;
grant select, insert, update on register.source_list to dualgate_admin;
select dg.expose('register.source_row');
create policy own_list on register.source_row for select to dualgate_org using ('org_' || org = current_user);
create policy administrator_writes on register.source_row to dualgate_admin using (true) with check (true);
grant insert, update on register.source_row to dualgate_admin;

create view register.unresolved with (security_invoker = true) as
    select r.org, l.name as list, l.kind, r.line, r.uscc, r.unit, r.name, r.division, r.sector, r.size_class,
           r.state, r.why, r.problem, l.imported_at
      from register.source_row r
      join register.source_list l on l.id = r.list
     where l.superseded_at is null and r.state <> 'MERGED';
comment on view register.unresolved is
    'Rows of the current lists that are not in the register: they count in no denominator until they are resolved.';
grant select on register.unresolved to dualgate_gateway, dualgate_admin, dualgate_org, dualgate_parent;

create table register.precedence (
    field    text primary key,
    deciders text[] not null
             check (deciders <@ array['COMMITTEE', 'LEAD', 'CO', 'TOWNSHIP']),
    blocking boolean not null default false,
    note     text
);
comment on table register.precedence is
    'Whose list decides where lists differ, the first first. COMMITTEE: the committee office; LEAD, CO: lead and '
    'co-organisation of the sector; TOWNSHIP: that of the division. Where nobody decides, a field that is '
    'blocking leaves the row unresolved; any other stays as the register has it. presence: who may bring an '
    'entity or unit that stands in no other list.';
insert into register.precedence (field, deciders, blocking, note) values
    ('presence',     '{COMMITTEE,LEAD}',             true,  'in one list only'),
    ('name',         '{COMMITTEE,LEAD}',             true,  'the same code with another name may be another firm'),
    ('division',     '{COMMITTEE,TOWNSHIP}',         true,  'a township knows whom it has'),
    ('sector',       '{COMMITTEE,LEAD}',             true,  'a department knows whom it leads'),
    ('co_sectors',   '{COMMITTEE,LEAD}',             true,  null),
    ('size_class',   '{COMMITTEE,LEAD}',             true,  'decides what is owed'),
    ('above_scale',  '{COMMITTEE,LEAD}',             true,  'decides what is owed'),
    ('tier',         '{COMMITTEE,LEAD}',             true,  'decides what is owed'),
    ('profile',      '{COMMITTEE,LEAD}',             true,  'decides what is owed'),
    ('build_state',  '{COMMITTEE,LEAD}',             true,  'decides who counts'),
    ('scope',        '{COMMITTEE,LEAD}',             true,  null),
    ('valid_from',   '{COMMITTEE,LEAD}',             true,  'decides who counts'),
    ('valid_to',     '{COMMITTEE,LEAD}',             true,  'decides who counts'),
    ('kind',         '{COMMITTEE,LEAD,TOWNSHIP}',    false, null),
    ('industry',     '{COMMITTEE,LEAD,CO,TOWNSHIP}', false, null),
    ('staff',        '{COMMITTEE,LEAD,TOWNSHIP}',    false, null),
    ('tags',         '{COMMITTEE,LEAD}',             false, null),
    ('company_code', '{COMMITTEE,LEAD}',             false, null),
    ('address',      '{COMMITTEE,TOWNSHIP,LEAD}',    false, null),
    ('lat',          '{COMMITTEE,TOWNSHIP,LEAD}',    false, null),
    ('lon',          '{COMMITTEE,TOWNSHIP,LEAD}',    false, null),
    ('principal',    '{COMMITTEE,LEAD,TOWNSHIP}',    false, null),
    ('phone',        '{COMMITTEE,LEAD,TOWNSHIP}',    false, null),
    ('safety_head',  '{COMMITTEE,LEAD,TOWNSHIP}',    false, null);

------------------------------------------------------------------------------------------------------
-- targets and milestones of a plan
------------------------------------------------------------------------------------------------------

create table register.target (
    plan_doc_no text not null,
    indicator   text not null,
    scope       text not null default '',
    numerator   integer not null check (numerator >= 0),
    denominator integer not null check (denominator > 0),
    note        text,
    valid_from  date not null default '1949-10-01',
    valid_to    date,
    primary key (plan_doc_no, indicator, scope, valid_from),
    constraint target_numerator_most check (numerator <= denominator),
    constraint target_valid_to_check check (valid_to >= valid_from)
);
comment on table register.target is
    'What a plan demands of an indicator: at least numerator of denominator, compared in whole numbers. '
    'scope '''' is everything; C1 to C5 is a rule of coverage; else a sector.';

create table register.milestone (
    plan_doc_no text not null,
    code        text not null,
    name        text not null,
    due_on      date not null,
    subject     text not null default 'ORG' check (subject in ('ORG', 'UNIT')),
    note        text,
    valid_from  date not null default '1949-10-01',
    valid_to    date,
    primary key (plan_doc_no, code),
    constraint milestone_valid_to_check check (valid_to >= valid_from)
);
comment on table register.milestone is 'What a plan wants done by when, and by whom: organisations or reporting units.';

do $$
declare
    t text;
begin
    foreach t in array array['precedence', 'target', 'milestone']
    loop
        execute format('alter table register.%I enable row level security', t);
        execute format('create policy administrator on register.%I to dualgate_admin'
                       ' using (true) with check (true)', t);
        execute format('create policy everyone on register.%I for select'
                       ' to dualgate_org, dualgate_parent using (true)', t);
        execute format('grant select on register.%I to dualgate_org, dualgate_parent', t);
        execute format('grant select, insert, update, delete on register.%I to dualgate_admin', t);
    end loop;
end
$$;

------------------------------------------------------------------------------------------------------
-- suspensions that exempt from duties
------------------------------------------------------------------------------------------------------

-- What a unit writes of itself confirms nothing: the newest version of an organisation has the same dates, and
-- takes nothing back. to_date is the day on which work begins again.
create function register.suspension_in_force(on_day date)
    returns table (uscc text, unit text, township text, sector text, from_date date, to_date date, reason text,
                   confirmed_by text, ledger_no bigint)
    language sql stable set search_path = pg_catalog as
$$
    select s.uscc, s.unit, s.township, s.sector, s.from_date, s.to_date, s.reason, c.publisher, c.ledger_no
      from exchange.suspension s
     cross join lateral (
           select l.publisher, l.ledger_no, h.deleted, h.from_date, h.to_date
             from exchange.suspension_history h
             join dg.ledger l on l.ledger_no = h.ledger_no
             join register.org o on o.code = l.publisher
            where h.uscc = s.uscc and h.id = s.id
            order by h.observed_at desc, h.source_system collate "C" desc, h.source_seq desc, h.ledger_no desc
            limit 1) c
     where not s.deleted and s.from_date <= on_day and (s.to_date is null or s.to_date > on_day)
       and not c.deleted and c.from_date = s.from_date and c.to_date is not distinct from s.to_date
$$;
comment on function register.suspension_in_force is
    'Suspensions of reporting units in force on a day, as a department or township confirmed them.';
create view register.suspension_in_force with (security_invoker = true) as
    select * from register.suspension_in_force((now() at time zone 'Asia/Shanghai')::date);
comment on view register.suspension_in_force is 'Those of today; the function of this name asks for another day.';
grant execute on function register.suspension_in_force(date)
    to dualgate_gateway, dualgate_admin, dualgate_org, dualgate_parent;
grant select on register.suspension_in_force to dualgate_gateway, dualgate_admin, dualgate_org, dualgate_parent;
