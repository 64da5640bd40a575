-- Erasure, legal hold and retention: what people wrote can go, that something was written stays.
--
--   disclosure: kept --its digest is named by a payload.erased entry of the same transaction--> gone
--   erasure:    waiting --another person approves--> done            (of one entry)
--               waiting --another person approves--> approved --every record was seen to--> done   (of a person)
--               waiting --> declined
--   legal hold: placed --> released                      while it stands, nothing of the record is erased
--   profile:    previewed --confirmed--> confirmed       a changed one begins anew; until then nothing goes by age
set role wardroom_owner;

create index entry_erasing on dlog.entry (xid) where kind = 'payload.erased';
create index entry_erased on dlog.entry (tenant_id, subject) where kind = 'payload.erased';

-- The only way in which a disclosure goes. Runs as the owner, who sees every tenant's entries.
create function dlog.guard_disclosure() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  if tg_op = 'DELETE' and exists (
    select from dlog.entry e
    where e.kind = 'payload.erased' and e.xid = pg_current_xact_id() and e.tenant_id = old.tenant_id
      and convert_from(e.body, 'UTF8')::jsonb -> 'data' -> 'digests' ? encode(old.digest, 'base64')
  ) then
    return old;
  end if;
  raise exception 'the decision log is append-only: % on %.% is refused without its payload.erased entry in the same transaction',
    tg_op, tg_table_schema, tg_table_name using errcode = '55000';
end $$;

drop trigger no_change on dlog.disclosure;
create trigger no_change before update or delete on dlog.disclosure for each row execute function dlog.guard_disclosure();
alter table dlog.disclosure enable always trigger no_change;
grant delete on dlog.disclosure to wardroom_app;

-- As before, and: the reason of a ballot or of an approval may go with its disclosure. Such a row keeps its version,
-- because the version is what says which ballot of a person is the newest.
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
    if tg_table_name in ('ballot', 'approval')
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
grant update (why) on ballot, approval to wardroom_app;
grant update (reply) on delivery to wardroom_app;

-- What one person asked to have erased, and another has to approve.
create table erasure (
  tenant_id   bigint not null references tenant,
  subject     text not null,      -- the record; ORG where it is a person's data everywhere
  asked       integer not null,   -- seq of the entry that asked
  version     integer not null,
  entry       integer,            -- the entry whose texts are meant,
  person      text,               -- or the person whose data is
  whole       boolean not null,   -- of a person: also what they wrote, not their name alone
  basis       text not null,
  asked_by    text not null,
  asked_at    timestamptz not null,
  state       text not null check (state in ('waiting', 'approved', 'declined', 'done')),
  approved_by text,
  primary key (tenant_id, subject, asked),
  check ((entry is null) <> (person is null))
);
create index erasure_open on erasure (tenant_id, asked_at) where state in ('waiting', 'approved');

create table legal_hold (
  tenant_id   bigint not null references tenant,
  subject     text not null,
  placed      integer not null,   -- seq of the entry that placed it
  version     integer not null,
  why         text not null,
  placed_by   text not null,
  placed_at   timestamptz not null,
  released_at timestamptz,
  primary key (tenant_id, subject, placed)
);
create unique index legal_hold_standing on legal_hold (tenant_id, subject) where released_at is null;

create table retention_profile (
  tenant_id bigint not null references tenant,
  profile   text not null,        -- hash of the rules: a changed rule is another profile
  subject   text not null generated always as ('POLICY') stored,
  version   integer not null,
  confirmed boolean not null,
  primary key (tenant_id, profile)
);

call dlog.guard('erasure');
call dlog.guard('legal_hold');
call dlog.guard('retention_profile');
grant select, insert, update on erasure, legal_hold, retention_profile to wardroom_app;

reset role;
