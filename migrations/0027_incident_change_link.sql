-- What a change is to an incident. One link for both, seen from either; what was said of it in words is in the log alone.
--
--   link: proposed -> confirmed | rejected ; confirmed <-> rejected (set right by hand)
--
-- It stands on the incident's chain: the commander decides on it, the incident's row is locked when it is written, and
-- an incident may not be resolved before it is decided. A change's own chain says how that change was made.
set role wardroom_owner;

create table incident_change_link (
  tenant_id  bigint not null references tenant,
  incident   bigint not null,
  change     bigint not null,
  subject    text not null generated always as ('INC-' || incident) stored,
  version    integer not null,
  kind       text not null check (kind in ('caused', 'resolves', 'related')),
  origin     text not null check (origin in ('manual', 'auto')),
  relation   text,                        -- of the changed part to the failing one, as rule 4.14 has it
  confidence smallint check (confidence between 0 and 99),
  state      text not null check (state in ('proposed', 'confirmed', 'rejected')),
  decided_by text,                        -- null: nobody answered
  decided_at timestamptz,
  primary key (tenant_id, incident, change),
  check ((state = 'proposed') = (decided_at is null)),
  check (state <> 'proposed' or decided_by is null),
  check ((relation is null) = (confidence is null))
);
create index incident_change_link_change on incident_change_link (tenant_id, change);

call dlog.guard('incident_change_link');
grant select, insert on incident_change_link to wardroom_app;
grant update (version, kind, origin, relation, confidence, state, decided_by, decided_at) on incident_change_link
  to wardroom_app;

reset role;
