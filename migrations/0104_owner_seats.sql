-- The yes of an owner is for services: those of the change that were theirs when they said it. A service that changes hands
-- afterwards does not make its new owner's yes count for another. Empty: it is no owner's, or of a change on one service.
set role wardroom_owner;

alter table approval add column owns text[] not null default '{}';
alter table ballot add column owns text[] not null default '{}';

reset role;
