-- What the board said of an entry of the catalogue, where the policy has it vote on each: asked by a change, and approved by it.
set role wardroom_owner;

alter table catalogue_mark
  add column sha256 text,                 -- of the entry, as it was put to the board
  drop constraint catalogue_mark_state_check,
  add constraint catalogue_mark_state_check
    check (state in ('suspended', 'resumed', 'expiring', 'expired', 'submitted', 'approved')),
  add constraint catalogue_mark_of_board check ((state in ('submitted', 'approved')) = (sha256 is not null));

reset role;
