-- Once a year somebody looks at the charter of a team again: whoever leads it is asked, and says that it was looked at. A new
-- edition begins a year of its own.
set role wardroom_owner;

create table charter_review (
  tenant_id bigint not null references tenant,
  subject   text not null generated always as ('ORG') stored,
  version   integer not null,       -- the entry that says so
  charter   integer not null,       -- the entry that published the edition
  said      text not null check (said in ('asked', 'late', 'reviewed')),
  person    text,                   -- who looked at it
  said_at   timestamptz not null,
  primary key (tenant_id, version)
);

create index charter_review_of on charter_review (tenant_id, charter);

call dlog.guard('charter_review');
grant select, insert on charter_review to wardroom_app;

reset role;
