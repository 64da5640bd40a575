-- Freezes of changes, and the overrides that are granted from them. A major incident begins one with its declaration.
--
--   freeze:   scheduled -> active -> lifted ; scheduled -> cancelled
--             of a major: active (major) -> active (stabilising) when the incident is over -> lifted, once, by time or hand
--   override: requested -> granted -> used | expired ; requested -> denied ; requested, granted -> void
--   major:    declared (major_at) -> stood down (stood_down_at)
set role wardroom_owner;

alter table tenant add column next_freeze bigint not null default 1;

alter table incident
  add column major_at      timestamptz,   -- declared a major incident
  add column stood_down_at timestamptz;

-- "freeze" alone is a reserved word.
create table change_freeze (
  tenant_id     bigint not null references tenant,
  number        bigint not null,
  subject       text not null generated always as ('FRZ-' || number) stored,
  version       integer not null,
  kind          text not null check (kind in ('major', 'stabilising', 'business', 'manual')),
  hard          boolean not null,
  wide          boolean not null,         -- holds risky changes up outside of its scope too
  status        text not null check (status in ('scheduled', 'active', 'lifted', 'cancelled')),
  services      text[] not null,          -- empty: everything
  why           text not null,
  incident      bigint,                   -- the one that it protects
  created_by    text,
  created_at    timestamptz not null,
  starts_at     timestamptz not null,
  ends_at       timestamptz,              -- null: until its incident is over
  settling_from timestamptz,
  warned        boolean not null,
  notices       timestamptz[] not null,   -- when its beginning is still to be announced
  review_at     timestamptz,
  ended_at      timestamptz,
  primary key (tenant_id, number),
  unique (tenant_id, subject)
);
create index change_freeze_open on change_freeze (tenant_id, number) where ended_at is null;

create table freeze_override (
  tenant_id   bigint not null references tenant,
  subject     text not null,
  asked       integer not null,           -- seq of the entry that asks for it
  version     integer not null,
  change      bigint not null,
  revision    integer not null,
  state       text not null check (state in ('requested', 'granted', 'denied', 'used', 'expired', 'void')),
  asked_by    text not null,
  why         text,                       -- null: erased
  asked_at    timestamptz not null,
  authority   text,
  second      text,
  valid_until timestamptz,
  primary key (tenant_id, subject, asked)
);
-- One at a time for a change.
create unique index freeze_override_open on freeze_override (tenant_id, subject, change)
  where state in ('requested', 'granted');

call dlog.guard('change_freeze');
call dlog.guard('freeze_override');
grant select, insert on change_freeze, freeze_override to wardroom_app;
grant update (version, kind, wide, status, ends_at, settling_from, warned, notices, review_at, ended_at, why)
  on change_freeze to wardroom_app;
grant update (version, state, authority, second, valid_until, why) on freeze_override to wardroom_app;

-- As before, and: the reason of an override may go with its disclosure, and its row keeps its version too.
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
    if tg_table_name in ('ballot', 'approval', 'freeze_override')
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

-- As before, and: a freeze that protects an incident.
create or replace function dlog.of_incident(of_tenant bigint, of_subject text) returns boolean language sql stable parallel safe
  as $$ select of_subject like 'INC-%' or (of_subject like 'CHG-%' and exists (
          select from public.change c
          where c.tenant_id = of_tenant and c.subject = of_subject and c.incident is not null))
        or (of_subject like 'FRZ-%' and exists (
          select from public.change_freeze f
          where f.tenant_id = of_tenant and f.subject = of_subject and f.incident is not null)) $$;

reset role;
