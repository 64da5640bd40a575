-- Who is not there for a time, whether or not anybody stands in for them, and whose turn on call it is when.
--
--   absence: noted -> begun (by time, at once where it starts now) -> ended (by time or by hand)
set role wardroom_owner;

create table absence (
  tenant_id bigint not null references tenant,
  subject   text not null generated always as ('ORG') stored,
  noted     integer not null,           -- seq of the entry that notes it
  version   integer not null,
  person    text not null,
  starts_at timestamptz not null,
  ends_at   timestamptz not null,
  begun     boolean not null,           -- cards were shown anew at its start
  ended_at  timestamptz,
  primary key (tenant_id, noted),
  check (starts_at < ends_at and ends_at <= starts_at + interval '366 days')
);
create index absence_open on absence (tenant_id) where ended_at is null;

-- {"since", "days"}: whose turn it is when
alter table team add column rota jsonb;

call dlog.guard('absence');
grant select, insert on absence to wardroom_app;
grant update (version, begun, ended_at) on absence to wardroom_app;

reset role;
