-- The freeze calendar: what is planned needs the word of those who own what it freezes, and may come again.
--
--   freeze: proposed --each owner agrees--> scheduled -> active -> lifted
--           proposed --an owner objects, or its time comes first--> cancelled ; scheduled --objected--> cancelled
set role wardroom_owner;

alter table change_freeze
  add column every  text check (every in ('week', 'month-end', 'quarter-end', 'year-end')),
  add column agreed text[] not null default '{}', -- who agreed, of those who own what it freezes
  drop constraint change_freeze_status_check,
  add constraint change_freeze_status_check
    check (status in ('proposed', 'scheduled', 'active', 'lifted', 'cancelled'));
grant update (agreed) on change_freeze to wardroom_app;

reset role;
