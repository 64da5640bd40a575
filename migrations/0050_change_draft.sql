-- Steps of an incident that look like changes.
--
--   draft: offered -> submitted | joined | dismissed | left
--          left -> joined | dismissed                (set right by hand)
set role wardroom_owner;

-- [{number, by, at, service, state, change, reminded}]. What was noted is in the log alone.
alter table incident add column drafts jsonb not null default '[]';
-- {fields: {name: {value, source}}, notes}: what an open form was filled in with before anybody typed.
alter table form add column filled jsonb not null default '{"fields": {}, "notes": []}';

reset role;
