-- How a change is taken back: step by step, as its rollback plan says.
set role wardroom_owner;

-- {began_at, of, minutes, steps: [{at, by}]}. Why, and what a step ran into, is in the log, where it can be erased.
alter table change add column walk jsonb;

reset role;
