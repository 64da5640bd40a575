-- What every change of a service touches (rules 4.7 and 4.10): security, privileged, migration, vendor; and who is accountable
-- for what a vendor does to it. What a change touches is kept with what else was said of its risk.
set role wardroom_owner;

alter table service
  add column touches text[] not null default '{}',
  add column sponsor text;  -- a person; without one the lead of its team

reset role;
