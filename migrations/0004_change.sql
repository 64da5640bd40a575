-- Changes, who approved them, and the windows in which they may run.
--
--   change: awaiting_approval -> approved -> implementing -> completed
--           awaiting_approval -> rejected | approval_expired
--           implementing -> window_expired | rolled_back ; window_expired -> rolled_back
--           approved -> approval_expired                  (not started inside its window)
--           awaiting_approval, approved -> cancelled
--   vote:   open -> passed | failed | expired | withdrawn
--   ballot: an insert each; the newest of a person counts, the older ones stay
set role wardroom_owner;

create table change (
  tenant_id   bigint not null references tenant,
  number      bigint not null,
  subject     text not null generated always as ('CHG-' || number) stored,
  version     integer not null,
  revision    integer not null,
  kind        text not null,
  status      text not null,
  title       text not null,
  incident    bigint,
  service     text not null,
  requester   text not null,
  implementer text not null,
  impact      text not null,
  why_now     text not null,
  rollback    text not null,
  tested      boolean not null,
  risk_input  jsonb not null,
  risk        jsonb not null,
  band        text not null,
  required    jsonb not null,      -- seats, reviews and vote that policy asked for
  policy      integer not null,    -- version of the policy that said so
  vote        jsonb,               -- policy, roster as it was at opening, times, outcome
  decide_by   timestamptz,
  opens_at    timestamptz,
  closes_at   timestamptz,
  requested_at timestamptz not null,
  approved_at timestamptz,
  started_at  timestamptz,
  ended_at    timestamptz,
  outcome     text,
  primary key (tenant_id, number),
  unique (tenant_id, subject)
);
create index change_of_incident on change (tenant_id, incident);
create index change_open on change (tenant_id, number) where ended_at is null;
create index change_history on change (tenant_id, kind, service, ended_at) where ended_at is not null;

create table ballot (
  tenant_id bigint not null,
  subject   text not null,
  version   integer not null,
  revision  integer not null,
  person    text not null,
  choice    text not null check (choice in ('approve', 'reject', 'abstain', 'recuse')),
  why       text,
  platform  text not null check (platform in ('slack', 'discord')),
  cast_at   timestamptz not null,
  primary key (tenant_id, subject, version)
);

-- One person fills one seat: the same click twice, or the same person on both platforms, is one approval.
create table approval (
  tenant_id  bigint not null,
  subject    text not null,
  version    integer not null,
  revision   integer not null,
  seat       text not null,
  person     text not null,
  why        text,
  platform   text not null check (platform in ('slack', 'discord')),
  granted_at timestamptz not null,
  primary key (tenant_id, subject, revision, person)
);

call dlog.guard('change');
call dlog.guard('ballot');
call dlog.guard('approval');
grant select, insert, update on change to wardroom_app;
grant select, insert on ballot, approval to wardroom_app;

reset role;
