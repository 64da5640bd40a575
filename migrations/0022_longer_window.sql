-- A window that is not long enough is voted on again, with ballots of their own (rule 4.17).
--
--   implementing, window_expired -> implementing          (a vote made the window longer)
--   approved -> approved                                  (no emergency, not started in its window: planned again)
set role wardroom_owner;

-- `round`: which vote of this revision it is; 0 is the one on the change itself.
alter table change
  add column round       integer not null default 0,
  add column reapprovals integer not null default 0;
alter table ballot add column round integer not null default 0;

reset role;
