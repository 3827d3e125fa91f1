-- SPDX-License-Identifier: Apache-2.0
-- Code systems with editions, the calendar of working days, rules of deadlines.

------------------------------------------------------------------------------------------------------
-- codes
------------------------------------------------------------------------------------------------------

create table register.code_system (
    system      text not null check (system ~ '^[a-z0-9_]{1,64}$'),
    version     text not null check (version <> '' and length(version) <= 32),
    name        text not null,
    valid_from  date not null default '1949-10-01',
    valid_to    date,
    complete    boolean not null default true,
    source      text,
    note        text,
    primary key (system, version),
    constraint code_system_valid_to_check check (valid_to >= valid_from)
);
comment on table register.code_system is 'Editions of code systems: GB/T 4754, GB 6441, …';
comment on column register.code_system.valid_to is 'The last day in force.';
comment on column register.code_system.complete is
    'False: the table is known to lack codes. One that it lacks is a finding then, and no rejection, as long '
    'as the code above it is there.';

create table register.code (
    system   text not null,
    version  text not null,
    code     text not null check (code <> '' and length(code) <= 64),
    name     text not null,
    parent   text,
    sector   text,
    primary key (system, version, code),
    foreign key (system, version) references register.code_system on update cascade on delete cascade
);
comment on table register.code is 'The codes of each edition. sector: whose department usually leads, where one does.';

create table register.code_map (
    system        text not null,
    from_version  text not null,
    from_code     text not null,
    to_version    text not null,
    to_code       text not null,
    primary key (system, from_version, from_code, to_version),
    constraint code_map_from_code_fkey foreign key (system, from_version, from_code)
        references register.code on update cascade on delete cascade,
    constraint code_map_to_code_fkey foreign key (system, to_version, to_code)
        references register.code on update cascade on delete cascade
);
comment on table register.code_map is
    'What a code of one edition became in another, where that is one code. Nothing stored is rewritten by it.';
create index code_map_to on register.code_map (system, to_version, to_code);

------------------------------------------------------------------------------------------------------
-- calendar
------------------------------------------------------------------------------------------------------

create table register.calendar_year (
    year    integer primary key check (year between 1949 and 2200),
    source  text not null
);
comment on table register.calendar_year is
    'Years whose days are known in full. A deadline that touches any other year is an error, never a guess.';

create table register.calendar_day (
    day   date primary key,
    kind  text not null check (kind in ('WORKDAY', 'HOLIDAY')),
    name  text not null default ''
);
comment on table register.calendar_day is
    'Days that are not what their place in the week says: holidays from Monday to Friday, and Saturdays and '
    'Sundays on which people work.';

create function register.is_working_day(day date) returns boolean
    language plpgsql stable set search_path = pg_catalog as
$$
declare
    found_kind text;
begin
    if not exists (select from register.calendar_year y where y.year = extract(year from is_working_day.day)) then
        raise exception 'the calendar has no data for the year %', extract(year from is_working_day.day)
            using errcode = 'no_data_found',
                  hint = 'Import the year''s holidays and working Saturdays (kind calendar_day), then the year '
                         '(kind calendar_year).';
    end if;
    select d.kind into found_kind from register.calendar_day d where d.day = is_working_day.day;
    return case found_kind when 'WORKDAY' then true
                           when 'HOLIDAY' then false
                           else extract(isodow from is_working_day.day) < 6 end;
end
$$;
comment on function register.is_working_day is 'Whether people work on a day; an error in a year without data.';

create function register.add_working_days(day date, n integer) returns date
    language plpgsql stable set search_path = pg_catalog as
$$
declare
    step constant integer := sign(n);
    left_over integer := abs(n);
begin
    if left_over > 10000 then
        raise exception '% working days are too many', n using errcode = 'numeric_value_out_of_range';
    end if;
    while left_over > 0 loop
        day := day + step;
        if register.is_working_day(day) then
            left_over := left_over - 1;
        end if;
    end loop;
    return day;
end
$$;
comment on function register.add_working_days is
    'The n-th working day after a day, which itself does not count; before it when n is negative.';

------------------------------------------------------------------------------------------------------
-- deadlines
------------------------------------------------------------------------------------------------------

create table register.deadline_rule (
    code      text primary key check (code ~ '^[A-Z][A-Z0-9_]{0,63}$'),
    event     text not null,
    n         integer,
    unit      text not null check (unit in ('CALENDAR_DAYS', 'WORKING_DAYS', 'HOURS', 'MONTHS')),
    source    text,
    evidence  text not null default 'SET' check (evidence in ('READ', 'KNOWN', 'OPEN', 'SET')),
    note      text,
    constraint deadline_rule_n_check check (n is not null or evidence = 'OPEN')
);
comment on table register.deadline_rule is 'Terms of rules: n units after (or, negative, before) an event.';
comment on column register.deadline_rule.evidence is
    'READ: the norm was read; KNOWN: known, not read; OPEN: not established, n may be absent; SET: the district''s own.';

-- A deadline counted in days, working days or months ends with its last day, at 24:00 in Asia/Shanghai; one in
-- hours ends to the second.
create function register.deadline(rule text, since timestamptz) returns timestamptz
    language plpgsql stable set search_path = pg_catalog as
$$
declare
    r register.deadline_rule;
    first_day date := (since at time zone 'Asia/Shanghai')::date;
    last_day date;
begin
    select * into r from register.deadline_rule d where d.code = rule;
    if not found then
        raise exception 'there is no deadline rule %', rule using errcode = 'no_data_found';
    end if;
    if r.n is null then
        raise exception 'deadline rule % has no figure yet', rule
            using errcode = 'no_data_found', hint = 'Set n of register.deadline_rule once the norm is known.';
    end if;
    if r.unit = 'HOURS' then
        return since + make_interval(hours => r.n);
    end if;
    last_day := case r.unit
                    when 'CALENDAR_DAYS' then first_day + r.n
                    when 'WORKING_DAYS' then register.add_working_days(first_day, r.n)
                    else (first_day + make_interval(months => r.n))::date
                end;
    return (last_day + 1)::timestamp at time zone 'Asia/Shanghai';
end
$$;
comment on function register.deadline(text, timestamptz) is
    'The instant at which a term of a rule has run out: late is what comes at or after it.';

create function register.deadline(rule text, since date) returns timestamptz
    language sql stable set search_path = pg_catalog as
$$
    select register.deadline(rule, since::timestamp at time zone 'Asia/Shanghai')
$$;
comment on function register.deadline(text, date) is 'The same from the beginning of a day in Asia/Shanghai.';

------------------------------------------------------------------------------------------------------
-- rights, and the version of the register
------------------------------------------------------------------------------------------------------

-- Once a transaction is enough: an import of thousands of rows else waits for thousands of dead versions.
create or replace function register.bump() returns trigger
    language plpgsql security definer set search_path = pg_catalog as
$$
begin
    update register.version set n = n + 1 where xmin <> pg_current_xact_id()::xid;
    return null;
end
$$;

do $$
declare
    t text;
begin
    foreach t in array array['code_system', 'code', 'code_map', 'calendar_year', 'calendar_day', 'deadline_rule']
    loop
        execute format('create trigger bump after insert or update or delete or truncate'
                       ' on register.%I for each statement execute function register.bump()', t);
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
grant execute on function register.is_working_day(date), register.add_working_days(date, integer),
                          register.deadline(text, timestamptz), register.deadline(text, date)
    to dualgate_gateway, dualgate_admin, dualgate_org, dualgate_parent;
