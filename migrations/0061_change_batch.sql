-- A batch: ordinary changes that share a window and what is said of them, are voted on together, and run in order.
--
--   batch: checking -> filing                   (every item may be asked for)
--          checking -> waiting -> filing        (some may not, or are in conflict: its requester goes on with the others)
--          filing -> open -> running <-> paused -> completed
--          anything that is not over -> stopped (its changes go on by themselves)
set role wardroom_owner;

alter table tenant add column next_batch bigint not null default 1;

create table change_batch (
  tenant_id  bigint not null references tenant,
  number     bigint not null,
  subject    text not null generated always as ('BAT-' || number) stored,
  version    integer not null,
  status     text not null
             check (status in ('checking', 'waiting', 'filing', 'open', 'running', 'paused', 'completed', 'stopped')),
  title      text not null,
  requester  text not null,
  runner     text,                        -- in whose name its changes are started
  opens_at   timestamptz not null,
  closes_at  timestamptz not null,
  shared     jsonb not null,              -- what is said of every change: impact, why, plan, tested, factors
  items      jsonb not null,              -- [{service, what, state, change, why}], in the order in which they run
  changes    bigint[] not null,           -- the changes that belong to it now
  held       text,                        -- why the next one does not start
  asked_at   timestamptz not null,
  ended_at   timestamptz,
  primary key (tenant_id, number),
  unique (tenant_id, subject)
);
-- Every step of a change asks whether it belongs to one: of those that are not over.
create index change_batch_open on change_batch (tenant_id) where ended_at is null;

call dlog.guard('change_batch');
grant select, insert on change_batch to wardroom_app;
grant update (version, status, title, runner, shared, items, changes, held, ended_at) on change_batch to wardroom_app;

reset role;
