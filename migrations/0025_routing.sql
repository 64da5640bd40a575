-- Who stands in for whom, and for whom a seat was filled.
--
--   delegation: granted -> begun (by time, at once where it starts now) -> ended (by time or by hand)
set role wardroom_owner;

create table delegation (
  tenant_id   bigint not null references tenant,
  subject     text not null generated always as ('ORG') stored,
  granted     integer not null,           -- seq of the entry that grants it
  version     integer not null,
  from_person text not null,
  to_person   text not null,
  starts_at   timestamptz not null,
  ends_at     timestamptz not null,
  begun       boolean not null,           -- people were told of its start
  ended_at    timestamptz,
  primary key (tenant_id, granted),
  check (from_person <> to_person),
  check (starts_at < ends_at and ends_at <= starts_at + interval '30 days')
);
create index delegation_open on delegation (tenant_id) where ended_at is null;

call dlog.guard('delegation');
grant select, insert on delegation to wardroom_app;
grant update (version, begun, ended_at) on delegation to wardroom_app;

-- Who was asked for which seat on this revision, why, and until when they are waited for.
alter table change add column asks jsonb not null default '[]';

-- The delegator, where a delegate filled the seat.
alter table approval add column on_behalf text;

-- The button that opened the form: what is sent is about the revision that its card showed.
alter table form add column button text;

reset role;
