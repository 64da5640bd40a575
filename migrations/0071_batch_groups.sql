-- Order groups of a batch, and what a failure stops: the whole batch, or its own group while the others go on.
set role wardroom_owner;

alter table change_batch
  add column stop    text not null default 'all' check (stop in ('all', 'group')),
  add column stopped smallint[] not null default '{}';  -- groups of which no further one starts

grant update (stopped) on change_batch to wardroom_app;

reset role;
