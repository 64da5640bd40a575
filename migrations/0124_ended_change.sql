-- How changes went that have ended, and what going wrong is: taken back, failed, mended after its checks had failed, or
-- confirmed as the cause of an incident. Whoever asks sees their own tenant's, as on the tables themselves.
set role wardroom_owner;

create view ended_change with (security_invoker = true) as
  select tenant_id, number, kind, service, also, checklist, standard, ended_at,
         status in ('rolled_back', 'failed') or coalesce((validation ->> 'failures')::int > 0, false)
         or exists (
           select from incident_change_link link
           where link.tenant_id = change.tenant_id and link.change = change.number
             and link.kind = 'caused' and link.state = 'confirmed'
         ) as went_wrong
  from change
  where ended_at is not null and status in ('completed', 'rolled_back', 'validating', 'failed');

grant select on ended_change to wardroom_app;

reset role;
