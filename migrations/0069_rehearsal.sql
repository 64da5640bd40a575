-- Rehearsals of a change's way back (rule 4.9), a row for each, on the chain of the change.
--
--   planned -> running -> proven | failed ; any of the first two, or none -> waived | accepted
--   A proof counts for every change on the service whose rollback steps have the same digest.
set role wardroom_owner;

create table rehearsal (
  tenant_id   bigint not null references tenant,
  subject     text not null,              -- the change
  opened      integer not null,           -- seq of the entry that asked for it or planned it
  version     integer not null,
  service     text not null,
  state       text not null check (state in ('planned', 'running', 'proven', 'failed', 'waived', 'accepted')),
  plan        text,                       -- sha256 of the rollback steps; null until it has begun
  environment text,
  observer    text,
  minutes     integer,                    -- expected
  due_at      timestamptz not null,
  moved       boolean not null,           -- the environment was not there once
  began_at    timestamptz,
  took        integer,                    -- minutes
  decided_at  timestamptz,
  primary key (tenant_id, subject, opened)
);

-- Whether the same way back was rehearsed before, where a risk is assessed.
create index rehearsal_result on rehearsal (tenant_id, service, decided_at desc) where state in ('proven', 'failed');

call dlog.guard('rehearsal');
grant select, insert on rehearsal to wardroom_app;
grant update (version, service, state, plan, environment, observer, minutes, due_at, moved, began_at, took, decided_at)
  on rehearsal to wardroom_app;

reset role;
