-- What a change has to show before it goes on, item by item, as the policy put it when it was put on the change.
set role wardroom_owner;

-- [{asked: {key, before, what, evidence}, state, by, at, said}]
alter table change add column checklist jsonb not null default '[]';

reset role;
