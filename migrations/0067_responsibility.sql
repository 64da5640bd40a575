-- Who answers for what: of each activity its Accountable, Responsible, Consulted and Informed people, for the unit or for
-- one service. Part of the organisation, and written with it. Where nothing is written the built-in responsibilities hold.
set role wardroom_owner;

create table responsibility (
  tenant_id   bigint not null references tenant,
  activity    text not null,     -- command, communicate, approve, implement, review
  service     text not null,     -- empty: the unit
  accountable text not null,
  responsible text[] not null,   -- one at least
  consulted   text[] not null,
  informed    text[] not null,
  subject     text not null generated always as ('ORG') stored,
  version     integer not null,
  primary key (tenant_id, activity, service)
);

call dlog.guard('responsibility');
grant select, insert, update, delete on responsibility to wardroom_app;

reset role;
