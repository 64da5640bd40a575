-- Blocking concerns of voters. A row for raising one and a row for resolving it, each an insert, as ballots are: an open
-- one is a row that no other settles.
set role wardroom_owner;

create table concern (
  tenant_id bigint not null references tenant,
  subject   text not null,
  version   integer not null,
  revision  integer not null,
  person    text not null,
  settles   integer,            -- version of the row that it resolves; null: it raises one
  why       text,               -- null: none given, or erased
  platform  text not null check (platform in ('slack', 'discord')),
  said_at   timestamptz not null,
  primary key (tenant_id, subject, version),
  foreign key (tenant_id, subject, settles) references concern (tenant_id, subject, version)
);
-- A concern is resolved once.
create unique index concern_settled on concern (tenant_id, subject, settles) where settles is not null;

call dlog.guard('concern');
grant select, insert on concern to wardroom_app;
grant update (why) on concern to wardroom_app;

-- As before, and: the reason of a concern may go with its disclosure, and its row keeps its version too.
create or replace function dlog.must_log() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
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
    if tg_table_name in ('ballot', 'approval', 'freeze_override', 'concern')
      and to_jsonb(new) - 'why' = to_jsonb(old) - 'why' and to_jsonb(new) -> 'why' = 'null'
      and exists (
        select from dlog.entry e
        where e.kind = 'payload.erased' and e.xid = pg_current_xact_id()
          and e.tenant_id = new.tenant_id and e.subject = new.subject
      )
    then
      return null;
    end if;
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

reset role;
