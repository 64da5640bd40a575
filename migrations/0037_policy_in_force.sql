-- When a policy that is signed comes into force, and what it was written for.
--
--   open --the last signs, its day is still to come--> signed --its day--> effective
--   signed --one objects--> rejected
set role wardroom_owner;

alter table policy_proposal
  add column effective_at timestamptz,     -- null: as soon as it is signed
  add column origin       text,            -- 'audit finding 12': a reference, never prose
  drop constraint policy_proposal_state_check,
  add constraint policy_proposal_state_check check (state in ('open', 'signed', 'effective', 'rejected'));

reset role;
