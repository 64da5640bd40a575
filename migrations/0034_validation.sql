-- Whether what a change did works: by the checks of its service, or in the words of a second person.
--
--   change: implementing -> validating               (done: its checks run, or somebody is asked)
--           validating -> completed | failed
--           failed -> validating                     (the checks run anew, or somebody is asked anew)
--           failed -> awaiting_approval              (mended forward: a new revision, approved anew)
--           validating, failed -> rolled_back
set role wardroom_owner;

-- [{key, kind, url, status, text | address}]: where to look is said by the organisation file alone.
alter table service add column checks jsonb not null default '[]';
-- {checks, asked, next_at, watched_until, failed_runs, reminders, failures}. What was found in words is in the log.
alter table change add column validation jsonb;

reset role;
