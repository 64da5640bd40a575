-- Who speaks for the business that a service serves: asked before a planned freeze of it begins.
set role wardroom_owner;

alter table service add column business_owner text; -- null: its owner

reset role;
