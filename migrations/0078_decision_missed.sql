-- A decision that nobody made in time is put to the decision authority, and may be made by others meanwhile.
--
--   open -> lapsed                          (there is nothing left to rule on)
set role wardroom_owner;

alter table decision_escalation
  drop constraint decision_escalation_state_check,
  drop constraint decision_escalation_check1,
  add constraint decision_escalation_state_check
    check (state in ('open', 'allowed', 'denied', 'other', 'unanswered', 'lapsed')),
  add constraint decision_escalation_ruled_by
    check ((ruled_by is null) = (state in ('open', 'unanswered', 'lapsed')));

reset role;
