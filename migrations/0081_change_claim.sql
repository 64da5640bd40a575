-- What a change claims, and somebody else has to say: that it meets an exploit (rule 4.8, the security lead), or that it may
-- start beside an open incident (the incident's commander). Why is in the log alone.
--
--   open -> confirmed | denied
set role wardroom_owner;

create table change_claim (
  tenant_id  bigint not null references tenant,
  subject    text not null,               -- the change
  claimed    integer not null,            -- seq of the entry that makes it
  version    integer not null,
  kind       text not null check (kind in ('exploit', 'clearance')),
  incident   bigint,                      -- of a clearance: beside which
  revision   integer not null,            -- of the change, as it was claimed
  state      text not null check (state in ('open', 'confirmed', 'denied')),
  claimed_by text not null,
  decided_by text,
  decided_at timestamptz,
  primary key (tenant_id, subject, claimed),
  check ((kind = 'clearance') = (incident is not null)),
  check ((state = 'open') = (decided_by is null))
);
-- One that is open of each: an exploit has no incident, a clearance has.
create unique index change_claim_open on change_claim (tenant_id, subject, incident, revision) nulls not distinct
  where state = 'open';

call dlog.guard('change_claim');
grant select, insert on change_claim to wardroom_app;
grant update (version, state, decided_by, decided_at) on change_claim to wardroom_app;

reset role;
