-- A freeze may hold up some types of changes only: normal ones at the end of a month, and standard ones go on.
set role wardroom_owner;

alter table change_freeze
  add column blocks text[] not null default '{}' -- empty: every type
    check (blocks <@ array['standard', 'normal', 'expedited', 'emergency']);

reset role;
