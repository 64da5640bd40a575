-- What a meeting of the board goes by and what it decides: reviews that are overdue are on its agenda, the monthly one has a
-- pack of data, and what it decides names a figure of that pack.
set role wardroom_owner;

alter table cab_meeting
  add column reviews   jsonb not null default '[]',  -- changes whose review is overdue, in order
  add column pack      jsonb,                        -- of the monthly one: its figures, and the hash of its text
  add column decisions jsonb not null default '[]';  -- in order; what was decided, by whom, and what it goes by
grant update (reviews, pack, decisions) on cab_meeting to wardroom_app;

reset role;
