-- SPDX-License-Identifier: Apache-2.0
-- Runs at the start of every `dualgate migrate`, as the connecting role, and must change nothing when all
-- is in place. For: what must exist before a migration can be recorded, and what belongs to the whole
-- server (login roles). Not for: tables of the product. Passwords are never set here.

do $$
declare
    want record;
begin
    for want in
        select * from (values
            ('dualgate_owner',   'nologin'),
            ('dualgate_gateway', 'login bypassrls'),
            ('dualgate_admin',   'login'),
            ('dualgate_parent',  'login'),
            ('dualgate_org',     'nologin')) as r (name, attributes)
    loop
        if not exists (select from pg_catalog.pg_roles where rolname = want.name) then
            begin
                execute format('create role %I %s', want.name, want.attributes);
            exception when duplicate_object or unique_violation then
                null; -- another database of this server is being migrated at the same moment
            end;
        end if;
    end loop;
end
$$;

do $$
begin
    if not pg_catalog.pg_has_role(current_user, 'dualgate_owner', 'member') then
        raise exception 'role % may not act as dualgate_owner', current_user
            using errcode = 'insufficient_privilege',
                  hint = 'Connect as a superuser, or: grant dualgate_owner to ' || quote_ident(current_user);
    end if;
    if not exists (select from pg_catalog.pg_roles where rolname = 'dualgate_gateway' and rolbypassrls) then
        raise exception 'role dualgate_gateway lacks the attribute BYPASSRLS'
            using hint = 'As a superuser: alter role dualgate_gateway bypassrls';
    end if;
    if not pg_catalog.has_database_privilege('dualgate_owner', current_database(), 'create') then
        execute format('grant create, temporary on database %I to dualgate_owner', current_database());
    end if;
    if not exists (select from pg_catalog.pg_namespace where nspname = 'dg') then
        execute 'create schema dg authorization dualgate_owner';
    end if;
end
$$;

set local role dualgate_owner;

do $$
begin
    if to_regclass('dg.migration') is null then
        create table dg.migration (
            no          integer primary key,
            name        text not null,
            checksum    text not null,
            applied_by  text not null default session_user,
            applied_at  timestamptz not null default now()
        );
        comment on table dg.migration is
            'Migrations applied to this database: number, file name, SHA-256 of the file as applied.';
    end if;
end
$$;
