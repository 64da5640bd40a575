-- A change may touch several services. The main one stays where it was; what it touches besides is beside it.
set role wardroom_owner;

alter table change add column also text[] not null default '{}' check (cardinality(also) <= 9);

-- Few changes touch several services; those are found by each of them.
create index change_also on change using gin (also) where also <> '{}';

reset role;
