-- The reviews of emergency changes. One each, on the change's own chain; what was found in words is in the log alone.
--
--   review: due -> closed (compliant | non-compliant | misclassified) ; overdue is a flag of what is due
set role wardroom_owner;

create table emergency_review (
  tenant_id bigint not null references tenant,
  subject   text not null,
  version   integer not null,
  opened_at timestamptz not null,         -- the change's end
  due_at    timestamptz not null,
  overdue   boolean not null default false,
  verdict   text check (verdict in ('compliant', 'non-compliant', 'misclassified')),
  reviewer  text,
  closed_at timestamptz,
  primary key (tenant_id, subject),
  check ((verdict is null) = (closed_at is null) and (verdict is null) = (reviewer is null))
);
create index emergency_review_owed on emergency_review (tenant_id, due_at) where verdict is null;

call dlog.guard('emergency_review');
grant select, insert on emergency_review to wardroom_app;
grant update (version, overdue, verdict, reviewer, closed_at) on emergency_review to wardroom_app;

reset role;
