-- When a change that is no emergency is planned to run. Its window is this one, once it is approved.
set role wardroom_owner;

alter table change add column planned_from timestamptz, add column planned_until timestamptz;

reset role;
