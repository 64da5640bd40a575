-- What a request asks of the changes before it on its service: what was done there last, and what failed.
set role wardroom_owner;

create index change_of_service on change (tenant_id, service, ended_at) where ended_at is not null;
create index change_failed on change (tenant_id, service, ended_at) where status in ('rolled_back', 'failed');

reset role;
