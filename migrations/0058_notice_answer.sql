-- What people say to the notice of a change: they have read it, or they object. Why is in the log alone.
--
--   acknowledged                          once a person and revision
--   objects -> taken_back | overruled     an open one holds up the start of a change that is no emergency
set role wardroom_owner;

create table notice_answer (
  tenant_id bigint not null references tenant,
  subject   text not null,               -- the change
  answered  integer not null,            -- seq of the entry that says it
  version   integer not null,
  revision  integer not null,            -- of the change, as the notice told it
  person    text not null,
  said      text not null check (said in ('acknowledged', 'objects', 'taken_back', 'overruled')),
  said_at   timestamptz not null,
  due_at    timestamptz,                 -- of an objection: when the decision authority is asked
  primary key (tenant_id, subject, answered)
);
create unique index notice_answer_once on notice_answer (tenant_id, subject, revision, person) where said = 'acknowledged';
create unique index notice_answer_open on notice_answer (tenant_id, subject, person) where said = 'objects';

call dlog.guard('notice_answer');
grant select, insert on notice_answer to wardroom_app;
grant update (version, said) on notice_answer to wardroom_app;

reset role;
