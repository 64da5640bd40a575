-- A form that a button opens in a direct message on Discord, which comes from no server: whoever sends it is known where
-- they were as it was opened.
set role wardroom_owner;

create or replace function tenants_at(of_platform text, of_workspace text, of_channel text, of_account text, of_form text)
  returns table (tenant_id bigint, workspace text)
  language sql stable security definer set search_path = public
  as $$
    with form_of as (
      select f.tenant_id, coalesce(nullif(of_workspace, ''), f.account ->> 'workspace') as workspace
      from form f where f.id = of_form
    ),
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
    select f.tenant_id, f.workspace from form_of f
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

reset role;
