-- Somebody who stands in for a member of the board casts the member's ballot: the newest of both counts.
set role wardroom_owner;

-- The member, where a delegate voted.
alter table ballot add column on_behalf text;

reset role;
