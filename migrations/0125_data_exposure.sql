-- Whether data may have left the house with an incident (rule 4.3).
--
--   exposure: none <--> suspected <--> confirmed
set role wardroom_owner;

alter table incident
  add column exposure text not null default 'none' check (exposure in ('none', 'suspected', 'confirmed'));

reset role;
