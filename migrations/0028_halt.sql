-- Changes that run while something else is broken.
--
--   change: implementing -> halted                   (the commander of an incident, or another who may, stops it)
--           halted -> implementing                   (whoever carries it out and a technical authority agree)
--           halted -> rolled_back | window_expired
set role wardroom_owner;

-- What was decided about it, by whom and for which incident; who asks to go on. Why is in the log.
alter table change add column halt jsonb;

reset role;
