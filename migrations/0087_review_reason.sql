-- Why a change is looked back on: not only that it was an emergency. What was reviewed already, and is found to have
-- caused an incident after that, is looked back on anew; what was found the first time stays in the log.
--
--   review: due -> closed ; closed -> due, where it is found to be a cause
set role wardroom_owner;

-- Whatever was opened before this has no other word, and none was of a failure.
alter table emergency_review add column reason text not null default 'emergency'
  check (reason in ('emergency', 'record', 'failed', 'rolled_back', 'cause', 'override', 'overrun'));

grant update (opened_at, due_at, reason) on emergency_review to wardroom_app;

reset role;
