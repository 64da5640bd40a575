-- What is to be different in the policy, as somebody asked for it, before anybody has written it. What they said stands in the
-- log alone. A policy file names those that it answers.
--
--   open --a file that answers it is proposed--> answered --that is in force--> adopted | open --declined with a reason--> declined
--   answered --one objects, or another file is proposed instead--> open
set role wardroom_owner;

create table policy_amendment (
  tenant_id   bigint not null references tenant,
  subject     text not null generated always as ('POLICY') stored,
  asked       integer not null,               -- seq of the entry that asks for it
  version     integer not null,
  number      integer not null check (number > 0),
  origin      text not null,                  -- 'audit finding 12': a reference, never prose
  proposed_by text not null,
  proposed_at timestamptz not null,
  due_at      timestamptz not null,
  state       text not null default 'open' check (state in ('open', 'answered', 'adopted', 'declined')),
  answered_by integer,                        -- the entry that proposes the file; null where nobody had to sign that
  reminded    boolean not null default false,
  overdue     boolean not null default false,
  settled_by  text,
  settled_at  timestamptz,
  primary key (tenant_id, asked),
  unique (tenant_id, number)
);

call dlog.guard('policy_amendment');
grant select, insert on policy_amendment to wardroom_app;
grant update (version, state, answered_by, reminded, overdue, settled_by, settled_at) on policy_amendment to wardroom_app;

reset role;
