-- Charters of teams: what a team answers for, how soon its members can be reached, and who follows whom. Each edition is a
-- row for ever; the team's row names the one that holds. Members acknowledge an edition, each once.
set role wardroom_owner;

create table charter (
  tenant_id            bigint not null references tenant,
  subject              text not null generated always as ('ORG') stored,
  version              integer not null,        -- the entry that publishes it
  team                 text not null,
  edition              integer not null check (edition > 0),
  hash                 text not null,           -- sha256 of the responsibilities, hex: what the log keeps of them
  responsibilities     text not null,
  availability_minutes integer not null check (availability_minutes > 0),
  succession           text[] not null,         -- who is paged where the commander is silent, one after the other
  published_at         timestamptz not null,
  primary key (tenant_id, version),
  unique (tenant_id, team, edition)
);

create table charter_acknowledgement (
  tenant_id       bigint not null references tenant,
  subject         text not null generated always as ('ORG') stored,
  version         integer not null,             -- the entry that says so
  charter         integer not null,             -- the entry that published it
  person          text not null,
  acknowledged_at timestamptz not null,
  primary key (tenant_id, charter, person)
);

alter table team add column charter integer;    -- the edition that holds, by its entry
-- {"minutes", "due_at", "paged"}: when the commander's silence is looked at, and who was paged already
alter table incident add column watch jsonb;

call dlog.guard('charter');
call dlog.guard('charter_acknowledgement');
grant select, insert on charter, charter_acknowledgement to wardroom_app;

reset role;
