-- For which compliance regimes a person is certified (rule 4.10): on a service under one, only they carry changes out.
set role wardroom_owner;

alter table person
  add column certified text[] not null default '{}';

reset role;
