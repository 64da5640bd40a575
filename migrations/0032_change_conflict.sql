-- Changes that are in each other's way, on the chain of the one that came later. What was said of it is in the log alone.
--
--   open -> yielded | moved | coexist | ended
--   open: the owners settle it, then a change manager is asked, then the decision authority
set role wardroom_owner;

create table change_conflict (
  tenant_id  bigint not null references tenant,
  subject    text not null,               -- the change that came later
  opened     integer not null,            -- seq of the entry that opens it
  version    integer not null,
  other      bigint not null,             -- the change that was there
  state      text not null check (state in ('open', 'yielded', 'moved', 'coexist', 'ended')),
  level      text not null check (level in ('owners', 'manager', 'authority')),
  asked_side bigint,                      -- the change whose side asks that both may run
  due_at     timestamptz not null,
  primary key (tenant_id, subject, opened)
);
create unique index change_conflict_open on change_conflict (tenant_id, subject, other) where state = 'open';
create index change_conflict_other on change_conflict (tenant_id, other) where state = 'open';

call dlog.guard('change_conflict');
grant select, insert on change_conflict to wardroom_app;
grant update (version, state, level, asked_side, due_at) on change_conflict to wardroom_app;

reset role;
