-- What has to be done, and shown, before an incident is over, item by item, as the policy put it when it was put on it.
set role wardroom_owner;

-- As in a change: [{asked: {key, before, what, evidence}, state, by, at, said, person}]
alter table incident add column checklist jsonb not null default '[]';

reset role;
