-- How an account comes to be a person's, and what a person's home shows. Tries and views, so the log does not speak of
-- them; a link itself is a row of `identity`, with its entry on ORG.
--
--   link_code: asked for --typed elsewhere, or ten minutes pass--> gone
--   lookup:    wanted --looked up, linked or not--> (a day later) wanted again
--              declined: its person unlinked it, so that only a code, or their own wish, links it again
--   home:      opened --something in it changes--> shown anew
set role wardroom_owner;

create table link_code (
  tenant_id bigint not null references tenant,
  platform  text not null check (platform in ('slack', 'discord')),
  workspace text not null,
  account   text not null,
  hash      bytea not null,       -- of the code: whoever reads the database cannot use it
  made_at   timestamptz not null,
  primary key (tenant_id, platform, workspace, account),
  unique (tenant_id, hash)
);

-- Wrong codes that a person has typed: a few in ten minutes, then none is looked at.
create table link_miss (
  tenant_id bigint not null references tenant,
  id        bigint generated always as identity primary key,
  person    text not null,
  missed_at timestamptz not null
);
create index link_miss_of on link_miss (tenant_id, person, missed_at);

create table lookup (
  tenant_id bigint not null references tenant,
  platform  text not null check (platform in ('slack', 'discord')),
  workspace text not null,
  account   text not null,
  asked_at  timestamptz not null,
  declined  boolean not null,
  primary key (tenant_id, platform, workspace, account)
);

create table home (
  tenant_id bigint not null references tenant,
  platform  text not null check (platform in ('slack', 'discord')),
  workspace text not null,
  account   text not null,
  shown     bytea,                -- hash of what is shown: what has not changed is not sent
  primary key (tenant_id, platform, workspace, account)
);

call dlog.isolate('link_code');
call dlog.isolate('link_miss');
call dlog.isolate('lookup');
call dlog.isolate('home');
grant select, insert, update, delete on link_code, link_miss, lookup, home to wardroom_app;
grant usage on all sequences in schema public to wardroom_app;

reset role;
