-- How often changes failed is counted over the whole house too, where a service has too few of its own: by their kind, and by
-- the category whose checklist is on them.
set role wardroom_owner;

create index change_history_of_kind on change (tenant_id, kind, ended_at) include (status) where ended_at is not null;
create index change_history_of_category on change (tenant_id, ended_at) where ended_at is not null and checklist <> '[]';

reset role;
