-- What a peer reviewer said of one revision, and how they answered the three questions. What must change is in the log alone.
--
--   changes -> ok      a newer row of the same person; until then the change is not approved, unless its text is another
set role wardroom_owner;

create table peer_review (
  tenant_id bigint not null references tenant,
  subject   text not null,               -- the change
  version   integer not null,            -- seq of the entry that says it
  revision  integer not null,
  person    text not null,
  verdict   text not null check (verdict in ('ok', 'changes')),
  target    boolean not null,            -- it is the right target
  rollback  boolean not null,            -- its rollback is usable
  effects   boolean not null,            -- its side effects are acceptable
  said_at   timestamptz not null,
  primary key (tenant_id, subject, version),
  check (verdict = 'changes' or (target and rollback and effects))
);

call dlog.guard('peer_review');
grant select, insert on peer_review to wardroom_app;

reset role;
