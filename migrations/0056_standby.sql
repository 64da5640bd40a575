-- Who stands ready to take a change back (rule 4.48), a row for everybody who was booked, on the chain of the change.
--
--   requested -> confirmed -> confirmed_again
--   any of them -> declined | released ; requested -> missed -> confirmed ; a window that moves: back to requested
--   That a booking was served shows in how its change ended: nothing is written then.
set role wardroom_owner;

create table standby_booking (
  tenant_id bigint not null references tenant,
  subject   text not null,                -- the change
  booked    integer not null,             -- seq of the entry that books
  version   integer not null,
  role      text not null,                -- rollback_owner, database, network, service_desk
  person    text not null,
  state     text not null check (state in
              ('requested', 'confirmed', 'confirmed_again', 'declined', 'missed', 'released')),
  starts_at timestamptz,                  -- the planned start that it is bound to
  asked_at  timestamptz,                  -- when they were asked last
  primary key (tenant_id, subject, booked)
);

call dlog.guard('standby_booking');
grant select, insert on standby_booking to wardroom_app;
grant update (version, state, starts_at, asked_at) on standby_booking to wardroom_app;

reset role;
