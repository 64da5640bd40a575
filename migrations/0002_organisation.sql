-- Tenants and their organisation: people, teams, services, rosters, audiences. Changed by `wardroom org apply`, and by
-- people who link their own accounts: each time one entry on the subject ORG. A person who leaves becomes inactive and
-- stays, so that old entries keep a name.
--
--   person: active <--org apply--> inactive
--   identity: (nothing) --file, e-mail or code--> linked --unlinked--> gone;  active <--the platform--> deactivated
--   workspace: served <--removed, installed again--> lost
--   policy: version n --policy loaded--> version n+1   (older versions stay)
set role wardroom_owner;

create table tenant (
  id             bigint primary key,
  key            text not null unique,
  name           text not null,
  time_zone      text not null,
  organisation   integer not null default 0,  -- seq of the newest entry on ORG: tells a cached copy from the truth
  policy         integer not null default 0,  -- seq of the newest entry on POLICY
  homes          boolean not null default false, -- somebody has opened the app's home: it is to be kept up to date
  next_incident  bigint not null default 1,
  next_change    bigint not null default 1
);
alter table tenant enable row level security;
create policy tenant on tenant to wardroom_app using (id = current_tenant());
create policy audit on tenant for select to wardroom_auditor using (true);
grant select, insert, update on tenant to wardroom_app;
grant select on tenant to wardroom_auditor;

create table workspace (
  tenant_id         bigint not null references tenant,
  platform          text not null check (platform in ('slack', 'discord')),
  workspace         text not null,
  incidents_channel text,
  changes_channel   text,
  lost_at           timestamptz,  -- the bot was removed from it, or its token is dead
  lost_why          text,
  subject           text not null generated always as ('ORG') stored,
  version           integer not null,
  primary key (platform, workspace)
);

create table person (
  tenant_id bigint not null references tenant,
  id        text not null,       -- the pseudonym under which the log knows this person
  key       text not null,
  name      text not null,
  email     text,
  team      text,
  roles     text[] not null,
  active    boolean not null,
  subject   text not null generated always as ('ORG') stored,
  version   integer not null,
  primary key (tenant_id, id),
  unique (tenant_id, key)
);

create table identity (
  tenant_id bigint not null,
  platform  text not null check (platform in ('slack', 'discord')),
  workspace text not null,
  account   text not null,
  person    text not null,
  source    text not null check (source in ('file', 'email', 'code')),
  active    boolean not null default true,  -- false: the platform has deactivated the account
  subject   text not null generated always as ('ORG') stored,
  version   integer not null,
  primary key (tenant_id, platform, workspace, account),
  foreign key (tenant_id, person) references person
);

create table team (
  tenant_id bigint not null references tenant,
  key       text not null,
  name      text not null,
  lead      text,
  approvers text[] not null,
  on_call   text[] not null,     -- primary first
  subject   text not null generated always as ('ORG') stored,
  version   integer not null,
  primary key (tenant_id, key)
);

create table service (
  tenant_id  bigint not null references tenant,
  key        text not null,
  name       text not null,
  tier       smallint not null check (tier between 1 and 4),
  owner      text not null,
  team       text not null,
  depends_on text[] not null,
  compliance text[] not null,
  subject    text not null generated always as ('ORG') stored,
  version    integer not null,
  primary key (tenant_id, key)
);

create table roster (
  tenant_id bigint not null references tenant,
  key       text not null,
  chair     text not null,
  members   text[] not null,
  subject   text not null generated always as ('ORG') stored,
  version   integer not null,
  primary key (tenant_id, key)
);

create table audience (
  tenant_id    bigint not null references tenant,
  key          text not null,
  name         text not null,
  kind         text not null,
  min_priority smallint not null check (min_priority between 1 and 4),
  services     text[] not null,  -- empty: every service
  places       jsonb not null,   -- [{"platform","workspace","channel","name"}]
  subject      text not null generated always as ('ORG') stored,
  version      integer not null,
  primary key (tenant_id, key)
);

create table policy (
  tenant_id bigint not null references tenant,
  hash      text not null,       -- sha256 of the file, hex
  source    text not null,       -- the TOML as it was loaded
  subject   text not null generated always as ('POLICY') stored,
  version   integer not null,
  primary key (tenant_id, version)
);

call dlog.guard('workspace');
call dlog.guard('person');
call dlog.guard('identity');
call dlog.guard('team');
call dlog.guard('service');
call dlog.guard('roster');
call dlog.guard('audience');
call dlog.guard('policy');
grant select, insert, update, delete on workspace, identity, team, service, roster, audience to wardroom_app;
grant select, insert, update on person to wardroom_app;
grant select, insert on policy to wardroom_app;

-- Which tenant a workspace belongs to is asked before a tenant is set, so it is answered past row-level security.
create function tenant_of(of_platform text, of_workspace text) returns bigint
  language sql stable security definer set search_path = public
  as $$ select tenant_id from workspace where platform = of_platform and workspace = of_workspace $$;

create function tenants() returns setof bigint
  language sql stable security definer set search_path = public
  as $$ select id from tenant order by id $$;

create function tenant_named(of_key text) returns bigint
  language sql stable security definer set search_path = public
  as $$ select coalesce((select id from tenant where key = of_key), (select coalesce(max(id), 0) + 1 from tenant)) $$;

-- Whether the bot is still a member of a workspace is asked by jobs of any tenant, and by the readiness check.
create function is_lost(of_platform text, of_workspace text) returns boolean
  language sql stable security definer set search_path = public
  as $$ select exists (select from workspace
                       where platform = of_platform and workspace = of_workspace and lost_at is not null) $$;

create function lost_workspaces() returns table (platform text, workspace text, lost_at timestamptz, lost_why text)
  language sql stable security definer set search_path = public
  as $$ select platform, workspace, lost_at, lost_why from workspace where lost_at is not null
        order by platform, workspace $$;

-- Settings of the whole deployment: the sandbox's clock.
create table setting (
  key   text primary key,
  value text not null
);
grant select, insert, update on setting to wardroom_app;
grant select on setting to wardroom_auditor;

reset role;
