-- Exceptions from a procedure (rule 4.35): a rule is set aside for a while, within a scope, by those whom its class names.
--
--   exception: requested --each of its approvers agrees--> active --its end comes--> expired
--              requested --denied--> denied ; requested, active --revoked--> revoked ; requested --its end comes--> expired
set role wardroom_owner;

alter table tenant add column next_exception bigint not null default 1;

create table procedure_exception (
  tenant_id  bigint not null references tenant,
  number     bigint not null,
  subject    text not null generated always as ('EXC-' || number) stored,
  version    integer not null,
  rule       text not null,               -- what it sets aside, in the words of rule 4.35
  class      text not null check (class in ('high', 'medium', 'low')),
  scope      text not null,               -- all, team:core, svc:payments or CHG-88
  status     text not null check (status in ('requested', 'active', 'denied', 'expired', 'revoked')),
  why        text not null,
  control    text not null,               -- what is done instead
  requester  text not null,
  asked_at   timestamptz not null,
  ends_at    timestamptz not null,
  signed_as  text[] not null,             -- roles, and whoever approved as each
  signed_by  text[] not null,
  notices    timestamptz[] not null,      -- when its end is still to be announced
  ended_at   timestamptz,
  primary key (tenant_id, number),
  unique (tenant_id, subject)
);
create index procedure_exception_open on procedure_exception (tenant_id, number) where ended_at is null;

create table exception_use (
  tenant_id bigint not null references tenant,
  subject   text not null,
  version   integer not null,             -- seq of the entry that says so
  change    bigint not null,
  revision  integer not null,
  used_at   timestamptz not null,
  primary key (tenant_id, subject, version)
);
create index exception_use_of on exception_use (tenant_id, change);

call dlog.guard('procedure_exception');
call dlog.guard('exception_use');
grant select, insert on procedure_exception, exception_use to wardroom_app;
grant update (version, status, signed_as, signed_by, notices, ended_at, why, control)
  on procedure_exception to wardroom_app;

reset role;
