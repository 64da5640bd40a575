-- The redacted copy of a record that was asked for last: one person asks, another approves, and then it is written.
--
--   (nothing) --asked--> waiting --another approves--> approved --written--> kept
--   waiting --> declined ; waiting, approved, kept --something of the record is erased--> void ; any --asked--> waiting
set role wardroom_owner;

create table redaction (
  tenant_id   bigint not null references tenant,
  subject     text not null,
  asked       integer not null,           -- seq of the entry that asked
  version     integer not null,
  state       text not null check (state in ('waiting', 'approved', 'kept', 'declined', 'void')),
  sha256      text not null,              -- of the text that was shown, hex
  marks       jsonb not null,             -- words that were marked; gone with the end of the request
  asked_by    text not null,
  approved_by text,
  primary key (tenant_id, subject)
);

call dlog.guard('redaction');
grant select, insert on redaction to wardroom_app;
grant update (asked, version, state, sha256, marks, asked_by, approved_by) on redaction to wardroom_app;
-- A redacted bundle that is void goes without another in its place.
grant delete on archive to wardroom_app;

reset role;
