-- What happened to an entry of the catalogue of standard changes: a row for each time, the newest counts.
--
--   suspended <-> resumed       on the policy's chain, or on that of the change whose failure suspends it
--   expiring, expired           its owner was told, once
-- Entries that are in use before this have no row, and stay in use.
set role wardroom_owner;

create table catalogue_mark (
  tenant_id     bigint not null references tenant,
  subject       text not null,            -- POLICY, or the change whose failure suspends it
  version       integer not null,         -- seq of the entry of the log that says so
  entry         text not null,            -- its key in the policy
  entry_version integer not null,         -- a revised entry begins anew
  state         text not null check (state in ('suspended', 'resumed', 'expiring', 'expired')),
  by_failures   boolean not null,         -- suspended for them, or resumed in spite of them: then they count no more
  marked_at     timestamptz not null,
  primary key (tenant_id, subject, version)
);
create index catalogue_mark_entry on catalogue_mark (tenant_id, entry, entry_version, marked_at);

call dlog.guard('catalogue_mark');
grant select, insert on catalogue_mark to wardroom_app;

reset role;
