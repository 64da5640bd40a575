-- An audience may subscribe to the notices of changes on its services too, not only to updates of incidents.
set role wardroom_owner;

alter table audience add column changes boolean not null default false;

reset role;
