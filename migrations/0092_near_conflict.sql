-- Two changes that run at the same time next to each other, or by one person, are on record too, and hold nothing up.
set role wardroom_owner;

alter table change_conflict add column blocks boolean not null default true; -- neither starts before it is settled

reset role;
