-- Incidents, the rooms where they are fought, and the promises made about them.
--
--   incident: declared -> investigating -> identified -> mitigated -> monitoring -> resolved
--             declared, investigating -> cancelled       (mitigated -> resolved is allowed)
--   deadline: armed -> met | cancelled                   (kept exactly once, late if the bot was away)
set role wardroom_owner;

create table incident (
  tenant_id       bigint not null references tenant,
  number          bigint not null,
  subject         text not null generated always as ('INC-' || number) stored,
  version         integer not null,
  title           text not null,
  status          text not null,
  priority        smallint not null check (priority between 1 and 4),
  computed        smallint check (computed between 1 and 4),
  services        text[] not null,
  impact          text,
  urgency         text,
  commander       text,
  declared_by     text,           -- null: an account that is not linked to a person
  pending         jsonb,          -- a step that waits for a second person
  declared_at     timestamptz not null,
  acknowledged_at timestamptz,
  mitigated_at    timestamptz,
  ended_at        timestamptz,
  outcome         text,
  updates_anchor  timestamptz not null,
  updates_next    timestamptz,
  primary key (tenant_id, number),
  unique (tenant_id, subject)
);
create index incident_open on incident (tenant_id, number) where ended_at is null;

create table room (
  tenant_id bigint not null,
  subject   text not null,
  version   integer not null,
  platform  text not null check (platform in ('slack', 'discord')),
  workspace text not null,
  channel   text not null,
  primary key (tenant_id, platform, workspace, channel),
  unique (tenant_id, subject, platform, workspace)
);

create table stakeholder_update (
  tenant_id bigint not null,
  subject   text not null,
  version   integer not null,
  slot_at   timestamptz,           -- the promise that this update keeps, if it keeps one
  sent_at   timestamptz not null,
  late      boolean not null,
  primary key (tenant_id, subject, version),
  unique (tenant_id, subject, slot_at)  -- no promise is kept twice
);

create table deadline (
  tenant_id bigint not null,
  subject   text not null,
  version   integer not null,
  kind      text not null,
  due_at    timestamptz not null,
  state     text not null check (state in ('armed', 'met', 'cancelled')),
  primary key (tenant_id, subject, kind)
);

-- Of every tenant: the sandbox stops its clock at each.
create function next_deadline() returns timestamptz
  language sql stable security definer set search_path = public
  as $$ select min(due_at) from deadline where state = 'armed' $$;

call dlog.guard('incident');
call dlog.guard('room');
call dlog.guard('stakeholder_update');
call dlog.guard('deadline');
grant select, insert, update on incident, room, deadline to wardroom_app;
grant select, insert on stakeholder_update to wardroom_app;

reset role;
