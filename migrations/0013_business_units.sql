-- Business units that share a workspace: each has channels of its own in it, and nothing of the other's.
--
--   workspace: one unit's, whole (table workspace)   |   shared: some channels each (these two tables)
--   channel:   bound to one unit --the file names it no more--> free
set role wardroom_owner;

-- As `workspace`, of a unit that has only some channels of it.
create table workspace_share (
  tenant_id         bigint not null references tenant,
  platform          text not null check (platform in ('slack', 'discord')),
  workspace         text not null,
  incidents_channel text,
  changes_channel   text,
  log_channel       text,
  lost_at           timestamptz,
  lost_why          text,
  subject           text not null generated always as ('ORG') stored,
  version           integer not null,
  primary key (tenant_id, platform, workspace)
);

-- The key says it: no channel is bound to two units.
create table workspace_channel (
  tenant_id bigint not null references tenant,
  platform  text not null check (platform in ('slack', 'discord')),
  workspace text not null,
  channel   text not null,
  subject   text not null generated always as ('ORG') stored,
  version   integer not null,
  primary key (platform, workspace, channel)
);

call dlog.guard('workspace_share');
call dlog.guard('workspace_channel');
grant select, insert, update, delete on workspace_share, workspace_channel to wardroom_app;

-- Which unit something is said to, asked before a tenant is set. The form that is sent, the channel, the war room and
-- the whole workspace say it for certain; a direct message, the app's home and a channel of nobody leave it to the
-- person's own units; an account of nobody, to the only unit that is there.
create function tenants_at(of_platform text, of_workspace text, of_channel text, of_account text, of_form text)
  returns table (tenant_id bigint, workspace text)
  language sql stable security definer set search_path = public
  as $$
    with form_of as (select f.tenant_id from form f where f.id = of_form),
    place_of as (
      select c.tenant_id from workspace_channel c
      where c.platform = of_platform and c.workspace = of_workspace and c.channel = of_channel
      union
      select r.tenant_id from room r
      where r.platform = of_platform and r.workspace = of_workspace and r.channel = of_channel
      union
      select w.tenant_id from workspace w where w.platform = of_platform and w.workspace = of_workspace
    ),
    person_of as (
      select distinct i.tenant_id, i.workspace from identity i
      join person p on p.tenant_id = i.tenant_id and p.id = i.person and p.active
      where i.platform = of_platform and i.account = of_account and of_workspace in (i.workspace, '')
    ),
    unit_of as (
      select s.tenant_id from workspace_share s where s.platform = of_platform and s.workspace = of_workspace
    )
    select f.tenant_id, of_workspace from form_of f
    union all
    select p.tenant_id, of_workspace from place_of p where not exists (select from form_of)
    union all
    select p.tenant_id, p.workspace from person_of p
    where not exists (select from form_of) and not exists (select from place_of)
    union all
    select u.tenant_id, of_workspace from unit_of u
    where not exists (select from form_of) and not exists (select from place_of) and not exists (select from person_of)
      and (select count(*) from unit_of) = 1
  $$;

-- What a file would take that is another unit's: a channel, or the whole workspace. An empty channel stands for the
-- whole.
create function taken_from_others(of_tenant bigint, of_platform text, of_workspace text, of_channels text[])
  returns table (channel text, unit text)
  language sql stable security definer set search_path = public
  as $$
    select c.channel, t.name from workspace_channel c join tenant t on t.id = c.tenant_id
    where c.tenant_id <> of_tenant and c.platform = of_platform and c.workspace = of_workspace
      and (c.channel = any (of_channels) or of_channels = '{}')
    union all
    select '', t.name from workspace w join tenant t on t.id = w.tenant_id
    where w.tenant_id <> of_tenant and w.platform = of_platform and w.workspace = of_workspace
    order by 1, 2
  $$;

create or replace function is_lost(of_platform text, of_workspace text) returns boolean
  language sql stable security definer set search_path = public
  as $$ select exists (select from workspace
                       where platform = of_platform and workspace = of_workspace and lost_at is not null)
            or exists (select from workspace_share
                       where platform = of_platform and workspace = of_workspace and lost_at is not null) $$;

create or replace function lost_workspaces()
  returns table (platform text, workspace text, lost_at timestamptz, lost_why text)
  language sql stable security definer set search_path = public
  as $$ select platform, workspace, min(lost_at), min(lost_why) from (
          select platform, workspace, lost_at, lost_why from workspace where lost_at is not null
          union all
          select platform, workspace, lost_at, lost_why from workspace_share where lost_at is not null
        ) lost group by platform, workspace order by platform, workspace $$;

reset role;
