-- The decision log: append-only rows, one gapless hash chain per subject.
--
--   entry: (nothing) --insert--> kept for ever          update, delete, truncate: refused
--   disclosure: (nothing) --insert--> kept --lawful erasure, with its log entry--> gone
--
-- Roles are cluster-wide, so they are made only where missing. The owner can never log in; the bot's role owns nothing.
do $$
begin
  if not exists (select from pg_roles where rolname = 'wardroom_owner') then create role wardroom_owner nologin; end if;
  if not exists (select from pg_roles where rolname = 'wardroom_app') then create role wardroom_app login; end if;
  if not exists (select from pg_roles where rolname = 'wardroom_auditor') then create role wardroom_auditor login; end if;
  if not exists (select from pg_roles where rolname = 'wardroom_sequencer') then
    create role wardroom_sequencer nologin;
    -- The bot takes this role on for the one transaction that grows the tree, and has none of its rights otherwise.
    alter role wardroom_app noinherit;
    grant wardroom_sequencer to wardroom_app;
  end if;
exception when duplicate_object or unique_violation then null; -- made at the same moment for another database
end $$;

revoke create on schema public from public;
grant usage, create on schema public to wardroom_owner;
grant usage on schema public to wardroom_app, wardroom_sequencer, wardroom_auditor;
create schema dlog authorization wardroom_owner;

set role wardroom_owner;

-- Each tenant sees its own rows only. The tenant is set in the statement that begins the transaction.
create function current_tenant() returns bigint language sql stable parallel safe
  as $$ select nullif(current_setting('wardroom.tenant', true), '')::bigint $$;

create table dlog.entry (
  id          bigint generated always as identity primary key, -- not the log's order; gaps are allowed
  tenant_id   bigint not null,
  subject     text not null check (subject ~ '^[A-Z]+(-[1-9][0-9]*)?$'),
  seq         integer not null check (seq > 0),                -- gapless per subject
  kind        text not null,
  recorded_at timestamptz not null default clock_timestamp(),
  xid         xid8 not null default pg_current_xact_id(),
  body        bytea not null check (octet_length(body) <= 65535), -- the exact RFC 8785 bytes that are hashed
  leaf_hash   bytea not null generated always as (sha256('\x00'::bytea || body)) stored,
  unique (tenant_id, subject, seq)
);

-- Names and free text: salted disclosures beside the chain, the only part that may be erased.
create table dlog.disclosure (
  tenant_id  bigint not null,
  entry_id   bigint not null references dlog.entry (id) on delete restrict,
  digest     bytea not null,
  person     text,            -- whose personal data it is, for a request of erasure
  disclosure bytea not null,  -- exact bytes: ["<salt>","name",value]
  primary key (entry_id, digest),
  check (digest = sha256(disclosure))
);

create function dlog.deny() returns trigger language plpgsql as $$
begin
  raise exception 'the decision log is append-only: % on %.% is refused', tg_op, tg_table_schema, tg_table_name
    using errcode = '55000';
end $$;

create trigger no_change before update or delete on dlog.entry for each row execute function dlog.deny();
create trigger no_truncate before truncate on dlog.entry for each statement execute function dlog.deny();
create trigger no_change before update or delete on dlog.disclosure for each row execute function dlog.deny();
create trigger no_truncate before truncate on dlog.disclosure for each statement execute function dlog.deny();
alter table dlog.entry enable always trigger no_change;
alter table dlog.entry enable always trigger no_truncate;
alter table dlog.disclosure enable always trigger no_change;
alter table dlog.disclosure enable always trigger no_truncate;

-- "No state change without its log entry": a row whose version has no entry of the same transaction is refused at
-- commit, and so is a row that goes without one. Runs as the owner, who sees every tenant's entries.
create function dlog.must_log() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  if tg_op = 'DELETE' then
    if not exists (
      select from dlog.entry e
      where e.tenant_id = old.tenant_id and e.subject = old.subject and e.seq > old.version
        and e.xid = pg_current_xact_id()
    ) then
      raise exception '% of % was deleted without a log entry in the same transaction', tg_table_name, old.subject
        using errcode = '55000';
    end if;
    return null;
  end if;
  if tg_op = 'UPDATE' and new.version <= old.version then
    raise exception '% %: version must grow', tg_table_name, new.subject using errcode = '55000';
  end if;
  if not exists (
    select from dlog.entry e
    where e.tenant_id = new.tenant_id and e.subject = new.subject and e.seq = new.version
      and e.xid = pg_current_xact_id()
  ) then
    raise exception '% of % changed to version % without a log entry in the same transaction',
      tg_table_name, new.subject, new.version using errcode = '55000';
  end if;
  return null;
end $$;

-- Puts a table of state under both guards: its tenant's eyes only, and no change without its entry.
create procedure dlog.guard(state regclass) language plpgsql as $$
begin
  execute format('create constraint trigger must_log after insert or update or delete on %s '
                 'deferrable initially deferred for each row execute function dlog.must_log()', state);
  execute format('alter table %s enable always trigger must_log', state);
  call dlog.isolate(state);
end $$;

-- Row-level security by tenant, for tables that the log does not speak of too.
create procedure dlog.isolate(state regclass) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', state);
  execute format('create policy tenant on %s to wardroom_app, wardroom_sequencer '
                 'using (tenant_id = public.current_tenant())', state);
  execute format('create policy audit on %s for select to wardroom_auditor using (true)', state);
  execute format('grant select on %s to wardroom_auditor', state);
end $$;

call dlog.isolate('dlog.entry');
call dlog.isolate('dlog.disclosure');

grant usage on schema dlog to wardroom_app, wardroom_sequencer, wardroom_auditor;
grant select on dlog.entry to wardroom_sequencer;
-- Named columns: the bot cannot set recorded_at or xid, so it cannot date an entry back.
grant select, insert (tenant_id, subject, seq, kind, body) on dlog.entry to wardroom_app;
grant select, insert on dlog.disclosure to wardroom_app;

reset role;
