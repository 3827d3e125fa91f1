-- SPDX-License-Identifier: Apache-2.0
-- Photos and documents by content hash. Records hold "sha256:<hex>"; the bytes stand here once, however many
-- records name them.

create table dg.attachment (
    hash          bytea primary key check (length(hash) = 32),
    media_type    text not null check (media_type in ('image/png', 'image/jpeg', 'application/pdf')),
    size          integer not null check (size > 0),
    bytes         bytea not null,
    first_seen_at timestamptz not null,
    ledger_no     bigint not null
);
-- Pictures are compressed already; uncompressed, a slice is read without the rest.
alter table dg.attachment alter column bytes set storage external;
comment on table dg.attachment is
    'Photos and documents. ledger_no: the report that brought it first.';

create table dg.attachment_ref (
    hash      bytea not null check (length(hash) = 32),
    ledger_no bigint not null,
    field     text not null,
    record    text not null,
    uscc      text not null,
    unit      text not null default '',
    id        text not null,
    sector    text not null,
    township  text not null,
    primary key (hash, ledger_no, field)
);
create index attachment_ref_record on dg.attachment_ref (uscc, record, id);
comment on table dg.attachment_ref is
    'Which version of which record names which attachment, whether it has arrived or not.';

-- Who may read the record may read what it names. Every combination of the eight that a grant can be, so that
-- the reach is computed once per statement.
create function dg.attachment_scopes(sector text, township text, record text) returns text[]
    language sql immutable parallel safe set search_path = pg_catalog as
$$
    select array_agg(s || ' ' || t || ' ' || r)
      from unnest(array['*', sector]) s, unnest(array['*', township]) t, unnest(array['*', record]) r
$$;
comment on function dg.attachment_scopes is 'The grants that reach a record: each part itself or *.';
grant execute on function dg.attachment_scopes(text, text, text) to dualgate_org, dualgate_parent;

alter table dg.attachment_ref enable row level security;
create policy organisation on dg.attachment_ref for select to dualgate_org, dualgate_parent
    using (dg.attachment_scopes(sector, township, record) &&
           array(select m.sector || ' ' || m.township || ' ' || m.record from dg.my_reach m));
create policy administrator on dg.attachment_ref for select to dualgate_admin using (true);
grant select on dg.attachment_ref to dualgate_org, dualgate_parent, dualgate_admin;

alter table dg.attachment enable row level security;
create policy organisation on dg.attachment for select to dualgate_org, dualgate_parent
    using (exists (select from dg.attachment_ref r where r.hash = attachment.hash));
create policy administrator on dg.attachment for select to dualgate_admin using (true);
grant select on dg.attachment to dualgate_org, dualgate_parent, dualgate_admin;

create view exchange.attachment with (security_invoker = true) as
    select encode(a.hash, 'hex') as hash, a.media_type, a.size, a.first_seen_at,
           (select count(*) from dg.attachment_ref r where r.hash = a.hash) as refs
      from dg.attachment a;
comment on view exchange.attachment is
    'Photos and documents; refs: how many versions of records that one may read name it.';
grant select on exchange.attachment to dualgate_org, dualgate_parent, dualgate_admin;

create view exchange.attachment_missing with (security_invoker = true) as
    select encode(r.hash, 'hex') as hash, r.record, r.uscc, r.unit, r.id, r.field, r.sector, r.township, r.ledger_no
      from dg.attachment_ref r
     where not exists (select from dg.attachment a where a.hash = r.hash);
comment on view exchange.attachment_missing is
    'What records name and nobody has sent yet; a row goes when it arrives.';
grant select on exchange.attachment_missing to dualgate_org, dualgate_parent, dualgate_admin;

-- A parked report that was rejected in the end names nothing; its rows go with the next pruning.
--
-- Against an ingest that names one just now: what is to go is locked first, then looked at again under a newer
-- snapshot. The ingest holds a key share lock on what it has found, or waits for ours and finds nothing.
create function dg.attachment_prune(keep_days integer, rows_max integer default 1000) returns integer
    language plpgsql security definer set search_path = pg_catalog as
$$
declare
    chosen bytea[];
    gone   integer;
begin
    if keep_days < 1 then
        raise exception 'keep_days must be at least 1' using errcode = 'invalid_parameter_value';
    end if;
    delete from dg.attachment_ref r using dg.ledger l
     where l.ledger_no = r.ledger_no and l.resolved_verdict = 'rejected';
    select array_agg(x.hash) into chosen
      from (select a.hash from dg.attachment a
             where a.first_seen_at < now() - make_interval(days => keep_days)
               and not exists (select from dg.attachment_ref r where r.hash = a.hash)
             order by a.hash limit rows_max for update skip locked) x;
    delete from dg.attachment a
     where a.hash = any (chosen)
       and not exists (select from dg.attachment_ref r where r.hash = a.hash);
    get diagnostics gone = row_count;
    return gone;
end
$$;
comment on function dg.attachment_prune is
    'Deletes what has been here for keep_days and no record names, head or history; returns how many.';
grant execute on function dg.attachment_prune(integer, integer) to dualgate_gateway;
