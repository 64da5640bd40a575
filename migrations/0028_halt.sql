-- Changes that run while something else is broken, and those that freezes hold up.
--
--   change: implementing -> halted                   (the commander of an incident, or another who may, stops it)
--           halted -> implementing                   (whoever carries it out and a technical authority agree)
--           halted -> rolled_back | window_expired
--           approved, queued -> on_hold              (a freeze that holds it up begins)
--           on_hold -> approved                      (nothing holds it up any more)
--           on_hold -> awaiting_approval | implementing | cancelled | approval_expired
set role wardroom_owner;

-- What was decided about it, by whom and for which incident; who asks to go on. Why is in the log.
alter table change add column halt jsonb;
-- Since when freezes hold it up, and which.
alter table change add column hold jsonb;

reset role;
